//! Остаток после задатка: попросить, получить, принять в руки.

use kernel::{Error, OrNotFound, Result, Work};
use payments::models::payment;
use payments::permissions::CONFIRM_CASH;
use payments::providers::cash;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::letters;
use super::record::record_payment;
use super::shares::share_in;
use super::terms::balance_terms;
use crate::events::BalancePaid;
use crate::models::*;
use crate::settings::OrderSettings;
use crate::{errors, queries};

/// Просит остаток, если волны всех строк с задатком дошли до `orders.balance_at`. `Some` — попросил этот вызов: открытый платёж.
pub(super) async fn ask_balance(
    work: &mut Work,
    order: &order::Model,
    items: &[order_item::Model],
) -> Result<Option<payment::Model>> {
    if order.balance_due().is_zero() || !are_ready(work, items).await? {
        return Ok(None);
    }
    let asked = Order::update_many()
        .col_expr(order::Column::BalanceAskedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::BalanceAskedAt.is_null())
        .filter(order::Column::BalancePaidAt.is_null())
        .exec(work.db())
        .await?;
    if asked.rows_affected == 0 {
        return Ok(None);
    }
    record_payment(work, order.id, "balance_asked", &order.balance_amount.to_string()).await?;
    let terms = balance_terms(work, order, items).await?;
    payments::services::create(work, &terms).await.map(Some)
}

/// Напоминает об остатке, если пора. Шаг занимает один условный UPDATE, поэтому и двое исполнителей напишут одно письмо; заплатили или
/// отменили — писать не о чем. Простой пропустил несколько шагов — письмо всё равно одно.
pub async fn remind_balance(work: &mut Work, order_id: i64) -> Result<()> {
    let order = queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)?;
    let step = reminders_due(work, &order);
    if step <= order.balance_reminders || order.is_cash() || order.balance_due().is_zero() {
        return Ok(());
    }
    let open = payments::queries::open_of(work.db(), &order.balance_subject()).await?;
    if open.is_some_and(|payment| payment.status == payments::models::Status::Attention) {
        return Ok(());
    }
    let taken = Order::update_many()
        .col_expr(order::Column::BalanceReminders, Expr::value(step))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(order.status))
        .filter(order::Column::BalanceReminders.eq(order.balance_reminders))
        .filter(order::Column::BalanceAmount.eq(order.balance_amount))
        .filter(order::Column::BalancePaidAt.is_null())
        .exec(work.db())
        .await?;
    if taken.rows_affected == 0 {
        return Ok(());
    }
    record_payment(work, order.id, "balance_reminded", &order.balance_amount.to_string()).await?;
    let payment = start_balance(work, &order).await?;
    letters::balance_reminder(work, &order, &payment).await
}

/// Сколько напоминаний заказу уже положено.
fn reminders_due(work: &Work, order: &order::Model) -> i32 {
    let settings = work.ctx().section::<OrderSettings>();
    let days = order.balance_asked_at.map_or(0, |asked| (work.timestamp() - asked).num_days());
    let passed = days / settings.balance_reminder_days.max(1);
    i32::try_from(passed).unwrap_or(i32::MAX).min(settings.balance_reminders)
}

async fn are_ready(work: &Work, items: &[order_item::Model]) -> Result<bool> {
    let waves = queries::waves_of(work.db(), items).await?;
    let asks_at = work.ctx().section::<OrderSettings>().balance_at;
    let is_ready = |item: &order_item::Model| {
        let wave = item.preorder_wave.and_then(|number| waves.get(&(item.product_id, number)));
        wave.is_some_and(|wave| asks_at.has_come(wave.status))
    };
    Ok(items.iter().filter(|item| owes(item)).all(is_ready))
}

fn owes(item: &order_item::Model) -> bool {
    item.cancelled_at.is_none() && !item.balance_amount.is_zero()
}

/// Остаток пришёл: один условный UPDATE. Не та сумма — решает человек; заказ уже не ждёт этих денег — они возвращаются.
pub async fn mark_balance_paid(work: &mut Work, payment: &payment::Model) -> Result<bool> {
    let Some(order_id) = payment.subject().id_of(order::BALANCE) else { return Ok(false) };
    let Some(order) = queries::order_by_id(work.db(), order_id).await? else { return Ok(false) };
    if order.balance_payment_id == Some(payment.id) {
        return Ok(false);
    }
    if order.balance_due() != payment.amount || order.currency != payment.currency {
        return give_back(work, &order, payment).await.map(|()| false);
    }
    let paid = Order::update_many()
        .col_expr(order::Column::BalancePaymentId, Expr::value(payment.id))
        .col_expr(order::Column::BalancePaidAt, Expr::value(work.timestamp()))
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(order.status))
        .filter(order::Column::BalancePaidAt.is_null())
        .filter(order::Column::BalanceAmount.eq(payment.amount))
        .exec(work.db())
        .await?;
    if paid.rows_affected == 0 {
        return Err(Error::unavailable("database.busy", 1));
    }
    record_payment(work, order.id, "balance_received", &payment.amount.to_string()).await?;
    work.emit(&BalancePaid { order_id: order.id, payment_id: payment.id, amount: payment.amount }).await?;
    Ok(true)
}

/// Остаток заплатили второй раз, после отмены или не тот (строку заказа успели отменить): деньги уходят обратно.
async fn give_back(work: &mut Work, order: &order::Model, payment: &payment::Model) -> Result<()> {
    let Some(share) = share_in(work, payment, order.id).await?.filter(|share| !share.left.is_zero()) else {
        return Ok(());
    };
    let key = format!("order:{}:extra:{}", order.id, payment.id);
    share.refund(work, payment.id, share.left, "duplicate_payment", key, Vec::new()).await?;
    record_payment(work, order.id, "balance_returned", &share.left.to_string()).await
}

/// Открытый платёж за остаток или новый.
pub(super) async fn start_balance(work: &mut Work, order: &order::Model) -> Result<payment::Model> {
    let items = queries::items_of(work.db(), vec![order.id]).await?;
    let terms = balance_terms(work, order, &items).await?;
    payments::services::create(work, &terms).await
}

/// Остаток взяли мимо интернета: открытый платёж заменяется наличным и сразу считается полученным.
pub async fn accept_balance(work: &mut Work, order_id: i64) -> Result<order::Model> {
    work.actor().require(CONFIRM_CASH)?;
    let order = queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)?;
    if order.balance_due().is_zero() {
        return Err(errors::no_balance());
    }
    // Чек за деньги в руках пробивает касса магазина.
    let in_cash = order::Model { payment_provider: cash::CODE.to_owned(), ..order };
    let payment = start_balance(work, &in_cash).await?;
    let payment = payments::services::mark_cash_received(work, payment.id).await?;
    if !mark_balance_paid(work, &payment).await? {
        return Err(errors::changed_meanwhile());
    }
    queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)
}
