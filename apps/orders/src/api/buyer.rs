//! Покупатель и гость.

use axum::Json;
use axum::response::Response;
use cart::CartOwner;
use http::StatusCode;
use kernel::http::{Once, Paging, PathParam, Sent, Valid};
use kernel::{Actor, Ctx, Error, OrNotFound, Result, Work};
use sha2::{Digest, Sha256};

use crate::errors::NOT_FOUND;
use crate::models::order;
use crate::permissions::{CHANGE_ORDER, VIEW_ORDER};
use crate::queries::{self, Viewer};
use crate::schemas::*;
use crate::services::{self, NewOrder};
use crate::settings::OrderSettings;

/// Оформить заказ из `items` или из корзины (`from_cart`).
///
/// Всё или ничего: проверка, снимок цен и адреса, платёж, остатки. Гость (если магазин это разрешает) называет имя, телефон и почту
/// и читает заказ по `access_token`. Ответ — заказ; список из двух заказов — только если смешанную корзину велено делить
/// (`orders.mixed = "split"`).
#[utoipa::path(post, path = "/orders/", request_body = OrderIn, responses((status = 201, body = PlacedOut)))]
pub async fn create_order(ctx: Ctx, actor: Actor, owner: CartOwner, sent: Sent) -> Result<Response> {
    refuse_stranger(&ctx, &actor, &sent)?;
    let once: Once<OrderIn> = sent.parse()?;
    let new = once.input.clone().into_order(actor.user_id(), owner.clone(), ctx.lang())?;
    services::check_promo_guess(&ctx, &actor, &new).await?;
    let scope = scope_of(&owner, &new);
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, _: &OrderIn| {
        let placed = services::place_orders(work, &new).await?;
        Ok(queries::placed_out(work.ctx(), placed))
    })
    .await
}

/// Не вошёл и не назвался — это не гость, а забытый пропуск, что бы ещё ни было не так с телом.
fn refuse_stranger(ctx: &Ctx, actor: &Actor, sent: &Sent) -> Result<()> {
    let is_guest = || ctx.section::<OrderSettings>().guest_checkout && sent.names("contact");
    if actor.user_id().is_some() || is_guest() { Ok(()) } else { Err(Error::unauthorized()) }
}

/// Чей `Idempotency-Key`: человека, корзины гостя, а без корзины — назвавшегося гостя.
fn scope_of(owner: &CartOwner, new: &NewOrder) -> String {
    if *owner != CartOwner::Nobody {
        return owner.label();
    }
    let mut hash = Sha256::new();
    hash.update(new.contact.phone.as_deref().unwrap_or_default());
    hash.update([0]);
    hash.update(new.contact.email.as_deref().unwrap_or_default());
    format!("guest:{}", hex::encode(hash.finalize()))
}

/// Посчитать заказ, ничего не занимая: суммы, доставка и всё, что помешает оформить.
#[utoipa::path(post, path = "/orders/quote", request_body = OrderIn, responses((status = 200, body = OrderQuoteOut)))]
pub async fn quote_order(
    ctx: Ctx,
    actor: Actor,
    owner: CartOwner,
    Valid(input): Valid<OrderIn>,
) -> Result<Json<OrderQuoteOut>> {
    let new = input.into_order(actor.user_id(), owner, ctx.lang())?;
    services::check_promo_guess(&ctx, &actor, &new).await?;
    let quoted = services::quote(&ctx, &new).await?;
    Ok(Json(queries::quote_out(&ctx, quoted)))
}

/// Мои заказы, новые первыми.
#[utoipa::path(get, path = "/orders/", params(Paging), responses((status = 200, body = OrderList)))]
pub async fn list_orders(ctx: Ctx, actor: Actor, paging: Paging) -> Result<Json<OrderList>> {
    let own = queries::orders_of(actor.require_user()?);
    Ok(Json(queries::order_list(&ctx, own, &paging).await?))
}

/// Один заказ: свой, а сотруднику с правом — любой.
#[utoipa::path(get, path = "/orders/{id}", params(("id" = i64, Path)), responses((status = 200, body = OrderDetailOut)))]
pub async fn read_order(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<Json<OrderDetailOut>> {
    let user_id = actor.require_user()?;
    if let Some(own) = queries::own_order(ctx.db_fresh(), id, user_id).await? {
        let viewer = if actor.can(VIEW_ORDER) { Viewer::Staff } else { Viewer::Buyer };
        return Ok(Json(queries::detail(&ctx, own, viewer).await?));
    }
    let any = if actor.can(VIEW_ORDER) { queries::order_by_id(ctx.db_fresh(), id).await? } else { None };
    Ok(Json(queries::detail(&ctx, any.or_not_found(NOT_FOUND)?, Viewer::Staff).await?))
}

/// Заказ по ключу из ответа или письма: для гостя.
#[utoipa::path(get, path = "/orders/by-token/{token}", params(("token" = String, Path)),
    responses((status = 200, body = OrderDetailOut)))]
pub async fn read_order_by_token(ctx: Ctx, PathParam(token): PathParam<String>) -> Result<Json<OrderDetailOut>> {
    let order = queries::by_token(ctx.db_fresh(), &token).await?.or_not_found(NOT_FOUND)?;
    Ok(Json(queries::detail(&ctx, order, Viewer::Buyer).await?))
}

/// Отменить заказ: покупателю — пока за него не взялись, сотруднику — пока не уехал. Деньги и остатки возвращаются.
#[utoipa::path(post, path = "/orders/{id}/cancel", params(("id" = i64, Path)), request_body = Option<CancelIn>,
    responses((status = 200, body = OrderDetailOut)))]
pub async fn cancel_order(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<Option<CancelIn>>,
) -> Result<Response> {
    let user_id = actor.require_user()?;
    let may_any = actor.can(CHANGE_ORDER);
    let scope = actor.label();
    let cancelled =
        once.run(&ctx, &actor, &scope, StatusCode::OK, async move |work: &mut Work, input: &Option<CancelIn>| {
            let words = input.as_ref().and_then(|input| input.reason.as_deref()).unwrap_or_default().trim().to_owned();
            let order = match may_any {
                true => services::cancel_by_staff(work, &find_any(work, id).await?, &words).await?,
                false => services::cancel_by_owner(work, &find_own(work, id, user_id).await?, &words).await?,
            };
            let viewer = if may_any { Viewer::Staff } else { Viewer::Buyer };
            queries::detail_in(work, order, viewer).await
        });
    cancelled.await
}

async fn find_own(work: &Work, id: i64, user_id: i64) -> Result<order::Model> {
    queries::own_order(work.db(), id, user_id).await?.or_not_found(NOT_FOUND)
}

async fn find_any(work: &Work, id: i64) -> Result<order::Model> {
    queries::order_by_id(work.db(), id).await?.or_not_found(NOT_FOUND)
}

/// Начать оплату своего неоплаченного заказа: вернёт открытый платёж или заведёт новый. После задатка — оплату остатка. Заказы одной
/// смешанной корзины оплачиваются одним платежом.
///
/// Платёж сразу заводится и у провайдера, поэтому о неполадках с ним клиент узнаёт здесь: 503 `payments.provider_unavailable`
/// (повторить), 400 `payments.provider_refused`.
#[utoipa::path(post, path = "/payment/create/{order_id}", params(("order_id" = i64, Path)), request_body = Option<PayIn>,
    responses((status = 200, body = PaymentStartedOut)))]
pub async fn create_payment(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<Option<PayIn>>,
) -> Result<Response> {
    let user_id = actor.require_user()?;
    let scope = actor.label();
    let started =
        once.run(&ctx, &actor, &scope, StatusCode::OK, async move |work: &mut Work, input: &Option<PayIn>| {
            let order = find_own(work, id, user_id).await?;
            let provider = input.as_ref().and_then(|input| input.provider.as_deref());
            let payment = services::start_payment(work, &order, provider).await?;
            Ok(PaymentStartedOut {
                confirmation_url: payment.pay_url(work.ctx()),
                payment_id: payment.public_id,
                order_number: order.number,
                status: payment.status,
                amount: payment.amount,
                currency: payment.currency,
            })
        });
    let answer = started.await?;
    // Снаружи транзакции: провайдер — чужой сервер.
    if let Some(payment) = queries::open_payment(&ctx, id).await? {
        payments::services::open(&ctx, payment.id).await?;
    }
    Ok(answer)
}
