//! Чтение заказов. Чей заказ — часть запроса: чужой и несуществующий неотличимы.

mod view;

pub(crate) use view::waves_of;
pub use view::{Viewer, detail, detail_in, order_list, placed_out, quote_out};

use kernel::{Ctx, Result};
use payments::models::payment;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, Func, SimpleExpr};
use sea_orm::{QueryOrder, Select};

use crate::models::*;
use crate::schemas::OrderFilter;

pub async fn order_by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<order::Model>> {
    Ok(Order::find_by_id(id).one(db).await?)
}

/// Заказ этого покупателя.
pub async fn own_order(db: &impl ConnectionTrait, id: i64, user_id: i64) -> Result<Option<order::Model>> {
    Ok(Order::find_by_id(id).filter(order::Column::UserId.eq(user_id)).one(db).await?)
}

/// Заказ по ключу из письма: им пользуется гость.
pub async fn by_token(db: &impl ConnectionTrait, token: &str) -> Result<Option<order::Model>> {
    let is_token = token.len() == 32 && token.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_token {
        return Ok(None);
    }
    Ok(Order::find().filter(order::Column::AccessToken.eq(token)).one(db).await?)
}

/// Заказы покупателя, новые первыми.
pub fn orders_of(user_id: i64) -> Select<Order> {
    Order::find().filter(order::Column::UserId.eq(user_id)).order_by_desc(order::Column::Id)
}

/// Все заказы под фильтр сотрудника, новые первыми.
pub fn matching(filter: &OrderFilter) -> Select<Order> {
    let mut find = Order::find().order_by_desc(order::Column::Id);
    if let Some(status) = filter.status {
        find = find.filter(order::Column::Status.eq(status));
    }
    if let Some(status) = filter.payment_status {
        find = find.filter(order::Column::PaymentStatus.eq(status));
    }
    if let Some(number) = &filter.number {
        find = find.filter(order::Column::Number.eq(number.trim().to_uppercase()));
    }
    if let Some(phone) = &filter.phone {
        let phone = accounts::phones::parse(phone).unwrap_or_else(|| phone.clone());
        find = find.filter(order::Column::ContactPhone.eq(phone));
    }
    find
}

/// Получено за оплаченный заказ, выражением для отчётов; то же, что [`order::Model::received`].
pub fn received() -> SimpleExpr {
    let first = Func::coalesce([
        Expr::col((Order, order::Column::DepositAmount)),
        Expr::col((Order, order::Column::FinalAmount)),
    ]);
    let balance = CaseStatement::new()
        .case(order::Column::BalancePaidAt.is_not_null(), Expr::col((Order, order::Column::BalanceAmount)))
        .finally(0);
    Expr::expr(first).add(SimpleExpr::Case(Box::new(balance)))
}

/// Заказы, держащие места в волне, новые первыми.
pub async fn orders_in_wave(ctx: &Ctx, wave_id: i64) -> Result<Select<Order>> {
    let owners: Vec<String> =
        preorders::queries::owners_in(wave_id, order::SUBJECT).into_tuple().all(ctx.db_fresh()).await?;
    let ids = owners.iter().filter_map(|owner| owner.parse::<i64>().ok());
    Ok(Order::find().filter(order::Column::Id.is_in(ids)).order_by_desc(order::Column::Id))
}

/// Открытый платёж заказа: первый или, после задатка, за остаток.
pub async fn open_payment(ctx: &Ctx, order_id: i64) -> Result<Option<payment::Model>> {
    let Some(order) = order_by_id(ctx.db_fresh(), order_id).await? else { return Ok(None) };
    let subject = if order.paid_at.is_none() { order.first_subject() } else { order.balance_subject() };
    payments::queries::open_of(ctx.db_fresh(), &subject).await
}

/// Остальные заказы той же корзины.
pub async fn siblings(db: &impl ConnectionTrait, order: &order::Model) -> Result<Vec<order::Model>> {
    let Some(checkout) = &order.checkout else { return Ok(Vec::new()) };
    let all = Order::find().filter(order::Column::Checkout.eq(checkout.as_str())).order_by_asc(order::Column::Id);
    let all = all.filter(order::Column::Id.ne(order.id));
    Ok(all.all(db).await?)
}

/// Строки данных заказов по порядку.
pub async fn items_of(db: &impl ConnectionTrait, order_ids: Vec<i64>) -> Result<Vec<order_item::Model>> {
    let find = OrderItem::find().filter(order_item::Column::OrderId.is_in(order_ids));
    Ok(find.order_by_asc(order_item::Column::OrderId).order_by_asc(order_item::Column::Id).all(db).await?)
}

pub async fn history_of(db: &impl ConnectionTrait, order_id: i64) -> Result<Vec<history::Model>> {
    let find = History::find().filter(history::Column::OrderId.eq(order_id));
    Ok(find.order_by_asc(history::Column::Id).all(db).await?)
}

pub async fn stages_of(db: &impl ConnectionTrait, order_id: i64) -> Result<Vec<stage::Model>> {
    Ok(Stage::find().filter(stage::Column::OrderId.eq(order_id)).all(db).await?)
}
