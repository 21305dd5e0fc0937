//! Забрать строки корзины в заказ.

use kernel::{Result, Work};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use super::lock;
use crate::models::*;
use crate::owner::CartOwner;
use crate::queries;

/// Что забрали.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CartLine {
    pub variant_id: i64,
    pub quantity: i64,
}

/// Отдаёт строки в том порядке, в каком их клали, и опустошает корзину. Второй такой же вызов получит пустой список.
pub async fn take_lines(work: &mut Work, owner: &CartOwner) -> Result<Vec<CartLine>> {
    if !lock(work, owner).await? {
        return Ok(Vec::new());
    }
    let items = queries::own_items(owner).order_by_asc(cart_item::Column::Id).all(work.db()).await?;
    if items.is_empty() {
        return Ok(Vec::new());
    }
    CartItem::delete_many().filter(cart_item::Column::CartId.eq(items[0].cart_id)).exec(work.db()).await?;
    Ok(items.iter().map(|item| CartLine { variant_id: item.variant_id, quantity: item.quantity }).collect())
}
