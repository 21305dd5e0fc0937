//! Чтение товаров: список, фасеты, страница товара, подборки.

use axum::response::Response;
use kernel::http::{Paging, Params, PathParam};
use kernel::{Actor, Ctx, Result};

use super::params::{AttributeParams, Shows, cached, fresh, viewer};
use crate::queries::{self, ProductAddress, Scope, Viewer};
use crate::schemas::{Facets, ProductDetail, ProductFilter, ProductList, ProductShelf};

/// Список товаров. Отбор по характеристикам — параметрами `attr_<slug>`.
#[utoipa::path(get, path = "/products/", params(ProductFilter, Paging), responses((status = 200, body = ProductList)))]
pub async fn list_products(
    ctx: Ctx,
    actor: Actor,
    Params(filter): Params<ProductFilter>,
    AttributeParams(attributes): AttributeParams,
    paging: Paging,
) -> Result<Response> {
    let viewer = viewer(&actor);
    let scope_key = scope_key(&filter, &attributes, viewer)?;
    let key = format!("list:{}:{}:{:?}:{scope_key}", paging.offset, paging.limit, paging.cursor);
    let own = ctx.clone();
    let compute = async move {
        let now = own.now().naive_utc();
        let scope = Scope::resolve(own.db(), viewer, now, &filter, &attributes).await?;
        queries::list_products(&own, &scope, filter.sort, &paging, &scope_key).await
    };
    answer(&ctx, viewer, &key, compute).await
}

/// Что ещё можно выбрать при том же отборе.
#[utoipa::path(get, path = "/products/facets", params(ProductFilter), responses((status = 200, body = Facets)))]
pub async fn list_facets(
    ctx: Ctx,
    actor: Actor,
    Params(filter): Params<ProductFilter>,
    AttributeParams(attributes): AttributeParams,
) -> Result<Response> {
    let viewer = viewer(&actor);
    let key = format!("facets:{}", scope_key(&filter, &attributes, viewer)?);
    let own = ctx.clone();
    let compute = async move {
        let now = own.now().naive_utc();
        let scope = Scope::resolve(own.db(), viewer, now, &filter, &attributes).await?;
        queries::facets(own.db(), &scope).await
    };
    answer(&ctx, viewer, &key, compute).await
}

fn scope_key(filter: &ProductFilter, attributes: &[(String, Vec<String>)], viewer: Viewer) -> Result<String> {
    Ok(serde_json::to_string(&(filter, attributes, viewer == Viewer::Staff))?)
}

async fn answer<T: Shows>(
    ctx: &Ctx,
    viewer: Viewer,
    key: &str,
    compute: impl Future<Output = Result<T>> + Send,
) -> Result<Response> {
    match viewer {
        Viewer::Public => cached(ctx, key, compute).await,
        Viewer::Staff => fresh(compute).await,
    }
}

/// Товар по id.
#[utoipa::path(get, path = "/products/{id}", params(("id" = i64, Path)), responses((status = 200, body = ProductDetail)))]
pub async fn read_product(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<Response> {
    detail(ctx, actor, ProductAddress::Id(id)).await
}

/// Товар по адресу (slug).
#[utoipa::path(get, path = "/products/by-slug/{slug}", params(("slug" = String, Path)), responses((status = 200, body = ProductDetail)))]
pub async fn read_product_by_slug(ctx: Ctx, actor: Actor, PathParam(slug): PathParam<String>) -> Result<Response> {
    detail(ctx, actor, ProductAddress::Slug(slug)).await
}

async fn detail(ctx: Ctx, actor: Actor, address: ProductAddress) -> Result<Response> {
    let viewer = viewer(&actor);
    let key = format!("product:{address:?}");
    let own = ctx.clone();
    let compute = async move { queries::find_detail(own.db(), &address, viewer, own.now().naive_utc()).await };
    answer(&ctx, viewer, &key, compute).await
}

/// Похожие: тот же раздел, ближайшая цена.
#[utoipa::path(get, path = "/products/{id}/similar", params(("id" = i64, Path)), responses((status = 200, body = ProductShelf)))]
pub async fn list_similar(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Response> {
    let own = ctx.clone();
    let compute = async move {
        let products = queries::similar(own.db(), id, own.now().naive_utc()).await?;
        Ok(ProductShelf { products })
    };
    cached(&ctx, &format!("similar:{id}"), compute).await
}

/// Что берут вместе с этим товаром, по последним заказам.
#[utoipa::path(get, path = "/products/{id}/bought-together", params(("id" = i64, Path)), responses((status = 200, body = ProductShelf)))]
pub async fn list_bought_together(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Response> {
    let own = ctx.clone();
    let compute = async move {
        let products = queries::bought_together(own.db(), id, own.now().naive_utc()).await?;
        Ok(ProductShelf { products })
    };
    cached(&ctx, &format!("together:{id}"), compute).await
}
