//! Сотрудники.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{Once, Paging, Params, PathParam};
use kernel::{Actor, Ctx, OrNotFound, Result, Work};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::models::{Payment, Status, payment};
use crate::schemas::{
    NoFields, PaymentDetailsOut, PaymentEventOut, PaymentFilter, RefundIn, RefundOut, StaffPaymentList, StaffPaymentOut,
};
use crate::{errors, queries, services};

/// Платежи, новые первыми. `status=attention` — те, что ждут человека.
#[utoipa::path(get, path = "/payments/", params(PaymentFilter, Paging), responses((status = 200, body = StaffPaymentList)))]
pub async fn list_payments(
    ctx: Ctx,
    Params(filter): Params<PaymentFilter>,
    paging: Paging,
) -> Result<Json<StaffPaymentList>> {
    let mut find = Payment::find();
    if let Some(status) = filter.status {
        find = find.filter(payment::Column::Status.eq(status));
    }
    let named = [
        (payment::Column::Provider, filter.provider),
        (payment::Column::SubjectKind, filter.subject_kind),
        (payment::Column::SubjectId, filter.subject_id),
    ];
    for (column, wanted) in named {
        if let Some(wanted) = wanted {
            find = find.filter(column.eq(wanted));
        }
    }
    let total = find.clone().count(ctx.db()).await?;
    let page = find.order_by_desc(payment::Column::Id).offset(paging.offset).limit(paging.limit);
    let payments = page.all(ctx.db()).await?.into_iter().map(|row| StaffPaymentOut::of(&ctx, row)).collect();
    Ok(Json(StaffPaymentList { payments, total, page: paging.page(), page_size: paging.limit }))
}

/// Платёж с историей и возвратами.
#[utoipa::path(get, path = "/payments/{id}", params(("id" = i64, Path)), responses((status = 200, body = PaymentDetailsOut)))]
pub async fn read_payment(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<PaymentDetailsOut>> {
    let db = ctx.db_fresh();
    let payment = Payment::find_by_id(id).one(db).await?.or_not_found(errors::NOT_FOUND)?;
    let parts = queries::parts_of(db, id).await?.into_iter().map(Into::into).collect();
    let events = PaymentEventOut::all(&payment, queries::history_of(db, id).await?);
    let refunds = queries::refunds_of(db, id).await?.into_iter().map(Into::into).collect();
    let settlement_receipt = queries::settlement_of(db, id).await?.map(Into::into);
    Ok(Json(PaymentDetailsOut {
        payment: StaffPaymentOut::of(&ctx, payment),
        parts,
        events,
        refunds,
        settlement_receipt,
    }))
}

/// Вернуть деньги, целиком или часть.
#[utoipa::path(post, path = "/payments/{id}/refund", params(("id" = i64, Path)), request_body = RefundIn,
    responses((status = 201, body = RefundOut)))]
pub async fn refund_payment(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<RefundIn>,
) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &RefundIn| {
        let refund = services::refund_by_staff(work, id, input).await?;
        Ok(RefundOut::from(refund))
    })
    .await
}

/// Наличные приняты.
#[utoipa::path(post, path = "/payments/{id}/confirm-cash", params(("id" = i64, Path)), request_body = Option<NoFields>,
    responses((status = 200, body = StaffPaymentOut)))]
pub async fn confirm_cash_payment(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<Option<NoFields>>,
) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::OK, async move |work: &mut Work, _: &Option<NoFields>| {
        let payment = services::mark_cash_received(work, id).await?;
        Ok(StaffPaymentOut::of(work.ctx(), payment))
    })
    .await
}

/// Списать удержанное: намерение записано, спишет задача.
#[utoipa::path(post, path = "/payments/{id}/capture", params(("id" = i64, Path)), request_body = Option<NoFields>,
    responses((status = 200, body = StaffPaymentOut)))]
pub async fn capture_payment(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<Option<NoFields>>,
) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::OK, async move |work: &mut Work, _: &Option<NoFields>| {
        find(work, id).await?;
        services::capture(work, id).await?;
        Ok(StaffPaymentOut::of(work.ctx(), find(work, id).await?))
    })
    .await
}

/// Перечитать у провайдера сейчас.
#[utoipa::path(post, path = "/payments/{id}/check", params(("id" = i64, Path)), responses((status = 200, body = StaffPaymentOut)))]
pub async fn check_payment(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<StaffPaymentOut>> {
    Ok(Json(StaffPaymentOut::of(&ctx, services::sync(&ctx, id).await?)))
}

/// Отменить открытый платёж или закрыть разобранный, который требовал внимания.
#[utoipa::path(post, path = "/payments/{id}/cancel", params(("id" = i64, Path)), request_body = Option<NoFields>,
    responses((status = 200, body = StaffPaymentOut)))]
pub async fn close_payment(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<Option<NoFields>>,
) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::OK, async move |work: &mut Work, _: &Option<NoFields>| {
        match find(work, id).await?.status {
            Status::Attention => services::dismiss(work, id).await?,
            _ => services::cancel(work, id).await?,
        }
        Ok(StaffPaymentOut::of(work.ctx(), find(work, id).await?))
    })
    .await
}

async fn find(work: &Work, id: i64) -> Result<payment::Model> {
    Payment::find_by_id(id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)
}
