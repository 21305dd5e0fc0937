//! Прежние сообщения и согласия переживают перемены таблиц. На SQLite таблица сообщений переписывается, её и проверяем.

use kernel::data::{Db, Migrator};
use kernel::settings::DatabaseSettings;
use notifications::models::message::{self, Channel, Purpose, Status};
use notifications::models::{consent, preference};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, NotSet, Set};
use testkit::TestApp;

use crate::people::apps;

const OLD: &str = "INSERT INTO messages (id, channel, recipient, template, subject, body, is_secret, status, created_at, provider, provider_id) \
    VALUES (41, 'sms', '+79000000000', 'shop.letters.code', '', 'Код', FALSE, 'sent', '2026-01-01 00:00:00', 'smsru', '7')";

const PERSON: &str = "INSERT INTO users (public_id, email, email_normalized, first_name, last_name, patronymic, name_normalized, full_name, \
    address, cdek_point, telegram, vk, avatar, newsletter, is_active, session_version, created_at, updated_at) \
    VALUES (x'00112233445566778899aabbccddeeff', 'a@example.ru', 'a@example.ru', '', '', '', '', '', '', '', '', '', '', TRUE, TRUE, 1, \
    '2026-01-01 00:00:00', '2026-01-02 00:00:00')";

#[tokio::test]
async fn old_messages_and_consents_stay() {
    let app = TestApp::new(apps()).await;
    let url = format!("sqlite:{}", app.folder().join("old.sqlite3").display());
    let db = Db::connect(&url, &DatabaseSettings::default()).await.expect("database");
    let is_new = |name: &str| {
        name.contains("add_channels") || name.contains("widen_messages") || name.contains("write_down_newsletter")
    };
    let all = kernel::Platform::migrator_of(&apps());
    let old = Migrator { steps: all.steps.iter().filter(|step| !is_new(&step.name)).cloned().collect() };
    old.run(&db, app.ctx.clock()).await.expect("old tables");
    for sql in [OLD, PERSON] {
        db.write.execute_unprepared(sql).await.expect("old row");
    }
    assert_eq!(all.run(&db, app.ctx.clock()).await.expect("new tables"), 3);

    let row = message::Entity::find().one(&db.write).await.expect("read").expect("message");
    assert_eq!((row.id, row.channel, row.status, row.purpose), (41, Channel::Sms, Status::Sent, Purpose::Service));
    assert_eq!((row.body.as_str(), row.provider_id.as_deref(), row.is_urgent), ("Код", Some("7"), false));
    let next = message::ActiveModel { id: NotSet, channel: Set(Channel::Push), ..row.into_active_model() };
    assert_eq!(next.insert(&db.write).await.expect("a message of a new channel").id, 42);

    let given = consent::Entity::find().one(&db.write).await.expect("read").expect("consent");
    assert_eq!((given.channel, given.purpose, given.is_given), (Channel::Email, Purpose::Advertising, true));
    let chosen = preference::Entity::find().one(&db.write).await.expect("read").expect("preference");
    assert_eq!((chosen.user_id, chosen.service, chosen.advertising), (given.user_id, true, true));
    db.close().await;
    app.close().await;
}
