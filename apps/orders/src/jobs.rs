//! Фоновые дела.

use std::collections::BTreeSet;

use accounts::models::{User, user};
use chrono::{TimeDelta, Timelike};
use kernel::{Actor, Ctx, Error, Job, JobError, Kind, Work};
use preorders::errors::ALREADY_TOLD;
use preorders::events::WaveMoved;
use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::models::order::SUBJECT;
use crate::models::*;
use crate::services;
use crate::settings::OrderSettings;

/// Заказов за один обход.
const BATCH: u64 = 200;

/// Отменяет неоплаченные вовремя заказы.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ExpireOrders;

impl Job for ExpireOrders {
    const NAME: &'static str = "orders.expire_orders";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let (mut after, mut failed) = (0, None);
        loop {
            let late = late_orders(ctx, after).await?;
            let Some(last) = late.last() else { break };
            after = *last;
            for id in late {
                let expired = ctx.atomic(&Actor::System("expire"), async move |work: &mut Work| {
                    services::expire_order(work, id).await
                });
                // Один неудачный заказ не держит остальные; задача повторится.
                if let Err(error) = expired.await {
                    tracing::warn!(order.id = id, %error, "order did not expire");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(()), |error| Err(JobError::Retry(error)))
    }
}

async fn late_orders(ctx: &Ctx, after: i64) -> Result<Vec<i64>, Error> {
    let late = Order::find()
        .select_only()
        .column(order::Column::Id)
        .filter(order::Column::Status.eq(Status::Pending))
        .filter(order::Column::ExpiresAt.lte(ctx.now().naive_utc()))
        .filter(order::Column::PaymentStatus.ne(PaymentStatus::Attention))
        .filter(order::Column::Id.gt(after))
        .order_by_asc(order::Column::Id)
        .limit(BATCH);
    Ok(late.into_tuple().all(ctx.db_fresh()).await?)
}

/// Напоминает об остатках, которых долго ждут; ночью ждёт утра.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RemindBalances;

impl Job for RemindBalances {
    const NAME: &'static str = "orders.remind_balances";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        if !is_daytime(ctx) {
            return Ok(());
        }
        let (mut after, mut failed) = (0, None);
        loop {
            let waiting = waiting_for_balance(ctx, after).await?;
            let Some(last) = waiting.last() else { break };
            after = *last;
            for id in waiting {
                let reminded = ctx.atomic(&Actor::System("reminders"), async move |work: &mut Work| {
                    services::remind_balance(work, id).await
                });
                if let Err(error) = reminded.await {
                    tracing::warn!(order.id = id, %error, "order was not reminded of its balance");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(()), |error| Err(JobError::Retry(error)))
    }
}

fn is_daytime(ctx: &Ctx) -> bool {
    let settings = ctx.section::<OrderSettings>();
    let hour = (ctx.now().naive_utc() + ctx.shop_offset()).hour();
    (settings.reminders_from_hour..settings.reminders_to_hour).contains(&hour)
}

async fn waiting_for_balance(ctx: &Ctx, after: i64) -> Result<Vec<i64>, Error> {
    let settings = ctx.section::<OrderSettings>();
    let before = ctx.now().naive_utc() - TimeDelta::days(settings.balance_reminder_days.max(1));
    let waiting = Order::find()
        .select_only()
        .column(order::Column::Id)
        .filter(order::Column::BalanceAskedAt.lte(before))
        .filter(order::Column::BalancePaidAt.is_null())
        .filter(order::Column::BalanceReminders.lt(settings.balance_reminders))
        .filter(order::Column::Status.is_in([Status::Paid, Status::Processing]))
        .filter(order::Column::Id.gt(after))
        .order_by_asc(order::Column::Id)
        .limit(BATCH);
    Ok(waiting.into_tuple().all(ctx.db_fresh()).await?)
}

/// Решает судьбу денег за отменённый заказ: снова занять остатки или вернуть деньги. Две транзакции: неудачная первая откатывается вся.
#[derive(Debug, Serialize, Deserialize)]
pub struct ResolveLatePayment {
    pub order_id: i64,
    pub payment_id: i64,
}

impl Job for ResolveLatePayment {
    const NAME: &'static str = "orders.resolve_late_payment";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let ResolveLatePayment { order_id, payment_id } = self;
        let actor = Actor::System("late_payment");
        let restored = ctx
            .atomic(&actor, async move |work: &mut Work| services::restore_paid(work, order_id, payment_id).await)
            .await;
        match restored {
            Err(refusal) if refusal.kind == Kind::Refused => {
                let refund = ctx.atomic(&actor, async move |work: &mut Work| {
                    services::refund_late_payment(work, order_id, payment_id).await
                });
                Ok(refund.await?)
            }
            other => Ok(other?),
        }
    }
}

/// Рассказывает заказам о переходе их волны. Кому уже сказано, того в выборке нет, поэтому прерванная задача продолжает с того же места.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellWave(pub WaveMoved);

impl Job for TellWave {
    const NAME: &'static str = "orders.tell_wave";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let TellWave(moved) = self;
        let (mut after, mut failed) = (0, None);
        loop {
            let untold =
                preorders::queries::next_untold(ctx.db_fresh(), moved.wave_id, moved.to, SUBJECT, after, BATCH).await?;
            let Some((last, _)) = untold.last() else { break };
            after = *last;
            let orders: BTreeSet<i64> = untold.iter().filter_map(|(_, owner)| owner.parse().ok()).collect();
            for id in orders {
                if let Err(error) = tell(ctx, id, &moved).await {
                    tracing::warn!(order.id = id, %error, "order was not told about its wave");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(()), |error| Err(JobError::Retry(error)))
    }
}

/// Сказанное раньше — не беда.
async fn tell(ctx: &Ctx, order_id: i64, moved: &WaveMoved) -> Result<(), Error> {
    let moved = moved.clone();
    let told = ctx.atomic(&Actor::System("waves"), async move |work: &mut Work| {
        services::tell_order(work, order_id, &moved).await
    });
    match told.await {
        Err(error) if error.code == ALREADY_TOLD => Ok(()),
        other => other,
    }
}

/// Доходит до заказов, которые закончились уже после стирания учётной записи.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct EraseFinished;

impl Job for EraseFinished {
    const NAME: &'static str = "orders.erase_finished";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let left: Vec<i64> = Order::find()
            .select_only()
            .column(order::Column::UserId)
            .join_rev(
                JoinType::InnerJoin,
                User::belongs_to(Order).from(user::Column::Id).to(order::Column::UserId).into(),
            )
            .filter(user::Column::DeletedAt.is_not_null())
            .filter(order::Column::ContactName.ne(""))
            .filter(order::Column::Status.is_not_in([
                Status::Pending,
                Status::Paid,
                Status::Processing,
                Status::Shipped,
            ]))
            .distinct()
            .limit(1000)
            .into_tuple()
            .all(ctx.db_fresh())
            .await?;
        for user_id in left {
            ctx.atomic(&Actor::System("erase"), async move |work: &mut Work| {
                services::erase_contacts(work, user_id).await
            })
            .await?;
        }
        Ok(())
    }
}
