//! Строки неоплаченного заказа не состоялись: они уходят, и заказ дешевеет.
//!
//! Цена оставшегося не растёт: скидка его строк и доставка остаются обещанными, даже если порог промокода или бесплатной доставки без
//! ушедшего уже не набран, — набрать его помешал магазин, а не покупатель. Суммы меняет один условный UPDATE, и оплата меняет заказ тем же
//! условием, поэтому двое не разойдутся. Заплатили всё-таки по старой ссылке — строки возвращаются в суммы, заказ оплачен, а за ушедшее
//! деньги уходят обратно: вышло бы то же, приди оплата раньше отмены.

use chrono::TimeDelta;
use kernel::{Error, Money, OrNotFound, Result, Work};
use payments::models::{Status as PaymentState, payment};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::cancel_order::{dissolve, lock_siblings, release_promo};
use super::mark_paid::announce_free;
use super::pay::{bill, paid_together};
use super::record::record_move;
use crate::models::*;
use crate::settings::OrderSettings;
use crate::{errors, queries};

/// Сколько теперь просят и где платить.
#[derive(Clone, Debug)]
pub(super) struct NewPrice {
    /// К оплате сейчас.
    pub to_pay: Money,
    /// Сколько просили раньше.
    pub was: Money,
    /// Потом, остатком.
    pub balance: Money,
    pub pay_url: Option<String>,
}

/// Суммы заказа, которые меняют строки.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    items: Money,
    discount: Money,
    balance: Money,
}

impl Sums {
    fn of_order(order: &order::Model) -> Sums {
        Sums { items: order.items_amount, discount: order.discount_amount, balance: order.balance_amount }
    }

    fn of_lines<'a>(items: impl IntoIterator<Item = &'a order_item::Model>) -> Sums {
        items.into_iter().fold(Sums::default(), |sums, item| Sums {
            items: sums.items + item.amount,
            discount: sums.discount + item.discount_amount,
            balance: sums.balance + item.balance_amount,
        })
    }

    fn plus(self, other: Sums) -> Sums {
        Sums {
            items: self.items + other.items,
            discount: self.discount + other.discount,
            balance: self.balance + other.balance,
        }
    }

    fn minus(self, other: Sums) -> Sums {
        Sums {
            items: self.items - other.items,
            discount: self.discount - other.discount,
            balance: self.balance - other.balance,
        }
    }

    fn to_pay(self, order: &order::Model) -> Money {
        self.items + order.delivery_amount - self.discount
    }

    /// Первый платёж при таких суммах.
    fn due_now(self, order: &order::Model) -> Money {
        self.to_pay(order) - self.balance
    }
}

/// Убирает строки из неоплаченного заказа и заменяет его платёж.
pub(super) async fn drop_lines(work: &mut Work, order: &order::Model, lost: &[order_item::Model]) -> Result<NewPrice> {
    let siblings = lock_siblings(work, order).await?;
    let gone = Sums::of_lines(lost);
    let sums = Sums::of_order(order).minus(gone);
    let loses_code = order.promo_code_id.is_some() && sums.discount.is_zero() && !gone.discount.is_zero();
    change_sums(work, order, sums, loses_code).await?;
    let dropped = OrderItem::update_many()
        .col_expr(order_item::Column::CancelledAt, Expr::value(work.timestamp()))
        .col_expr(order_item::Column::IsDropped, Expr::value(true))
        .filter(order_item::Column::Id.is_in(lost.iter().map(|item| item.id)))
        .filter(order_item::Column::CancelledAt.is_null())
        .exec(work.db())
        .await?;
    if dropped.rows_affected != lost.len() as u64 {
        return Err(Error::unavailable("database.busy", 1));
    }
    promos::services::adjust(work, &order.promo_owner(), -gone.discount, -gone.items).await?;
    if loses_code {
        // Скидка была только на ушедшем: использование покупателю ещё пригодится.
        release_promo(work, order, &siblings).await?;
    }
    let fresh = read(work, order.id).await?;
    let payment = match fresh.is_free() {
        true => finish_free(work, &fresh).await.map(|()| None)?,
        false => replace_payment(work, &fresh).await?,
    };
    Ok(NewPrice {
        to_pay: fresh.due_now(),
        was: order.due_now(),
        balance: fresh.balance_amount,
        pay_url: payment.and_then(|payment| payment.pay_url(work.ctx())),
    })
}

async fn read(work: &Work, order_id: i64) -> Result<order::Model> {
    queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)
}

/// Один условный UPDATE: заказ тот же, каким прочитан, и не оплачен. Условия магазин поменял сам, поэтому срок оплаты начинается заново.
async fn change_sums(work: &Work, order: &order::Model, sums: Sums, loses_code: bool) -> Result<()> {
    let to_pay = sums.to_pay(order);
    let deposit = (!sums.balance.is_zero()).then(|| to_pay - sums.balance);
    let ttl = work.ctx().section::<OrderSettings>().unpaid_ttl_minutes;
    let fresh = (work.now() + TimeDelta::minutes(ttl)).naive_utc();
    let mut update = Order::update_many()
        .col_expr(order::Column::ItemsAmount, Expr::value(sums.items))
        .col_expr(order::Column::DiscountAmount, Expr::value(sums.discount))
        .col_expr(order::Column::TotalAmount, Expr::value(sums.items + order.delivery_amount))
        .col_expr(order::Column::FinalAmount, Expr::value(to_pay))
        .col_expr(order::Column::DepositAmount, Expr::value(deposit))
        .col_expr(order::Column::BalanceAmount, Expr::value(sums.balance))
        .col_expr(order::Column::ExpiresAt, Expr::value(order.expires_at.map(|at| Ord::max(at, fresh))))
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(order.status))
        .filter(order::Column::PaidAt.is_null())
        .filter(order::Column::FinalAmount.eq(order.final_amount))
        .filter(order::Column::BalanceAmount.eq(order.balance_amount));
    if loses_code {
        update = update
            .col_expr(order::Column::PromoCodeId, Expr::value(Option::<i64>::None))
            .col_expr(order::Column::PromoCode, Expr::value(Option::<String>::None));
    }
    let changed = update.exec(work.db()).await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(Error::unavailable("database.busy", 1)) }
}

/// Прежний платёж отзывается, новый просит новую сумму. Платёж, с которым что-то не так, разбирает человек: он и остаётся.
async fn replace_payment(work: &mut Work, order: &order::Model) -> Result<Option<payment::Model>> {
    let open = payments::queries::open_of(work.db(), &order.first_subject()).await?;
    if open.is_some_and(|payment| payment.status == PaymentState::Attention) {
        return Ok(None);
    }
    let orders = paid_together(work, order.clone()).await?;
    bill(work, &orders).await.map(Some)
}

/// Осталось только то, что покрыла скидка: платить нечего, заказ оплачен.
async fn finish_free(work: &mut Work, order: &order::Model) -> Result<()> {
    dissolve(work, order).await?;
    payments::services::withdraw_for(work, &order.subject()).await?;
    let to = if order.status == Status::Pending { Status::Paid } else { order.status };
    let finished = Order::update_many()
        .col_expr(order::Column::Status, Expr::value(to))
        .col_expr(order::Column::PaymentStatus, Expr::value(PaymentStatus::Succeeded))
        .col_expr(order::Column::ExpiresAt, Expr::value(Option::<kernel::Timestamp>::None))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(order.status))
        .exec(work.db())
        .await?;
    if finished.rows_affected == 0 {
        return Err(Error::unavailable("database.busy", 1));
    }
    record_move(work, order, to, Some("nothing_to_pay"), "").await?;
    announce_free(work, order).await
}

/// Заплатили по старой ссылке. Строки, ушедшие последними, возвращаются в суммы, пока они не сойдутся с деньгами. Отдаёт заказ и
/// вернувшиеся строки, за которые деньги пора отдать; `None` — не сошлось, решает человек.
pub(super) async fn take_old_price(
    work: &mut Work,
    order: &order::Model,
    paid: Money,
) -> Result<Option<(order::Model, Vec<order_item::Model>)>> {
    let mut dropped = queries::items_of(work.db(), vec![order.id]).await?;
    dropped.retain(|item| item.is_dropped);
    dropped.sort_by_key(|item| std::cmp::Reverse(item.cancelled_at));
    let mut sums = Sums::of_order(order);
    let mut back: Vec<order_item::Model> = Vec::new();
    for step in dropped.chunk_by(|a, b| a.cancelled_at == b.cancelled_at) {
        sums = sums.plus(Sums::of_lines(step));
        back.extend(step.iter().cloned());
        if sums.due_now(order) == paid {
            return return_lines(work, order, sums, back).await.map(Some);
        }
    }
    Ok(None)
}

async fn return_lines(
    work: &mut Work,
    order: &order::Model,
    sums: Sums,
    back: Vec<order_item::Model>,
) -> Result<(order::Model, Vec<order_item::Model>)> {
    change_sums(work, order, sums, false).await?;
    OrderItem::update_many()
        .col_expr(order_item::Column::IsDropped, Expr::value(false))
        .filter(order_item::Column::Id.is_in(back.iter().map(|item| item.id)))
        .exec(work.db())
        .await?;
    let gone = Sums::of_lines(&back);
    if order.promo_code_id.is_some() {
        promos::services::adjust(work, &order.promo_owner(), gone.discount, gone.items).await?;
    }
    payments::services::withdraw_for(work, &order.first_subject()).await?;
    Ok((read(work, order.id).await?, back))
}
