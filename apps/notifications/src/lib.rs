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
mod schemas;
pub mod services;
mod settings;
mod transports;

pub use letters::{Letter, Letters};
pub use models::message::Channel;
pub use services::Message;
pub use settings::{MailSettings, SmsSettings};
pub use transports::{Sent, check_mail, check_sms, mailbox};

use kernel::App;

/// Письма и SMS.
pub fn app() -> App {
    App::new("notifications", "Уведомления")
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<MailSettings>("mail")
        .settings::<SmsSettings>("sms")
        .table::<models::message::Entity>()
        .permissions(permissions::ALL)
        .table::<models::template::Entity>()
        .declare(admin::messages())
        .declare(admin::templates())
        .declare(settings::editable())
        .declare(settings::editable_sms())
        .routes(api::routes)
        .job::<jobs::SendMessage>()
        .every::<jobs::PollSms>("* * * * *")
}
