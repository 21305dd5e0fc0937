//! Что мы сообщаем другим: без адресов и текстов.

use kernel::{Event, Subject};
use serde::{Deserialize, Serialize};

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
