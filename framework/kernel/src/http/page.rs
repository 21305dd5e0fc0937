//! Листание: `page`/`page_size`, `skip`/`limit` или `cursor`.

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use garde::Validate;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::Params;
use crate::{Error, Result};

/// Сколько строк в странице, если не сказано.
const DEFAULT_SIZE: u64 = 10;

/// Параметры листания, как они приходят.
#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Номер страницы с 1.
    #[garde(range(min = 1, max = 1_000_000))]
    #[param(minimum = 1, maximum = 1_000_000)]
    pub page: Option<u64>,
    /// Строк в странице, не больше 100.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100)]
    pub page_size: Option<u64>,
    /// Сколько строк пропустить.
    #[garde(range(max = 100_000_000))]
    #[param(maximum = 100_000_000)]
    pub skip: Option<u64>,
    /// То же, что page_size.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// Указатель на следующую страницу из `next_cursor` прошлого ответа.
    #[garde(length(max = 500))]
    #[param(max_length = 500)]
    pub cursor: Option<String>,
}

/// Разобранное листание. В OpenAPI операции пишется `params(kernel::http::Paging)`.
#[derive(Clone, Debug)]
pub struct Paging {
    pub offset: u64,
    pub limit: u64,
    pub cursor: Option<Cursor>,
    asked: PageParams,
}

impl Paging {
    fn of(asked: PageParams, default_size: u64) -> Paging {
        let limit = asked.page_size.or(asked.limit).unwrap_or(default_size);
        let offset = match (asked.page, asked.skip) {
            (Some(page), _) => (page - 1) * limit,
            (None, skip) => skip.unwrap_or(0),
        };
        Paging { offset, limit, cursor: asked.cursor.clone().map(Cursor), asked }
    }

    /// Сколько строк дать тому, кто размера не назвал: контракт некоторых списков обещает не 10.
    pub fn or_size(self, default_size: u64) -> Paging {
        Paging::of(self.asked, default_size)
    }

    /// Номер страницы для ответа.
    pub fn page(&self) -> u64 {
        self.offset / self.limit + 1
    }

    /// Первая страница с данным размером.
    pub fn first(limit: u64) -> Paging {
        Paging::nth(1, limit)
    }

    /// Страница с этим номером, от единицы.
    pub fn nth(page: u64, limit: u64) -> Paging {
        Paging::of(PageParams { page: Some(page), ..PageParams::default() }, limit)
    }
}

impl IntoParams for Paging {
    fn into_params(
        place: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        PageParams::into_params(place)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Params(params) = Params::<PageParams>::from_request_parts(parts, state).await?;
        Ok(Paging::of(params, DEFAULT_SIZE))
    }
}

/// Указатель: последняя виденная строка (значения сортировки и id), непрозрачный для клиента.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// Указатель из адреса; верен ли он, покажет [`Cursor::decode`].
    pub fn parse(text: &str) -> Cursor {
        Cursor(text.to_owned())
    }

    pub fn encode(position: &impl Serialize) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(position)?))
    }

    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        let broken = || Error::invalid("cursor", "request.bad_cursor");
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| broken())?;
        serde_json::from_slice(&bytes).map_err(|_| broken())
    }
}
