//! Начать оплату заказа заново: другой попыткой или другим способом.

use chrono::TimeDelta;
use kernel::{Result, Work};
use payments::models::payment;
use payments::providers::{self, cash};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::place_order::terms;
use crate::models::*;
use crate::settings::OrderSettings;
use crate::{errors, queries};

/// Платёж за неоплаченный заказ: открытый с теми же условиями или новый. `provider` — `None`: провайдер магазина.
pub async fn start_payment(work: &mut Work, order: &order::Model, provider: Option<&str>) -> Result<payment::Model> {
    if order.paid_at.is_some() {
        return Err(errors::already_paid());
    }
    let provider = providers::for_new(work.ctx(), provider)?.code();
    let order = order::Model { payment_provider: provider.to_owned(), ..order.clone() };
    if !keep_alive(work, &order).await? {
        return Err(errors::not_payable());
    }
    let items = queries::items_of(work.db(), vec![order.id]).await?;
    let terms = terms(work, &order, &items).await?;
    payments::services::create(work, &terms).await
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
    Ok(alive.rows_affected == 1)
}
