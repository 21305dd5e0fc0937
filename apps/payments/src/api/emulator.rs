//! Страница эмулятора для программ: то же, что кнопки витрины. Платит тот, у кого ссылка, — как у настоящей системы.

use axum::Json;
use kernel::http::{NoContent, Once, PathParam, Valid};
use kernel::{Actor, Ctx, Error, Result, Work};
use uuid::Uuid;

use crate::schemas::{CallFaultIn, EmulatorPageOut, EmulatorPayIn, NoFields};
use crate::{emulator, errors};

/// Что на странице оплаты.
#[utoipa::path(get, path = "/payment/emulator/{payment_id}/state", params(("payment_id" = String, Path)),
    responses((status = 200, body = EmulatorPageOut)))]
pub async fn read_emulator_page(ctx: Ctx, PathParam(payment_id): PathParam<String>) -> Result<Json<EmulatorPageOut>> {
    Ok(Json(emulator::view(&ctx, parse(&payment_id)?).await?.into()))
}

/// Оплатить. Тело необязательно; второе нажатие ничего не меняет.
#[utoipa::path(post, path = "/payment/emulator/{payment_id}/pay", params(("payment_id" = String, Path)),
    request_body = Option<EmulatorPayIn>, responses((status = 200, body = EmulatorPageOut)))]
pub async fn pay_in_emulator(
    ctx: Ctx,
    PathParam(payment_id): PathParam<String>,
    once: Once<Option<EmulatorPayIn>>,
) -> Result<Json<EmulatorPageOut>> {
    let faults = once.input.unwrap_or_default().faults;
    Ok(Json(emulator::pay(&ctx, parse(&payment_id)?, &faults).await?.into()))
}

/// Отказать в оплате.
#[utoipa::path(post, path = "/payment/emulator/{payment_id}/refuse", params(("payment_id" = String, Path)),
    request_body = Option<NoFields>, responses((status = 200, body = EmulatorPageOut)))]
pub async fn refuse_in_emulator(
    ctx: Ctx,
    PathParam(payment_id): PathParam<String>,
    _once: Once<Option<NoFields>>,
) -> Result<Json<EmulatorPageOut>> {
    Ok(Json(emulator::refuse(&ctx, parse(&payment_id)?).await?.into()))
}

/// Испортить ближайшие вызовы магазина к эмулятору; только при `payments.emulator.faults = true`.
#[utoipa::path(post, path = "/payment/emulator/faults", request_body = CallFaultIn, responses((status = 204)))]
pub async fn plan_emulator_fault(ctx: Ctx, actor: Actor, Valid(input): Valid<CallFaultIn>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| emulator::plan_fault(work, input.fault, input.times).await).await?;
    Ok(NoContent)
}

fn parse(payment_id: &str) -> Result<Uuid> {
    payment_id.parse().map_err(|_| Error::not_found(errors::NOT_FOUND))
}
