//! Начать оплату заказа заново: другой попыткой или другим способом.

use chrono::TimeDelta;
use kernel::{Error, OrNotFound, Result, Work};
use payments::models::payment;
use payments::providers::{self, cash};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::balance::start_balance;
use super::cancel_order::dissolve;
use super::terms::first_terms;
use crate::models::*;
use crate::settings::OrderSettings;
use crate::{errors, queries};

/// Платёж за неоплаченный заказ (или остаток после задатка): открытый с теми же условиями или новый. `provider` — `None`: провайдер
/// магазина. Заказы корзины, которые оплачивают вместе, вместе и оплачиваются; при получении — порознь.
pub async fn start_payment(work: &mut Work, order: &order::Model, provider: Option<&str>) -> Result<payment::Model> {
    let provider = providers::for_new(work.ctx(), provider)?.code();
    let mut order = order::Model { payment_provider: provider.to_owned(), ..order.clone() };
    if !order.balance_due().is_zero() {
        return start_balance(work, &order).await;
    }
    if order.paid_at.is_some() {
        return Err(errors::already_paid());
    }
    if order.is_cash() {
        dissolve(work, &order).await?;
        order.joint_payment = false;
    }
    let orders = paid_together(work, order).await?;
    for order in &orders {
        if !keep_alive(work, order).await? {
            return Err(errors::not_payable());
        }
    }
    bill(work, &orders).await
}

/// Открытый платёж за эти заказы на нынешних условиях: прежний с другими условиями отзывается.
pub(super) async fn bill(work: &mut Work, orders: &[order::Model]) -> Result<payment::Model> {
    let items = queries::items_of(work.db(), orders.iter().map(|order| order.id).collect()).await?;
    let own = |order: &order::Model| items.iter().filter(|item| item.order_id == order.id).cloned().collect();
    let lines: Vec<Vec<order_item::Model>> = orders.iter().map(own).collect();
    let orders: Vec<_> = orders.iter().zip(&lines).map(|(order, items)| (order, items.as_slice())).collect();
    let terms = first_terms(work, &orders).await?;
    payments::services::create(work, &terms).await
}

/// Заказ и те, что оплачиваются с ним одним платежом, по порядку номеров.
pub(super) async fn paid_together(work: &Work, order: order::Model) -> Result<Vec<order::Model>> {
    let Some(checkout) = order.checkout.as_ref().filter(|_| order.joint_payment) else { return Ok(vec![order]) };
    let all = Order::find()
        .filter(order::Column::Checkout.eq(checkout.as_str()))
        .filter(order::Column::JointPayment.eq(true))
        .order_by_asc(order::Column::Id);
    let all = all.all(work.db()).await?;
    Ok(all.into_iter().map(|one| order::Model { payment_provider: order.payment_provider.clone(), ..one }).collect())
}

/// Условный UPDATE запирает заказ: отмена и срок подождут и увидят новый платёж. Срок не продлевается: держать остатки вечно нельзя.
async fn keep_alive(work: &Work, order: &order::Model) -> Result<bool> {
    let ttl = work.ctx().section::<OrderSettings>().unpaid_ttl_minutes;
    let fresh = (work.now() + TimeDelta::minutes(ttl)).naive_utc();
    let expires_at = (order.payment_provider != cash::CODE).then(|| order.expires_at.unwrap_or(fresh));
    let alive = Order::update_many()
        .col_expr(order::Column::PaymentStatus, Expr::value(PaymentStatus::Pending))
        .col_expr(order::Column::PaymentProvider, Expr::value(order.payment_provider.as_str()))
        .col_expr(order::Column::ExpiresAt, Expr::value(expires_at))
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(Status::Pending))
        .filter(order::Column::PaymentStatus.is_in([PaymentStatus::Pending, PaymentStatus::Failed]))
        .exec(work.db())
        .await?;
    let now = queries::order_by_id(work.db(), order.id).await?.or_not_found(errors::NOT_FOUND)?;
    // Заказ тем временем подешевел: транзакция повторится и попросит новую сумму.
    if (now.final_amount, now.balance_amount) != (order.final_amount, order.balance_amount) {
        return Err(Error::unavailable("database.busy", 1));
    }
    Ok(alive.rows_affected == 1)
}
