//! Согласия: что включено, журнал, реклама, отписка.

use kernel::Lang;
use notifications::models::consent::Source;
use notifications::models::message::{Channel, Purpose, Status};
use notifications::{Person, mailbox};
use serde_json::json;

use crate::people::*;

const MINE: &str = "/api/v1/users/me/notifications";

/// О своих делах пишут и без согласия, рекламу — только с ним; отказ виден с причиной.
#[tokio::test]
async fn advertising_waits_for_consent() {
    let (app, anna, client) = shop("").await;
    tell(&app, &anna, "shipped", false).await;
    tell(&app, &anna, "sale", false).await;
    app.run_jobs().await;
    assert_eq!(states(&app).await, [(Channel::Email, Status::Sent), (Channel::Email, Status::Skipped)]);
    assert_eq!(messages(&app).await[1].error.as_deref(), Some("no consent to advertising"));

    client.patch(MINE, json!({"email": {"advertising": true}})).await.expect(200);
    tell(&app, &anna, "sale", false).await;
    app.run_jobs().await;
    let sent = mailbox(&app.ctx).pop().expect("letter");
    assert_eq!(sent.subject, "Распродажа");
    assert!(sent.body.contains("/api/v1/unsubscribe/"), "{}", sent.body);
    app.assert_no_drift().await;
    app.close().await;
}

/// Реклама по адресу, чьего хозяина магазин не знает, не уходит никому.
#[tokio::test]
async fn a_guest_gets_no_advertising() {
    let (app, _, _) = shop("").await;
    let guest = Person { user_id: None, email: Some("guest@example.ru".into()), phone: None, lang: Lang::Ru };
    tell_to(&app, guest, "sale", false).await;
    let message = notifications::Message {
        channel: Channel::Email,
        to: "guest@example.ru".into(),
        template: "shop.letters.sale".into(),
        lang: Lang::Ru,
        data: json!({"unsubscribe": ""}),
        secret: false,
    };
    let queue = async move |work: &mut kernel::Work| notifications::services::send_later(work, &message).await;
    app.ctx.atomic(&kernel::Actor::System("test"), queue).await.expect("queued");
    app.run_jobs().await;
    assert_eq!(states(&app).await, [(Channel::Email, Status::Skipped); 2]);
    assert!(mailbox(&app.ctx).is_empty());
    app.close().await;
}

/// Передумал, пока реклама ждала: не уйдёт.
#[tokio::test]
async fn consent_withdrawn_in_time_stops_what_was_queued() {
    let (app, anna, client) = shop("").await;
    client.patch(MINE, json!({"email": {"advertising": true}})).await.expect(200);
    tell(&app, &anna, "sale", false).await;
    client.patch(MINE, json!({"email": {"advertising": false}})).await.expect(200);
    app.run_jobs().await;
    assert_eq!(states(&app).await, [(Channel::Email, Status::Skipped)]);
    assert!(mailbox(&app.ctx).is_empty());
    app.close().await;
}

/// Строка журнала — на перемену, а не на запрос; с редакцией текста, временем и адресом.
#[tokio::test]
async fn every_change_is_written_down_once() {
    let (app, anna, client) = shop("[notifications]\ndocument = \"2026-03\"\n").await;
    let client = client.from_ip([203, 0, 113, 7]);
    let before = client.get(MINE).await.expect(200).json();
    assert_eq!(before["email"], json!({"service": true, "advertising": false}));
    assert_eq!(before["sms"], json!({"service": false, "advertising": false}));
    for _ in 0..2 {
        let after = client.patch(MINE, json!({"sms": {"service": true}, "email": {"advertising": true}})).await;
        assert_eq!(after.expect(200).json()["email"]["advertising"], true);
    }
    client.patch(MINE, json!({"push": {"advertising": false}})).await.expect(200);
    let rows = journal(&app).await;
    let said: Vec<_> = rows.iter().map(|row| (row.user_id, row.channel, row.purpose, row.is_given)).collect();
    let id = anna.user_id;
    assert_eq!(
        said,
        [(id, Channel::Email, Purpose::Advertising, true), (id, Channel::Sms, Purpose::Service, true)],
        "what was so already is not written"
    );
    assert!(rows.iter().all(|row| row.document == "2026-03" && row.source == Source::Profile));
    assert!(
        rows.iter().all(|row| row.ip.as_deref() == Some("203.0.113.7") && row.created_at == app.ctx.now().naive_utc())
    );
    app.run_jobs().await;
    app.close().await;
}

/// Согласие одновременно с двух устройств — одна строка журнала.
#[tokio::test]
async fn two_at_once_agree_once() {
    let (app, _, client) = shop("").await;
    let yes = || client.patch(MINE, json!({"email": {"advertising": true}}));
    let answers = futures::future::join_all((0..6).map(|_| yes())).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(journal(&app).await.len(), 1);
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn a_changed_text_is_read_again() {
    let (app, _, client) = shop("[notifications]\ndocument = \"2\"\n").await;
    let old = json!({"email": {"advertising": true}, "document": "1"});
    client.patch(MINE, old).await.refused(409, "notifications.document_changed");
    client.patch(MINE, json!({"email": {"loud": true}})).await.invalid("email.loud");
    assert!(journal(&app).await.is_empty());
    client.patch(MINE, json!({"email": {"advertising": true}, "document": "2"})).await.expect(200);
    app.anon().get(MINE).await.expect(401);
    app.run_jobs().await;
    app.close().await;
}

/// Человек выбирает канал; выключил всё — о своём заказе он всё равно узнает.
#[tokio::test]
async fn a_person_chooses_the_channel() {
    let (app, anna, client) = shop("[notifications]\nquiet_from = \"\"\n").await;
    client.patch(MINE, json!({"email": {"service": false}, "sms": {"service": true}})).await.expect(200);
    tell(&app, &anna, "shipped", false).await;
    client.patch(MINE, json!({"sms": {"service": false}})).await.expect(200);
    tell(&app, &anna, "shipped", false).await;
    client.patch(MINE, json!({"sms": {"service": true}, "email": {"service": true}})).await.expect(200);
    tell(&app, &anna, "shipped", false).await;
    // Слов для SMS у этого письма нет.
    tell(&app, &anna, "plain", false).await;
    app.run_jobs().await;
    let channels: Vec<_> = mailbox(&app.ctx).into_iter().map(|sent| sent.channel).collect();
    let (email, sms) = (Channel::Email, Channel::Sms);
    assert_eq!(channels, [sms, email, email, sms, email]);
    app.close().await;
}

/// Ссылка из письма: открыть её мало, отписывает нажатие; чужая подпись — ничего; в профиле рассылки тоже больше нет.
#[tokio::test]
async fn one_click_unsubscribes() {
    let (app, anna, client) = shop("").await;
    client.patch("/api/v1/users/me", json!({"newsletter": true})).await.expect(200);
    tell(&app, &anna, "sale", false).await;
    app.run_jobs().await;
    let body = mailbox(&app.ctx).pop().expect("letter").body;
    let path = body.split_once("/api/v1/").map(|(_, rest)| format!("/api/v1/{rest}")).expect("link");

    let page = app.anon().get(&path).await.expect(200);
    assert!(page.text().contains("<form method=\"post\">"), "{}", page.text());
    assert_eq!(client.get(MINE).await.json()["email"]["advertising"], true, "looking is not asking");
    let forged = path.replace("-email-", "-sms-");
    app.anon().form(&forged, "List-Unsubscribe=One-Click").await.refused(404, "notifications.bad_unsubscribe_link");
    app.anon().get(&format!("{path}0")).await.expect(404);

    for _ in 0..2 {
        app.anon().form(&path, "List-Unsubscribe=One-Click").await.expect(200);
    }
    assert_eq!(client.get(MINE).await.json()["email"]["advertising"], false);
    app.run_jobs().await;
    assert_eq!(client.get("/api/v1/users/me").await.json()["newsletter"], false);
    let sources: Vec<_> = journal(&app).await.into_iter().map(|row| (row.source, row.is_given)).collect();
    assert_eq!(sources, [(Source::Profile, true), (Source::Unsubscribe, false)]);
    app.close().await;
}

/// Стёрли человека — выбора нет, журнал остался без адреса.
#[tokio::test]
async fn an_erased_person_leaves_no_address() {
    let (app, _, client) = shop("").await;
    client.patch(MINE, json!({"email": {"advertising": true}})).await.expect(200);
    client.delete("/api/v1/users/me").await.expect(204);
    let rows = journal(&app).await;
    assert_eq!((rows.len(), rows[0].ip.as_deref()), (1, None));
    app.run_jobs().await;
    app.close().await;
}
