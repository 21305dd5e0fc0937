//! На что откликаемся.

use accounts::events::UserErased;
use kernel::{Listener, Result, Work};
use sea_orm::entity::prelude::*;

use crate::models::*;

/// Человек стёр учётную запись: корзина больше ничья.
pub struct DropErased;

impl Listener for DropErased {
    const NAME: &'static str = "cart.drop_erased";
    type Event = UserErased;

    async fn handle(work: &mut Work, event: UserErased) -> Result<()> {
        Cart::delete_many().filter(cart::Column::UserId.eq(event.user_id)).exec(work.db()).await?;
        Ok(())
    }
}
