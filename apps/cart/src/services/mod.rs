//! Дела корзины; каждое работает в транзакции вызывающего.
//!
//! Первый оператор каждого дела — `UPDATE carts SET updated_at`: он же замок корзины, поэтому строки одной корзины двое разом не меняют.

mod add;
mod change;
mod merge;
mod take;

pub use add::{Added, add_good, add_item, create_for_user};
pub use change::{change_quantity, clear, remove_item};
pub use merge::merge_guest_cart;
pub use take::{CartLine, take_lines};

use catalog::models::product::{OrderType, ProductKind};
use catalog::queries::Sellable;
use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr};

use crate::models::*;
use crate::owner::CartOwner;
use crate::{errors, queries};

/// Строк в корзине.
pub const MAX_LINES: usize = 200;
/// Штук в строке; то же держит CHECK таблицы.
pub const MAX_QUANTITY: i64 = 10_000;

/// Запирает корзину владельца до конца транзакции; `false` — её ещё нет.
pub(crate) async fn lock(work: &Work, owner: &CartOwner) -> Result<bool> {
    let touched = Cart::update_many()
        .col_expr(cart::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(owned_by(owner))
        .exec(work.db())
        .await?;
    Ok(touched.rows_affected == 1)
}

/// Условие «корзина этого владельца»; у никого корзин нет.
pub(crate) fn owned_by(owner: &CartOwner) -> Condition {
    match owner {
        CartOwner::User(id) => Condition::all().add(cart::Column::UserId.eq(*id)),
        CartOwner::Guest(token) => Condition::all().add(cart::Column::TokenHash.eq(token.hash())),
        CartOwner::Nobody => Condition::all().add(Expr::value(false)),
    }
}

/// Ведётся ли учёт остатка: у услуг, курсов и цифровых товаров его нет, у предзаказа вместо него волны.
pub fn counts_stock(good: &Sellable) -> bool {
    good.kind == ProductKind::Goods && good.order_type == OrderType::Order
}

/// Считаны ли штуки: остаток на складе или места в волнах.
pub(crate) fn is_limited(good: &Sellable) -> bool {
    counts_stock(good) || good.order_type == OrderType::Preorder
}

/// Предзаказ глазами владельца корзины: вместо остатка — места волн, цена — текущей волны.
async fn fit(work: &Work, owner: &CartOwner, good: &mut Sellable) -> Result<()> {
    let places = preorders::services::quote(work.ctx(), work.db(), owner.user_id(), std::slice::from_ref(good)).await?;
    places.fit(good);
    Ok(())
}

/// Сколько штук этого можно положить.
fn limit_of(good: &Sellable) -> i64 {
    if is_limited(good) { good.available.min(MAX_QUANTITY) } else { MAX_QUANTITY }
}

/// Продаётся ли это сейчас.
pub(crate) fn check_on_sale(work: &Work, good: &Sellable) -> Result<()> {
    if !good.on_sale(work.timestamp()) {
        return Err(errors::not_on_sale(good));
    }
    if good.order_type == OrderType::Waiting { Err(errors::waiting(good)) } else { Ok(()) }
}

/// Отказ тому, кто просит больше, чем можно.
fn too_many(good: &Sellable) -> kernel::Error {
    if limit_of(good) < MAX_QUANTITY { errors::out_of_stock(good) } else { errors::too_many_pieces() }
}

/// Строка корзины владельца.
async fn own_item(work: &Work, owner: &CartOwner, item_id: i64) -> Result<Option<cart_item::Model>> {
    queries::own_items(owner).filter(cart_item::Column::Id.eq(item_id)).one(work.db()).await.map_err(Into::into)
}
