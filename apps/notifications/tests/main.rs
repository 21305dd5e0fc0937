//! Письма и SMS через службу, как ими пользуются приложения.
#![expect(clippy::expect_used, reason = "тесту положено падать с понятным словом")]

mod consent;
mod migration;
mod people;
mod push;
mod quiet;
mod sms;
mod smtp;
mod telegram;

use kernel::{Actor, App, Lang, Work};
use notifications::models::message;
use notifications::{Channel, Message, mailbox, services};
use sea_orm::EntityTrait;
use serde_json::json;
use testkit::TestApp;

const RU: &str =
    "[letters.code]\nsubject = \"Код {{ code }}\"\nbody = \"Ваш код: {{ code }}\"\nsms = \"Код {{ code }}\"\n";
const EN: &str =
    "[letters.code]\nsubject = \"Code {{ code }}\"\nbody = \"Your code: {{ code }}\"\nsms = \"Code {{ code }}\"\n";

fn apps() -> Vec<App> {
    vec![notifications::app(), App::new("shop", "Магазин").texts(RU, EN)]
}

async fn shop() -> TestApp {
    TestApp::new(apps()).await
}

fn message(channel: Channel, secret: bool) -> Message {
    let (to, template) = ("anna@example.ru".to_owned(), "shop.letters.code".to_owned());
    Message { channel, to, template, lang: Lang::Ru, data: json!({"code": "123456\nBcc: x"}), secret }
}

async fn send(app: &TestApp, message: Message) {
    let sent = app
        .ctx
        .atomic(&Actor::System("test"), async move |work: &mut Work| services::send_later(work, &message).await)
        .await;
    sent.expect("queued");
}

#[tokio::test]
async fn a_letter_is_sent_once_and_its_subject_stays_one_line() {
    let app = shop().await;
    send(&app, message(Channel::Email, false)).await;
    assert!(mailbox(&app.ctx).is_empty(), "nothing is sent inside the request");
    assert_eq!(app.run_jobs().await, 1);
    assert_eq!(app.run_jobs().await, 0);
    let letters = mailbox(&app.ctx);
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].to.as_str(), letters[0].subject.as_str()), ("anna@example.ru", "Код 123456 Bcc: x"));
    app.assert_no_drift().await;
    app.close().await;
}

#[tokio::test]
async fn the_text_of_a_secret_message_does_not_stay_in_the_table() {
    let app = shop().await;
    send(&app, message(Channel::Sms, true)).await;
    app.run_jobs().await;
    assert!(mailbox(&app.ctx)[0].body.contains("123456"));
    let rows = message::Entity::find().all(app.ctx.db_fresh()).await.expect("rows");
    assert_eq!((rows[0].status, rows[0].body.as_str()), (message::Status::Sent, ""));
    app.close().await;
}

#[tokio::test]
async fn a_rolled_back_deed_sends_nothing() {
    let app = shop().await;
    let letter = message(Channel::Email, false);
    let failed: kernel::Result<()> = app
        .ctx
        .atomic(&Actor::System("test"), async move |work: &mut Work| {
            services::send_later(work, &letter).await?;
            Err(kernel::Error::refused("shop.changed_my_mind"))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(app.run_jobs().await, 0);
    assert!(mailbox(&app.ctx).is_empty());
    app.close().await;
}
