//! Фоновые дела по часам.

use kernel::{Actor, Ctx, Error, Job, JobError, Work};
use serde::{Deserialize, Serialize};

use crate::{queries, services};

/// Предложений за один запрос.
const BATCH: u64 = 200;

/// Отдаёт следующему места, которые не купили в срок.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ExpireOffers;

impl Job for ExpireOffers {
    const NAME: &'static str = "preorders.expire_offers";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let (mut after, mut failed) = (0, None);
        loop {
            let stale = queries::stale_offers(ctx.db_fresh(), ctx.now().naive_utc(), after, BATCH).await?;
            let Some(last) = stale.last() else { break };
            after = *last;
            for id in stale {
                let expired = ctx.atomic(&Actor::System("offers"), async move |work: &mut Work| {
                    services::expire_offer(work, id).await
                });
                note(&mut failed, expired.await, "offer did not expire", id);
            }
        }
        failed.map_or(Ok(()), |error| Err(JobError::Retry(error)))
    }
}

/// Закрывает волны, чей срок набора вышел; не набравшие своего отменяет.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct CloseWaves;

impl Job for CloseWaves {
    const NAME: &'static str = "preorders.close_waves";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let mut failed = None;
        for id in queries::overdue(ctx.db_fresh(), ctx.now().naive_utc()).await? {
            let closed = ctx
                .atomic(&Actor::System("waves"), async move |work: &mut Work| services::close_wave(work, id).await)
                .await;
            note(&mut failed, closed, "wave did not close", id);
        }
        failed.map_or(Ok(()), |error| Err(JobError::Retry(error)))
    }
}

/// Один неудачный не держит остальных; задача повторится.
fn note(failed: &mut Option<Error>, outcome: Result<bool, Error>, what: &'static str, id: i64) {
    if let Err(error) = outcome {
        tracing::warn!(id, %error, "{what}");
        *failed = Some(error);
    }
}
