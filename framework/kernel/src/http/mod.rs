//! HTTP: маршруты с доступом, разбор и проверка тел, ошибки, списки, ключи от повторов, слои.

mod browser;
mod build;
mod extract;
mod layers;
mod messages;
mod once;
mod page;
mod problem;
mod ready;
mod routes;

pub use browser::{cookie, csrf};
pub use build::{Mounted, RouteInfo, build, openapi};
pub use extract::{List, Params, PathParam, Valid, check_value, parse_value};
pub use layers::{etag_of, wants_html};
pub use messages::not_empty;
pub use once::{Once, Sent};
pub use page::{Cursor, Paging};
pub use problem::Problem;
pub use routes::{Route, Routes};

use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::cache::CachedBody;

/// 201 с телом JSON.
#[derive(Clone, Debug)]
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (http::StatusCode::CREATED, axum::Json(self.0)).into_response()
    }
}

/// 204 без тела.
#[derive(Clone, Copy, Debug)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        http::StatusCode::NO_CONTENT.into_response()
    }
}

impl IntoResponse for CachedBody {
    fn into_response(self) -> Response {
        let headers = [
            (http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json")),
            (http::header::ETAG, self.etag),
        ];
        (headers, self.bytes).into_response()
    }
}

impl CachedBody {
    /// Ответ, одинаковый для всех, кто пришёл без пропуска: дальше его отдают, не заходя в обработчик (см. `ready`).
    /// Зависеть он может только от адреса с параметрами и языка.
    pub fn for_everyone(self) -> Response {
        let freshness = self.freshness.clone().filter(|_| self.bytes.len() <= ready::BODY_LIMIT);
        let mut response = self.into_response();
        if let Some(freshness) = freshness {
            response.extensions_mut().insert(freshness);
        }
        response
    }
}
