//! Волна отменена: её места возвращаются деньгами. Заказ только из этой волны отменяется, из остальных уходят её строки, а неоплаченный
//! заодно дешевеет (`reprice`).

use kernel::{Error, Money, Result, Work};
use payments::models::Payment;
use preorders::events::WaveMoved;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};

use super::cancel_order::cancel;
use super::record::record_payment;
use super::reprice::{self, NewPrice};
use super::shares::share_in;
use super::{letters, pieces};
use crate::events::ItemsCancelled;
use crate::models::*;
use crate::queries;

/// Причина отмены: слова — `orders.reasons.wave_cancelled`.
const REASON: &str = "wave_cancelled";

/// Возвращает деньги за места волны, а если их ещё не платили — больше их не просит.
pub(super) async fn drop_wave(work: &mut Work, order: &order::Model, moved: &WaveMoved) -> Result<()> {
    let items = queries::items_of(work.db(), vec![order.id]).await?;
    let live = || items.iter().filter(|item| item.cancelled_at.is_none());
    let (lost, kept): (Vec<_>, Vec<_>) = live().cloned().partition(|item| is_in(item, moved));
    if lost.is_empty() {
        return Ok(());
    }
    if kept.is_empty() && order.status.holds_stock() {
        return match cancel(work, order, REASON, &moved.message).await? {
            true => Ok(()),
            false => Err(Error::unavailable("database.busy", 1)),
        };
    }
    // И заказ с оплатой при получении, за который уже взялись: при выдаче спросят только за оставшееся.
    let is_unpaid = order.paid_at.is_none() && !order.is_free();
    let gone = match is_unpaid && order.status.holds_stock() {
        true => Gone { price: Some(reprice::drop_lines(work, order, &lost).await?), ..Gone::default() },
        false => {
            cancel_items(work, order, &lost).await?;
            Gone { refunded: give_back(work, order, &lost, &wave_key(order, moved)).await?, ..Gone::default() }
        }
    };
    preorders::services::release_in(work, &order.subject(), moved.wave_id).await?;
    record_payment(work, order.id, REASON, &gone.note()).await?;
    let item_ids = lost.iter().map(|item| item.id).collect();
    work.emit(&ItemsCancelled { order_id: order.id, item_ids, refunded_amount: gone.refunded }).await?;
    letters::items_cancelled(work, order, &lost, &gone, &moved.message).await
}

/// Чем обернулась отмена строк: деньги возвращаются или заказ подешевел.
#[derive(Clone, Debug, Default)]
pub(super) struct Gone {
    pub refunded: Money,
    pub price: Option<NewPrice>,
}

impl Gone {
    /// Сумма для истории заказа: сколько возвращается или сколько теперь к оплате.
    fn note(&self) -> String {
        self.price.as_ref().map_or(self.refunded, |price| price.to_pay).to_string()
    }
}

fn wave_key(order: &order::Model, moved: &WaveMoved) -> String {
    format!("order:{}:wave:{}", order.id, moved.wave_id)
}

fn is_in(item: &order_item::Model, moved: &WaveMoved) -> bool {
    item.product_id == moved.product_id && item.preorder_wave == Some(moved.wave_number)
}

/// Остаток, который за строки спросили бы, и сами строки: два условных UPDATE, заказ — первым, как везде.
async fn cancel_items(work: &mut Work, order: &order::Model, lost: &[order_item::Model]) -> Result<()> {
    let unpaid = if order.balance_paid_at.is_some() { Money::ZERO } else { balances(lost) };
    let changed = Order::update_many()
        .col_expr(order::Column::BalanceAmount, Expr::col(order::Column::BalanceAmount).sub(unpaid))
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(order.status))
        .filter(order::Column::BalanceAmount.eq(order.balance_amount))
        .filter(if_null(order::Column::BalancePaidAt, order.balance_paid_at.is_none()))
        .exec(work.db())
        .await?;
    let cancelled = OrderItem::update_many()
        .col_expr(order_item::Column::CancelledAt, Expr::value(work.timestamp()))
        .filter(order_item::Column::Id.is_in(lost.iter().map(|item| item.id)))
        .filter(order_item::Column::CancelledAt.is_null())
        .exec(work.db())
        .await?;
    if cancelled.rows_affected != lost.len() as u64 || changed.rows_affected != 1 {
        return Err(Error::unavailable("database.busy", 1));
    }
    // Открытый платёж за остаток просит старую сумму: его заменит новый.
    if unpaid.is_zero() { Ok(()) } else { payments::services::withdraw_for(work, &order.balance_subject()).await }
}

fn if_null(column: order::Column, is_null: bool) -> sea_orm::sea_query::SimpleExpr {
    if is_null { column.is_null() } else { column.is_not_null() }
}

fn balances(items: &[order_item::Model]) -> Money {
    items.iter().map(|item| item.balance_amount).sum()
}

/// Возвращает уплаченное за невозвращённые штуки строк — из первого платежа и, если остаток уже пришёл, из второго. Отдаёт сумму.
pub(super) async fn give_back(
    work: &mut Work,
    order: &order::Model,
    lost: &[order_item::Model],
    key: &str,
) -> Result<Money> {
    let part = |sum: fn(&order_item::Model) -> Money| -> Vec<(i64, Money)> {
        lost.iter().map(|item| (item.id, item.share_of(sum(item), item.kept()))).collect()
    };
    let (first, second) = (part(order_item::Model::due_now), part(|item| item.balance_amount));
    let mut back = Money::ZERO;
    for (payment_id, items) in [(order.payment_id, first), (order.balance_payment_id, second)] {
        if let Some(payment_id) = payment_id {
            back += refund_items(work, order, payment_id, items, key).await?;
        }
    }
    for item in lost.iter().filter(|item| item.kept() > 0 && order.payment_id.is_some()) {
        pieces::take(work, key, item, item.kept()).await?;
    }
    Ok(back)
}

/// Сотрудник мог вернуть часть раньше, поэтому не больше, чем в доле осталось.
async fn refund_items(
    work: &mut Work,
    order: &order::Model,
    payment_id: i64,
    items: Vec<(i64, Money)>,
    key: &str,
) -> Result<Money> {
    let Some(payment) = Payment::find_by_id(payment_id).one(work.db()).await? else { return Ok(Money::ZERO) };
    let Some(share) = share_in(work, &payment, order.id).await? else { return Ok(Money::ZERO) };
    let asked: Money = items.iter().map(|(_, amount)| *amount).sum();
    let amount = Ord::min(asked, share.left);
    if amount.is_zero() {
        return Ok(Money::ZERO);
    }
    share.refund(work, payment_id, amount, REASON, key.to_owned(), items).await?;
    Ok(amount)
}
