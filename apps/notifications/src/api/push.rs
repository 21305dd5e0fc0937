//! Уведомления в браузере.

use axum::Json;
use kernel::http::{NoContent, Params, Valid};
use kernel::{Actor, Ctx, Error, Result, Work};

use crate::schemas::{PushKeyOut, SubscriptionFilter, SubscriptionIn};
use crate::services;
use crate::transports::push::public_key;

/// Ключ, с которым браузер подписывается (`applicationServerKey`).
#[utoipa::path(get, path = "/push/key", responses((status = 200, body = PushKeyOut)))]
pub async fn read_push_key(ctx: Ctx) -> Result<Json<PushKeyOut>> {
    Ok(Json(PushKeyOut { public_key: public_key(&ctx).map_err(Error::internal)? }))
}

/// Показывать уведомления в этом браузере; повтор обновляет ключи.
#[utoipa::path(post, path = "/push/subscriptions", request_body = SubscriptionIn, responses((status = 204)))]
pub async fn subscribe_browser(ctx: Ctx, actor: Actor, Valid(input): Valid<SubscriptionIn>) -> Result<NoContent> {
    let user_id = actor.require_user()?;
    ctx.atomic(&actor, async move |work: &mut Work| services::subscribe(work, user_id, &input).await).await?;
    Ok(NoContent)
}

/// Больше не показывать в этом браузере.
#[utoipa::path(delete, path = "/push/subscriptions", params(SubscriptionFilter), responses((status = 204)))]
pub async fn unsubscribe_browser(
    ctx: Ctx,
    actor: Actor,
    Params(input): Params<SubscriptionFilter>,
) -> Result<NoContent> {
    let user_id = actor.require_user()?;
    let forget = async move |work: &mut Work| services::unsubscribe(work, user_id, &input.endpoint).await;
    ctx.atomic(&actor, forget).await?;
    Ok(NoContent)
}
