#![doc = include_str!("../README.md")]

mod admin;
mod api;
pub mod events;
mod jobs;
mod known_templates;
pub mod letters;
mod migrations;
pub mod models;
pub mod permissions;
pub mod queries;
mod quiet;
mod schemas;
pub mod services;
mod settings;
mod transports;
mod unsubscribe;

pub use letters::{Advertising, Letter, Letters};
pub use models::message::{Channel, Purpose};
pub use quiet::quiet_till;
pub use schemas::SubscriptionIn;
pub use services::{Message, Notice, Person};
pub use settings::{MailSettings, NotificationSettings, PushSettings, SmsSettings, TelegramSettings};
pub use transports::{Sent, check_mail, check_sms, check_telegram, crypto, mailbox};

use kernel::App;

/// Письма, SMS, Telegram, уведомления в браузере.
pub fn app() -> App {
    App::new("notifications", "Уведомления")
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<NotificationSettings>("notifications")
        .settings::<MailSettings>("mail")
        .settings::<SmsSettings>("sms")
        .settings::<TelegramSettings>("telegram")
        .settings::<PushSettings>("push")
        .permissions(permissions::ALL)
        .table::<models::message::Entity>()
        .table::<models::template::Entity>()
        .table::<models::preference::Entity>()
        .table::<models::consent::Entity>()
        .table::<models::telegram_link::Entity>()
        .table::<models::telegram_update::Entity>()
        .table::<models::push_subscription::Entity>()
        .declare(admin::messages())
        .declare(admin::templates())
        .declare(admin::consents_of_person())
        .declare(settings::editable())
        .declare(settings::editable_sms())
        .declare(settings::editable_notifications())
        .declare(settings::editable_telegram())
        .routes(api::routes)
        .job::<jobs::SendMessage>()
        .every::<jobs::PollSms>("* * * * *")
        .every::<jobs::KeepTelegram>("*/10 * * * *")
}
