//! Уборка: то, чего дольше хранить незачем.

use chrono::TimeDelta;
use kernel::{Actor, Ctx, Job, JobError, Result, Work};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::models::*;

/// Удаляет старые коды, счётчики и давно законченные входы.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct CleanUp;

impl Job for CleanUp {
    const NAME: &'static str = "accounts.clean_up";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        ctx.atomic(&Actor::System("clean_up"), async move |work: &mut Work| clean_up(work).await).await?;
        Ok(())
    }
}

async fn clean_up(work: &Work) -> Result<()> {
    let ago = |days| (work.now() - TimeDelta::days(days)).naive_utc();
    // Коды нужны сутки для суточного предела; законченные входы — месяц, чтобы узнать повтор украденного токена.
    let codes = OneTimeCode::delete_many().filter(one_time_code::Column::CreatedAt.lt(ago(2)));
    codes.exec(work.db()).await?;
    let throttles = Throttle::delete_many().filter(throttle::Column::WindowStartedAt.lt(ago(2)));
    throttles.exec(work.db()).await?;
    let expired = Device::delete_many().filter(device::Column::ExpiresAt.lt(ago(30)));
    expired.exec(work.db()).await?;
    let revoked = Device::delete_many().filter(device::Column::RevokedAt.lt(ago(30)));
    revoked.exec(work.db()).await?;
    Ok(())
}
