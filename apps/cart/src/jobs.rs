//! Фоновые дела.

use chrono::TimeDelta;
use kernel::{Ctx, Job, JobError};
use sea_orm::entity::prelude::*;
use sea_orm::{ExprTrait as _, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::models::*;
use crate::settings::CartSettings;

/// Корзин за один оператор: короткие транзакции не мешают покупателям.
const BATCH: u64 = 500;

/// Выбрасывает заброшенные корзины гостей.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct PurgeGuestCarts;

impl Job for PurgeGuestCarts {
    const NAME: &'static str = "cart.purge_guest_carts";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let days = ctx.section::<CartSettings>().guest_ttl_days;
        let edge = (ctx.now() - TimeDelta::days(days)).naive_utc();
        let forgotten = || cart::Column::TokenHash.is_not_null().and(cart::Column::UpdatedAt.lt(edge));
        loop {
            let ids: Vec<i64> = Cart::find()
                .select_only()
                .column(cart::Column::Id)
                .filter(forgotten())
                .limit(BATCH)
                .into_tuple()
                .all(ctx.db_fresh())
                .await?;
            if ids.is_empty() {
                return Ok(());
            }
            // Условие повторено: корзину могли только что тронуть. Строки уходят вместе с ней.
            let deleted = Cart::delete_many().filter(cart::Column::Id.is_in(ids)).filter(forgotten());
            if deleted.exec(&ctx.db_handle().write).await?.rows_affected == 0 {
                return Ok(());
            }
        }
    }
}
