//! Покупатель и уведомления провайдера.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::response::{Redirect, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use kernel::http::{Once, Paging, PathParam};
use kernel::{Actor, Ctx, Error, OrNotFound, Result, Work};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::models::{Status, payment};
use crate::providers::RawNotification;
use crate::schemas::{NoFields, PaymentList, PaymentOut, PaymentStatusOut, WordOut};
use crate::services::{self, Received};
use crate::settings::PaymentSettings;
use crate::{errors, queries};

/// Мои платежи, новые первыми.
#[utoipa::path(get, path = "/payments/my", params(Paging), responses((status = 200, body = PaymentList)))]
pub async fn list_my_payments(ctx: Ctx, actor: Actor, paging: Paging) -> Result<Json<PaymentList>> {
    let find = queries::of_user(actor.require_user()?);
    let total = find.clone().count(ctx.db_fresh()).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(ctx.db_fresh()).await?;
    let payments = rows.into_iter().map(|row| PaymentOut::of(&ctx, row)).collect();
    Ok(Json(PaymentList { payments, total, page: paging.page(), page_size: paging.limit }))
}

/// Состояние платежа. Открытый платёж перечитывается у провайдера: по возвращении с оплаты ответ уже верный.
#[utoipa::path(get, path = "/payment/status/{payment_id}", params(("payment_id" = String, Path)),
    responses((status = 200, body = PaymentStatusOut)))]
pub async fn read_payment_status(
    ctx: Ctx,
    actor: Actor,
    PathParam(payment_id): PathParam<String>,
) -> Result<Json<PaymentStatusOut>> {
    let payment = visible(&ctx, &actor, &payment_id).await?;
    Ok(Json(services::refresh(&ctx, payment.id).await?.into()))
}

/// Ссылка на оплату для магазина без витрины: отправляет покупателя на страницу провайдера, а если платить уже нечего — обратно
/// в магазин. У эмулятора страница своя, на витрине.
#[utoipa::path(get, path = "/payment/pay/{payment_id}", params(("payment_id" = String, Path)),
    responses((status = 303, description = "страница оплаты")))]
pub async fn open_payment_page(ctx: Ctx, PathParam(payment_id): PathParam<String>) -> Result<Redirect> {
    let public_id = parse(&payment_id)?;
    let payment = queries::by_public_id(ctx.db_fresh(), public_id).await?.or_not_found(errors::NOT_FOUND)?;
    Ok(Redirect::to(&services::pay_page(&ctx, payment.id).await?))
}

/// Отменить неоплаченный платёж. Повтор безвреден; оплаченный — 400.
#[utoipa::path(post, path = "/payment/cancel/{payment_id}", params(("payment_id" = String, Path)),
    request_body = Option<NoFields>, responses((status = 200, body = WordOut)))]
pub async fn cancel_payment(
    ctx: Ctx,
    actor: Actor,
    PathParam(payment_id): PathParam<String>,
    once: Once<Option<NoFields>>,
) -> Result<Response> {
    let payment = visible(&ctx, &actor, &payment_id).await?;
    // Только что оплаченный отменять не надо: спросим провайдера.
    if payment.status == Status::Pending {
        services::refresh(&ctx, payment.id).await?;
    }
    let scope = if actor.user_id().is_some() { actor.label() } else { format!("payment:{}", payment.public_id) };
    let id = payment.id;
    once.run(&ctx, &actor, &scope, StatusCode::OK, async move |work: &mut Work, _: &Option<NoFields>| {
        services::cancel(work, id).await?;
        Ok(WordOut::of("cancelled"))
    })
    .await
}

/// Платёж, который спрашивающему видно; чужой — 404.
async fn visible(ctx: &Ctx, actor: &Actor, payment_id: &str) -> Result<payment::Model> {
    let public_id = parse(payment_id)?;
    let named = queries::visible_to(actor).filter(payment::Column::PublicId.eq(public_id));
    named.one(ctx.db_fresh()).await?.or_not_found(errors::NOT_FOUND)
}

fn parse(payment_id: &str) -> Result<Uuid> {
    payment_id.parse().map_err(|_| Error::not_found(errors::NOT_FOUND))
}

/// Уведомление провайдера из настройки `payments.provider`. Тело — какое он шлёт; ответ быстрый, дело делает задача.
#[utoipa::path(post, path = "/payment/webhook", request_body = Option<serde_json::Value>, responses((status = 200, body = WordOut)))]
pub async fn receive_webhook(
    ctx: Ctx,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<Json<WordOut>> {
    let provider = ctx.section::<PaymentSettings>().provider.clone();
    receive(&ctx, &provider, headers, body).await
}

/// Уведомление названного провайдера.
#[utoipa::path(post, path = "/payment/webhook/{provider}", params(("provider" = String, Path)),
    request_body = Option<serde_json::Value>, responses((status = 200, body = WordOut)))]
pub async fn receive_provider_webhook(
    ctx: Ctx,
    PathParam(provider): PathParam<String>,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<Json<WordOut>> {
    receive(&ctx, &provider, headers, body).await
}

async fn receive(
    ctx: &Ctx,
    provider: &str,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<Json<WordOut>> {
    let body = body.map_err(|_| Error::new(kernel::Kind::TooLarge, "request.too_large"))?;
    let raw = RawNotification { headers, client_ip: ctx.client_ip(), body };
    match services::receive_notification(ctx, provider, &raw).await? {
        Received::Accepted | Received::Repeated | Received::Unknown => Ok(Json(WordOut::of("ok"))),
        Received::Unreadable(message) => Ok(Json(WordOut { status: "error", message: Some(message) })),
        Received::Forged => Err(errors::forged_notification()),
    }
}

/// Обратный адрес для покупателя у старых клиентов: об оплате ничего не говорит, её узнают по `/payment/status`.
#[utoipa::path(get, path = "/payment/callback", responses((status = 200, body = WordOut)))]
pub async fn payment_callback() -> Json<WordOut> {
    Json(WordOut::of("success"))
}
