//! Тихое время.

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use notifications::models::message::{Channel, Status};
use notifications::{mailbox, quiet_till};
use proptest::prelude::*;
use serde_json::json;

use crate::people::*;

/// Часы теста стоят на 12:00 по Москве; столько до 23:30.
const TO_NIGHT: TimeDelta = TimeDelta::minutes(11 * 60 + 30);

/// Ночью SMS ждёт утра, и это видно; письмо и срочное уходят сразу.
#[tokio::test]
async fn a_night_message_waits_for_the_morning() {
    let (app, anna, client) = shop("[notifications]\nquiet_from = \"22:00\"\nquiet_to = \"09:00\"\n").await;
    client.patch("/api/v1/users/me/notifications", json!({"sms": {"service": true}})).await.expect(200);
    app.run_jobs().await;
    app.advance(TO_NIGHT);
    tell(&app, &anna, "shipped", false).await;
    app.run_jobs().await;
    assert_eq!(states(&app).await, [(Channel::Email, Status::Sent), (Channel::Sms, Status::Waiting)]);
    let morning = Utc.with_ymd_and_hms(2026, 3, 3, 6, 0, 0).single().expect("date").naive_utc();
    assert_eq!(messages(&app).await[1].not_before, Some(morning));

    // Другой экземпляр поднимает то же самое: ожидание — строка в базе, а не память.
    let twin = app.twin(apps(), "").await;
    twin.ctx.clock().freeze(app.ctx.now() + TimeDelta::hours(9));
    twin.run_jobs().await;
    assert_eq!(states(&app).await[1], (Channel::Sms, Status::Waiting), "08:30 is still night");
    twin.advance(TimeDelta::minutes(30));
    twin.run_jobs().await;
    assert_eq!(states(&app).await[1], (Channel::Sms, Status::Sent));
    twin.close().await;

    tell(&app, &anna, "shipped", true).await;
    app.run_jobs().await;
    assert_eq!(states(&app).await[3], (Channel::Sms, Status::Sent), "an urgent one does not wait");
    app.close().await;
}

/// Код для входа приходит и ночью.
#[tokio::test]
async fn codes_do_not_wait() {
    let (app, anna, _) = shop("").await;
    app.advance(TO_NIGHT);
    app.anon().post("/api/v1/auth/code/send", json!({"phone": anna.phone})).await.expect(200);
    app.run_jobs().await;
    assert_eq!(mailbox(&app.ctx).len(), 1);
    app.close().await;
}

#[test]
fn a_wrong_time_is_refused_at_once() {
    for (text, is_good) in [("22:00", true), ("", true), ("25:00", false), ("десять", false)] {
        let preset = Some(format!("[notifications]\nquiet_from = \"{text}\"\n"));
        let sources = kernel::settings::Sources { preset, ..Default::default() };
        assert_eq!(kernel::Platform::settings(&[notifications::app()], &sources).is_ok(), is_good, "{text}");
    }
}

fn at(minutes: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).expect("time")
}

fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (0i64..4 * 366 * 24 * 3600)
        .prop_map(|seconds| DateTime::from_timestamp(1_767_225_600 + seconds, 0).expect("moment"))
}

proptest! {
    /// Конец — не дальше суток, по местным часам это `to`, и тогда уже не тихо; до него тихо всё время.
    #[test]
    fn quiet_time_ends_when_told(now in moment(), offset in -12i64 * 60..14 * 60, from in 0u32..1440, to in 0u32..1440, part in 0.0f64..1.0) {
        let (offset, from, to) = (TimeDelta::minutes(offset), at(from), at(to));
        match quiet_till(now, offset, from, to) {
            Some(end) => {
                prop_assert!(now < end && end - now <= TimeDelta::days(1));
                prop_assert_eq!((end.naive_utc() + offset).time(), to);
                prop_assert_eq!(quiet_till(end, offset, from, to), None);
                let between = now + TimeDelta::seconds(((end - now).num_seconds() as f64 * part) as i64);
                prop_assert_eq!(quiet_till(between.min(end - TimeDelta::seconds(1)), offset, from, to), Some(end));
            }
            None => {
                let time = (now.naive_utc() + offset).time();
                // Тихо бывает ровно столько минут, сколько от `from` до `to`.
                let since = (time - from).num_seconds().rem_euclid(86_400);
                prop_assert!(since >= (to - from).num_seconds().rem_euclid(86_400));
            }
        }
    }

    /// Равные границы — тихого времени нет.
    #[test]
    fn equal_bounds_never_wait(now in moment(), bound in 0u32..1440) {
        prop_assert_eq!(quiet_till(now, TimeDelta::hours(3), at(bound), at(bound)), None);
    }
}
