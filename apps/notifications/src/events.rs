//! Что мы сообщаем другим: без адресов и текстов.

use kernel::{Event, Subject};
use serde::{Deserialize, Serialize};

use crate::models::message::{Channel, Purpose};

/// Ушло сообщение о предмете (см. [`crate::services::send_about`]).
#[derive(Debug, Serialize, Deserialize)]
pub struct MessageSent {
    pub message_id: i64,
    pub about: Subject,
}

impl Event for MessageSent {
    const NAME: &'static str = "notifications.message_sent";

    fn subject(&self) -> Subject {
        self.about.clone()
    }
}

/// Человек дал согласие или отозвал его.
#[derive(Debug, Serialize, Deserialize)]
pub struct ConsentChanged {
    pub user_id: i64,
    pub channel: Channel,
    pub purpose: Purpose,
    pub is_given: bool,
}

impl Event for ConsentChanged {
    const NAME: &'static str = "notifications.consent_changed";

    fn subject(&self) -> Subject {
        // О людях говорят приложения выше; их предмет здесь — лишь имя.
        Subject::new("accounts.user", self.user_id)
    }
}
