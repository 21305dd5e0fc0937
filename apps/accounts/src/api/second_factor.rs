//! Свой второй фактор: код из приложения при входе.

use axum::Json;
use kernel::http::{NoContent, Valid};
use kernel::{Actor, Ctx, Result, Work};

use crate::schemas::*;
use crate::services::second_factor;
use crate::totp;

/// Начать: секрет для приложения. При входе ничего не спросят, пока первый код не подтвердит его.
#[utoipa::path(post, path = "/users/me/second-factor", responses((status = 200, body = SecondFactorOut)))]
pub async fn begin_second_factor(ctx: Ctx, actor: Actor) -> Result<Json<SecondFactorOut>> {
    let user_id = actor.require_user()?;
    let begin = async move |work: &mut Work| second_factor::begin(work, user_id).await;
    let factor = ctx.atomic(&actor, begin).await?;
    let account = second_factor::account_name(ctx.db_fresh(), user_id).await?;
    let url = totp::url(&ctx, &factor.salt, &account)?;
    Ok(Json(SecondFactorOut { secret: totp::secret_text(&ctx, &factor.salt), url }))
}

/// Подтвердить первым кодом: второй фактор включён, в ответе — запасные коды, больше их не показать.
#[utoipa::path(post, path = "/users/me/second-factor/confirm", request_body = SecondFactorIn,
    responses((status = 200, body = RecoveryCodesOut)))]
pub async fn confirm_second_factor(
    ctx: Ctx,
    actor: Actor,
    Valid(input): Valid<SecondFactorIn>,
) -> Result<Json<RecoveryCodesOut>> {
    let user_id = actor.require_user()?;
    let recovery_codes = second_factor::confirm(&ctx, &actor, user_id, &input.code).await?;
    Ok(Json(RecoveryCodesOut { recovery_codes }))
}

/// Выключить; нужен код из приложения или запасной.
#[utoipa::path(post, path = "/users/me/second-factor/disable", request_body = SecondFactorIn, responses((status = 204)))]
pub async fn disable_second_factor(ctx: Ctx, actor: Actor, Valid(input): Valid<SecondFactorIn>) -> Result<NoContent> {
    let user_id = actor.require_user()?;
    second_factor::disable(&ctx, &actor, user_id, &input.code).await?;
    Ok(NoContent)
}
