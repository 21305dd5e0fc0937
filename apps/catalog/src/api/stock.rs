//! Остатки: для сотрудников.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{Once, Paging, PathParam};
use kernel::{Actor, Ctx, Error, Result, Work};

use crate::models::stock_movement::MovementKind;
use crate::queries;
use crate::schemas::{Ledger, StockIn, StockInKind, StockOut};
use crate::services::stock::StockChange;
use crate::services::{stock, update_product};

/// Остатки товара.
#[utoipa::path(get, path = "/products/{id}/stock", params(("id" = i64, Path)), responses((status = 200, body = StockOut)))]
pub async fn read_stock(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<StockOut>> {
    Ok(Json(queries::stock_of(ctx.db_fresh(), id).await?))
}

/// Оприходовать или поправить остаток.
#[utoipa::path(post, path = "/products/{id}/stock", params(("id" = i64, Path)), request_body = StockIn, responses((status = 201, body = StockOut)))]
pub async fn change_stock(
    ctx: Ctx,
    actor: Actor,
    PathParam(product): PathParam<i64>,
    once: Once<StockIn>,
) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &StockIn| {
        let (kind, change) = change_of(input)?;
        let item = update_product::stock_item(work, product, input.inventory_item_id, input.variant_id).await?;
        stock::adjust(work, item.id, change, kind, &input.reason).await?;
        queries::stock_of(work.db(), product).await
    })
    .await
}

fn change_of(input: &StockIn) -> Result<(MovementKind, StockChange)> {
    match (input.kind, input.quantity, input.set_to) {
        (StockInKind::Receipt, Some(quantity), None) if quantity > 0 => {
            Ok((MovementKind::Receipt, StockChange::By(quantity)))
        }
        (StockInKind::Receipt, _, Some(_)) => Err(Error::invalid("set_to", "unknown")),
        (StockInKind::Receipt, _, None) => Err(Error::invalid("quantity", "not_positive")),
        (StockInKind::Adjust, Some(quantity), None) if quantity != 0 => {
            Ok((MovementKind::Adjust, StockChange::By(quantity)))
        }
        (StockInKind::Adjust, None, Some(count)) => Ok((MovementKind::Adjust, StockChange::OnHand(count))),
        (StockInKind::Adjust, _, _) => Err(Error::invalid("quantity", "catalog.quantity_or_set_to")),
    }
}

/// Журнал склада товара, последнее — первым.
#[utoipa::path(get, path = "/products/{id}/stock/ledger", params(("id" = i64, Path), Paging), responses((status = 200, body = Ledger)))]
pub async fn list_ledger(ctx: Ctx, PathParam(id): PathParam<i64>, paging: Paging) -> Result<Json<Ledger>> {
    let (movements, total) = queries::ledger(ctx.db_fresh(), id, &paging).await?;
    Ok(Json(Ledger { movements, total, page: paging.page(), page_size: paging.limit }))
}
