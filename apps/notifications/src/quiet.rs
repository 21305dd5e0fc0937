//! Тихое время: ночью SMS, Telegram и уведомления браузера ждут утра.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use kernel::Ctx;

use crate::models::message::{Channel, Model};
use crate::settings::NotificationSettings;

/// До какого мига ждёт это сообщение; `None` — можно отправлять.
pub fn wait_of(ctx: &Ctx, message: &Model) -> Option<DateTime<Utc>> {
    if message.channel == Channel::Email || message.is_urgent {
        return None;
    }
    let (from, to) = ctx.section::<NotificationSettings>().quiet()?;
    quiet_till(ctx.now(), ctx.shop_offset(), from, to)
}

/// Когда кончится тихое время, если оно идёт. `from == to` — тихого времени нет; `from > to` — оно через полночь.
pub fn quiet_till(now: DateTime<Utc>, offset: TimeDelta, from: NaiveTime, to: NaiveTime) -> Option<DateTime<Utc>> {
    let local = now.naive_utc() + offset;
    let time = local.time();
    let is_quiet = match from <= to {
        true => from <= time && time < to,
        false => time >= from || time < to,
    };
    // Конец — ближайшие `to`: сегодня, если ещё не прошли.
    let day = local.date() + TimeDelta::days(i64::from(time >= to));
    is_quiet.then(|| (day.and_time(to) - offset).and_utc())
}
