//! На что откликаемся.

use accounts::events::UserErased;
use kernel::{Listener, Result, Work};

use crate::services;

/// Человек стёр учётную запись.
pub struct ForgetUser;

impl Listener for ForgetUser {
    const NAME: &'static str = "preorders.forget_user";
    type Event = UserErased;

    async fn handle(work: &mut Work, event: UserErased) -> Result<()> {
        services::forget_user(work, event.user_id).await
    }
}
