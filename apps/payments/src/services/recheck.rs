//! Магазин, восстановленный из копии, отстал от провайдера: перечитать всё, что могло измениться без него, и назвать платежи, которых
//! он не помнит. Делается до того, как пустят задачи: иначе просрочка отменила бы оплаченное, а возвраты пошли бы по второму разу.

use std::collections::HashMap;

use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt};
use kernel::{Ctx, Result, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder};

use super::sync;
use crate::models::{Payment, Status, payment};
use crate::providers::{self, Remote};
use crate::settings::PaymentSettings;

/// Столько суток до последнего платежа: позже этого возвращают редко.
const RECENT_DAYS: i64 = 30;
/// Разговоров с провайдером разом.
const AT_ONCE: usize = 8;
/// Платёж мог начаться у провайдера чуть раньше, чем записан у нас последний.
const OVERLAP_HOURS: i64 = 1;

/// Что узнали.
#[derive(Debug, Default)]
pub struct Recheck {
    pub checked: usize,
    /// Стали другими: какими стали.
    pub changed: Vec<payment::Model>,
    /// Есть у провайдера, а у нас нет.
    pub unknown: Vec<Remote>,
}

/// Перечитывает открытые и недавние платежи. Провайдер молчит — ошибка: повторить, когда ответит.
pub async fn recheck(ctx: &Ctx) -> Result<Recheck> {
    let Some(last) = Payment::find().order_by_desc(payment::Column::Id).one(ctx.db_fresh()).await? else {
        return Ok(Recheck::default());
    };
    let before = of_interest(ctx, last.created_at - TimeDelta::days(RECENT_DAYS)).await?;
    let reading = futures::stream::iter(before.iter().map(|payment| sync(ctx, payment.id)));
    let after: Vec<payment::Model> = reading.buffer_unordered(AT_ONCE).try_collect().await?;
    let was: HashMap<i64, &payment::Model> = before.iter().map(|payment| (payment.id, payment)).collect();
    let is_other = |now: &payment::Model| {
        was.get(&now.id).is_none_or(|was| (was.status, was.refunded) != (now.status, now.refunded))
    };
    let changed = after.into_iter().filter(is_other).collect();
    let unknown = strangers(ctx, last.created_at - TimeDelta::hours(OVERLAP_HOURS)).await?;
    Ok(Recheck { checked: before.len(), changed, unknown })
}

async fn of_interest(ctx: &Ctx, since: Timestamp) -> Result<Vec<payment::Model>> {
    let open = payment::Column::Status.is_in([Status::Pending, Status::WaitingForCapture]);
    let recent = Condition::all()
        .add(payment::Column::CreatedAt.gte(since))
        .add(payment::Column::ProviderPaymentId.is_not_null());
    let wanted = Condition::any().add(open).add(recent);
    Ok(Payment::find().filter(wanted).order_by_asc(payment::Column::Id).all(ctx.db_fresh()).await?)
}

/// Платежи нового времени, о которых помнит только провайдер. Чужие, без нашей ссылки, не наши.
async fn strangers(ctx: &Ctx, since: Timestamp) -> Result<Vec<Remote>> {
    let Some(provider) = providers::online(&ctx.section::<PaymentSettings>().provider) else { return Ok(Vec::new()) };
    let mut unknown = Vec::new();
    for remote in provider.started_since(ctx, since).await? {
        let Some(reference) = remote.reference else { continue };
        let ours = Payment::find().filter(payment::Column::PublicId.eq(reference)).one(ctx.db_fresh()).await?;
        if ours.is_none() {
            unknown.push(remote);
        }
    }
    Ok(unknown)
}
