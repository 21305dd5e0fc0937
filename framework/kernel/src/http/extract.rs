//! Разбор запроса: тело JSON, параметры, части пути. Ошибка всегда называет поле.

use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use garde::Validate;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::messages::Codes;
use crate::error::Kind;
use crate::{Actor, Ctx, Error, Result};

/// Проверенное тело JSON.
#[derive(Clone, Debug)]
pub struct Valid<T>(pub T);

impl<S, T> FromRequest<S> for Valid<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context = ()>,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let body = json_body(request, state).await?;
        parse_body(&body).map(Valid)
    }
}

/// Тело — просто список: так его шлют только клиенты старых систем.
#[derive(Clone, Debug)]
pub struct List<T>(pub Vec<T>);

impl<S, T> FromRequest<S> for List<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let body = json_body(request, state).await?;
        read_json(&body).map(List)
    }
}

/// Байты тела, если это JSON.
pub(super) async fn json_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes> {
    let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/json" && !essence.ends_with("+json") {
        return Err(Error::new(Kind::UnsupportedMediaType, "request.not_json"));
    }
    Bytes::from_request(request, state).await.map_err(|rejection| {
        match axum::response::IntoResponse::into_response(rejection).status().as_u16() {
            413 => Error::new(Kind::TooLarge, "request.too_large"),
            408 => Error::new(Kind::Timeout, "request.timeout"),
            _ => Error::invalid_body(),
        }
    })
}

pub(super) fn parse_body<T: DeserializeOwned + Validate<Context = ()>>(body: &[u8]) -> Result<T> {
    // serde принял бы и массив — по порядку полей, молча и без их имён.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(bad_json("an array, not an object"));
    }
    let value = read_json(body)?;
    check_value(&value)?;
    Ok(value)
}

fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    // PostgreSQL не хранит знак NUL; честнее отказать на всех движках.
    if body.windows(6).any(|window| window == b"\\u0000") {
        return Err(bad_json("NUL character"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(json_error)?;
    deserializer.end().map_err(|error| bad_json(&error.to_string()))?;
    Ok(value)
}

/// Строка пакета, уже разобранная как JSON: те же отказы, что у тела.
pub fn parse_value<T: DeserializeOwned + Validate<Context = ()>>(value: &serde_json::Value) -> Result<T> {
    let value: T = serde_path_to_error::deserialize(value).map_err(json_error)?;
    check_value(&value)?;
    Ok(value)
}

fn json_error(error: serde_path_to_error::Error<serde_json::Error>) -> Error {
    let path = error.path().to_string();
    let inner = error.into_inner();
    match inner.classify() {
        serde_json::error::Category::Data => field_error(&path, &inner.to_string()),
        _ => bad_json(&inner.to_string()),
    }
}

fn bad_json(reason: &str) -> Error {
    Error::new(Kind::Invalid, "request.bad_json").with("reason", reason)
}

/// Проверяет правила garde; ошибки — по полям, с кодами.
pub fn check_value<T: Validate<Context = ()>>(value: &T) -> Result<()> {
    let Err(report) = garde::i18n::with_i18n(Codes, || value.validate()) else {
        return Ok(());
    };
    Err(report
        .iter()
        .fold(Error::invalid_body(), |error, (path, problem)| error.field(&path.to_string(), problem.message())))
}

/// Слова serde → поле и код.
fn field_error(path: &str, message: &str) -> Error {
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted = message.split('`').nth(1).unwrap_or_default();
    let inside = |name: &str| match path {
        "." | "" | "?" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    let here = if path == "." { "" } else { path };
    if message.starts_with("missing field") {
        return Error::invalid(&inside(quoted), "required");
    }
    if message.starts_with("unknown field") {
        // serde_path_to_error уже дописал имя лишнего поля к пути.
        let field = if path.ends_with(quoted) { path.to_owned() } else { inside(quoted) };
        return Error::invalid(&field, "unknown");
    }
    if message.starts_with("unknown variant") {
        return Error::invalid(here, "bad_value");
    }
    if let Some(code) = message.strip_prefix("money: ") {
        return Error::invalid(here, code);
    }
    Error::invalid(here, misfit(message))
}

/// Слова serde о типе → код отказа.
fn misfit(message: &str) -> &'static str {
    if message.starts_with("invalid value") || message.starts_with("number too") {
        return "out_of_range";
    }
    let expected = message.split("expected ").nth(1).unwrap_or(message);
    let kinds: [(&str, &[&str]); 7] = [
        ("not_date", &["date", "input"]),
        ("not_integer", &["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "usize", "integer", "digit"]),
        ("not_number", &["f32", "f64", "float"]),
        ("not_boolean", &["bool", "`true`"]),
        ("not_list", &["sequence", "tuple"]),
        ("not_object", &["map", "struct"]),
        ("not_text", &["string"]),
    ];
    let named = |words: &[&str]| words.iter().any(|word| expected.contains(word));
    kinds.iter().find(|(_, words)| named(words)).map_or("wrong_type", |(code, _)| code)
}

/// Параметры после `?`, проверенные. Повторы ключа собираются в `Vec`.
#[derive(Clone, Debug)]
pub struct Params<T>(pub T);

impl<S, T> FromRequestParts<S> for Params<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context = ()>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let deserializer = serde_html_form::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
        let value: T = serde_path_to_error::deserialize(deserializer)
            .map_err(|error| field_error(&error.path().to_string(), &error.inner().to_string()))?;
        check_value(&value)?;
        Ok(Params(value))
    }
}

/// Часть пути `{id}`. Не разбирается — 404, как у несуществующего.
#[derive(Clone, Debug)]
pub struct PathParam<T>(pub T);

impl<S, T> FromRequestParts<S> for PathParam<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(PathParam(value)),
            Err(_) => Err(Error::new(Kind::Invalid, "request.invalid").field("id", "bad_value")),
        }
    }
}

/// Контекст этого запроса; кладёт внешний слой.
impl<S: Send + Sync> FromRequestParts<S> for Ctx {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let missing = || Error::internal(anyhow::anyhow!("no Ctx in the request: layers are not mounted"));
        parts.extensions.get::<Ctx>().cloned().ok_or_else(missing)
    }
}

/// Кто спрашивает; кладёт страж маршрута.
impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(parts.extensions.get::<Actor>().cloned().unwrap_or_default())
    }
}
