//! На что откликаемся.

use accounts::events::UserErased;
use kernel::{Listener, Result, Work};
use notifications::events::MessageSent;

use crate::models::code::SUBJECT;
use crate::services;

/// Письмо с кодом ушло: время и событие — в той же транзакции.
pub struct MarkSent;

impl Listener for MarkSent {
    const NAME: &'static str = "campaigns.mark_sent";
    type Event = MessageSent;

    async fn handle(work: &mut Work, event: MessageSent) -> Result<()> {
        match event.about.id_of(SUBJECT) {
            Some(code_id) => services::mark_sent(work, code_id).await,
            None => Ok(()),
        }
    }
}

/// Человек стёр учётную запись.
pub struct EraseUser;

impl Listener for EraseUser {
    const NAME: &'static str = "campaigns.erase_user";
    type Event = UserErased;

    async fn handle(work: &mut Work, event: UserErased) -> Result<()> {
        services::erase_user(work, event.user_id).await
    }
}
