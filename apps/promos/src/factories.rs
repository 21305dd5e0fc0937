//! Готовые промокоды для тестов и демонстрации: названо только важное.

use kernel::{Actor, Ctx, Result, Work};

use crate::models::{Percent, promo_code};
use crate::schemas::PromoCodeIn;
use crate::services;

/// Десять процентов на всё, без пределов.
pub fn promo(code: &str) -> PromoCodeIn {
    PromoCodeIn { code: code.to_owned(), discount_percent: Some(Percent::whole(10)), ..PromoCodeIn::default() }
}

pub async fn create(ctx: &Ctx, input: PromoCodeIn) -> Result<promo_code::Model> {
    ctx.atomic(&Actor::System("factory"), async move |work: &mut Work| services::create_code(work, &input).await).await
}
