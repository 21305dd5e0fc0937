//! Разбор того, чего нет в общих разборщиках: `attr_*` и зритель. Готовые ответы из кэша.

use axum::extract::{FromRequestParts, Query};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use kernel::{Actor, Ctx, Error, Result};
use serde::Serialize;

use crate::permissions::VIEW_PRODUCT;
use crate::queries::{AttributeFilter, Viewer};
use crate::schemas::{Facets, ProductDetail, ProductList, ProductShelf};

/// Больше характеристик и значений в одном запросе не бывает у людей.
const MAX_ATTRIBUTES: usize = 20;
const MAX_VALUES: usize = 50;

/// Сотрудник видит скрытое; все прочие — опубликованное.
pub fn viewer(actor: &Actor) -> Viewer {
    if actor.can(VIEW_PRODUCT) { Viewer::Staff } else { Viewer::Public }
}

/// Параметры `attr_<slug>=значение`: повторы собраны вместе.
#[derive(Clone, Debug, Default)]
pub struct AttributeParams(pub Vec<AttributeFilter>);

impl<S: Send + Sync> FromRequestParts<S> for AttributeParams {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(pairs) = pairs.map_err(|_| Error::invalid("", "bad_format"))?;
        let mut out: Vec<AttributeFilter> = Vec::new();
        for (name, value) in pairs {
            let Some(slug) = name.strip_prefix("attr_") else { continue };
            match out.iter_mut().find(|(known, _)| known == slug) {
                Some((_, values)) => values.push(value),
                None => out.push((slug.to_owned(), vec![value])),
            }
            if out.len() > MAX_ATTRIBUTES || out.iter().any(|(_, values)| values.len() > MAX_VALUES) {
                return Err(Error::invalid(&name, "catalog.too_many_values"));
            }
        }
        Ok(AttributeParams(out))
    }
}

/// Ответ, который знает, какие товары показывает: с переменой их остатка он устаревает.
pub trait Shows: Serialize {
    fn products(&self) -> Vec<i64>;
}

impl Shows for ProductList {
    fn products(&self) -> Vec<i64> {
        self.products.iter().map(|product| product.id).collect()
    }
}

impl Shows for ProductShelf {
    fn products(&self) -> Vec<i64> {
        self.products.iter().map(|product| product.id).collect()
    }
}

impl Shows for ProductDetail {
    fn products(&self) -> Vec<i64> {
        vec![self.product.id]
    }
}

/// Числа остатков здесь не видны, только «есть — нет», а его перемена сбрасывает всю тему.
impl Shows for Facets {
    fn products(&self) -> Vec<i64> {
        Vec::new()
    }
}

/// Ответ для всех из кэша темы `catalog`; нет — вычисляется один раз. Ключ различает минуты: окно показа товара наступает само.
pub async fn cached<T: Shows>(
    ctx: &Ctx,
    key: &str,
    compute: impl Future<Output = Result<T>> + Send,
) -> Result<Response> {
    let key = format!("{}:{key}", ctx.now().timestamp() / 60);
    let body = ctx.cache().body_showing("catalog", key, async move || {
        let answer = compute.await?;
        Ok((serde_json::to_vec(&answer)?.into(), answer.products()))
    });
    Ok(body.await?.for_everyone())
}

/// Для сотрудника — всегда из базы.
pub async fn fresh<T: Serialize>(compute: impl Future<Output = Result<T>> + Send) -> Result<Response> {
    Ok(axum::Json(compute.await?).into_response())
}
