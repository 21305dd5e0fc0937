pub mod consent;
pub mod message;
pub mod preference;
pub mod push_subscription;
pub mod telegram_link;
pub mod telegram_update;
pub mod template;
