//! Адреса отчётов.

use axum::Json;
use axum::response::Response;
use garde::Validate;
use kernel::http::{Params, Routes};
use kernel::{Access, Ctx, Result};
use sea_orm::Condition;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::routes;

use crate::period::PeriodFilter;
use crate::permissions::{EXPORT, VIEW};
use crate::schemas::{CustomersReport, PreordersReport, PromoCodesReport, SalesReport};
use crate::{export, queries};

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Отчёты")
        .add(routes!(read_sales), Access::Staff(VIEW))
        .lenient()
        .add(routes!(read_preorders), Access::Staff(VIEW))
        .lenient()
        .add(routes!(read_customers), Access::Staff(VIEW))
        .lenient()
        .add(routes!(read_promo_codes), Access::Staff(VIEW))
        .lenient()
        .add(routes!(export_customers), Access::Staff(EXPORT))
        .lenient()
        .add(routes!(export_orders), Access::Staff(EXPORT))
        .lenient()
}

/// Продажи за срок.
#[utoipa::path(get, path = "/analytics/sales", params(PeriodFilter), responses((status = 200, body = SalesReport)))]
pub async fn read_sales(ctx: Ctx, Params(filter): Params<PeriodFilter>) -> Result<Json<SalesReport>> {
    Ok(Json(queries::sales(&ctx, filter.resolve(ctx.now())?).await?))
}

/// Предзаказы за срок.
#[utoipa::path(get, path = "/analytics/preorders", params(PeriodFilter), responses((status = 200, body = PreordersReport)))]
pub async fn read_preorders(ctx: Ctx, Params(filter): Params<PeriodFilter>) -> Result<Json<PreordersReport>> {
    Ok(Json(queries::preorders(&ctx, filter.resolve(ctx.now())?).await?))
}

/// Покупатели за всё время.
#[utoipa::path(get, path = "/analytics/customers", responses((status = 200, body = CustomersReport)))]
pub async fn read_customers(ctx: Ctx) -> Result<Json<CustomersReport>> {
    Ok(Json(queries::customers_report(&ctx).await?))
}

/// Промокоды за срок; срок не назван — за всё время.
#[utoipa::path(get, path = "/analytics/promo-codes", params(PeriodFilter), responses((status = 200, body = PromoCodesReport)))]
pub async fn read_promo_codes(ctx: Ctx, Params(filter): Params<PeriodFilter>) -> Result<Json<PromoCodesReport>> {
    Ok(Json(queries::promo_codes(&ctx, filter.resolve_given(ctx.now())?).await?))
}

#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct ExportParams {
    /// Начать файл меткой порядка байтов: без неё Excel не узнаёт UTF-8.
    #[garde(skip)]
    pub bom: bool,
}

/// Покупатели файлом.
#[utoipa::path(get, path = "/analytics/export/customers", params(ExportParams), responses((status = 200, description = "CSV", content_type = "text/csv")))]
pub async fn export_customers(ctx: Ctx, Params(params): Params<ExportParams>) -> Result<Response> {
    export::customers(ctx, params.bom)
}

/// Заказы файлом; срок не назван — все.
#[utoipa::path(get, path = "/analytics/export/orders", params(PeriodFilter, ExportParams), responses((status = 200, description = "CSV", content_type = "text/csv")))]
pub async fn export_orders(
    ctx: Ctx,
    Params(filter): Params<PeriodFilter>,
    Params(params): Params<ExportParams>,
) -> Result<Response> {
    let period = filter.resolve_given(ctx.now())?;
    let within = period.as_ref().map(queries::within);
    export::orders(ctx, Condition::all().add_option(within), params.bom)
}
