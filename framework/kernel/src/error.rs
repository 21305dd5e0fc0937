//! Одна ошибка на пути запроса: вид → статус, устойчивый код, слова для человека, поля, причина для журнала.

use std::collections::BTreeMap;
use std::panic::Location;

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Вид отказа. Определяет статус ответа.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 401: нет пропуска или он негоден.
    Unauthorized,
    /// 403: объект виден, права нет.
    Forbidden,
    /// 404: нет или не ваше.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 408: тело не пришло вовремя.
    Timeout,
    /// 400: отказ по правилам магазина.
    Refused,
    /// 409: спор версий или близнец в работе.
    Conflict,
    /// 413.
    TooLarge,
    /// 415.
    UnsupportedMediaType,
    /// 422: тело, путь или параметры не подходят.
    Invalid,
    /// 429.
    TooManyRequests,
    /// 503: занято, повторите.
    Unavailable,
    /// 500: ошибка программы.
    Internal,
}

impl Kind {
    pub fn status(self) -> StatusCode {
        match self {
            Kind::Unauthorized => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Kind::Timeout => StatusCode::REQUEST_TIMEOUT,
            Kind::Refused => StatusCode::BAD_REQUEST,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Что не так с одним полем. `code` ищется в текстах как `fields.<code>` (или целиком, если в нём есть точка).
#[derive(Clone, Debug, Serialize)]
pub struct FieldError {
    /// Путь внутри тела: `items[0].quantity`.
    pub field: String,
    pub code: String,
    #[serde(skip)]
    pub args: BTreeMap<String, Value>,
}

/// Ошибка или отказ. Слова для человека лежат в `texts/*.toml` приложения под ключом `code`.
#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    /// `app.reason`.
    pub code: &'static str,
    pub args: BTreeMap<String, Value>,
    pub fields: Vec<FieldError>,
    /// Через сколько секунд повторить (`Retry-After`).
    pub retry_after: Option<u64>,
    pub(crate) source: Option<anyhow::Error>,
    pub(crate) at: &'static Location<'static>,
}

impl Error {
    #[track_caller]
    pub fn new(kind: Kind, code: &'static str) -> Self {
        Error {
            kind,
            code,
            args: BTreeMap::new(),
            fields: Vec::new(),
            retry_after: None,
            source: None,
            at: Location::caller(),
        }
    }

    /// Отказ по правилам магазина, 400.
    #[track_caller]
    pub fn refused(code: &'static str) -> Self {
        Self::new(Kind::Refused, code)
    }

    /// 404; и «нет такого», и «не ваше» — одно и то же.
    #[track_caller]
    pub fn not_found(code: &'static str) -> Self {
        Self::new(Kind::NotFound, code)
    }

    #[track_caller]
    pub fn unauthorized() -> Self {
        Self::new(Kind::Unauthorized, "auth.unauthorized")
    }

    /// 403 без права `permission`.
    #[track_caller]
    pub fn forbidden(permission: &str) -> Self {
        Self::new(Kind::Forbidden, "auth.forbidden").with("permission", permission)
    }

    #[track_caller]
    pub fn conflict(code: &'static str) -> Self {
        Self::new(Kind::Conflict, code)
    }

    /// 422 с одним полем.
    #[track_caller]
    pub fn invalid(field: &str, code: &str) -> Self {
        Self::new(Kind::Invalid, "request.invalid").field(field, code)
    }

    /// 422, поля добавляются через [`Error::field`].
    #[track_caller]
    pub fn invalid_body() -> Self {
        Self::new(Kind::Invalid, "request.invalid")
    }

    /// 503: повторите через `seconds`.
    #[track_caller]
    pub fn unavailable(code: &'static str, seconds: u64) -> Self {
        Error { retry_after: Some(seconds), ..Self::new(Kind::Unavailable, code) }
    }

    /// 429.
    #[track_caller]
    pub fn too_many(code: &'static str, seconds: u64) -> Self {
        Error { retry_after: Some(seconds.max(1)), ..Self::new(Kind::TooManyRequests, code) }
            .with("seconds", seconds.max(1))
    }

    /// 500; `source` уходит только в журнал.
    #[track_caller]
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        Error { source: Some(source.into()), ..Self::new(Kind::Internal, "server.internal") }
    }

    /// Подстановка в текст: `{{ name }}`.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }

    /// Добавляет поле. `code` — `required`, `too_short:3` (после двоеточия — подстановка `{{ arg }}`), `accounts.bad_phone`.
    pub fn field(mut self, field: &str, code: &str) -> Self {
        let (code, arg) = code.split_once(':').map_or((code, None), |(c, a)| (c, Some(a)));
        let args = arg.map(|a| ("arg".to_owned(), Value::from(a))).into_iter().collect();
        self.fields.push(FieldError { field: field.to_owned(), code: code.to_owned(), args });
        self
    }

    /// Стоит ли повторить транзакцию: база занята или взаимная блокировка.
    pub fn is_retryable(&self) -> bool {
        self.code == "database.busy"
    }

    /// Если нарушена уникальность — вернуть `refusal`, иначе исходную ошибку.
    pub fn on_unique(self, refusal: impl FnOnce() -> Error) -> Error {
        if self.code == "database.unique" { refusal() } else { self }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({:?}) at {}", self.code, self.kind, self.at)?;
        for field in &self.fields {
            write!(f, "; {}: {}", field.field, field.code)?;
        }
        if !self.args.is_empty() {
            write!(f, "; {:?}", self.args)?;
        }
        match &self.source {
            Some(source) => write!(f, ": {source:#}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl From<sea_orm::DbErr> for Error {
    #[track_caller]
    fn from(error: sea_orm::DbErr) -> Self {
        let at = Location::caller();
        let (kind, code) = classify(&error);
        let retry_after = (kind == Kind::Unavailable).then_some(1);
        Error { source: Some(error.into()), at, retry_after, ..Error::new(kind, code) }
    }
}

/// Единственное место, где ошибки трёх баз становятся нашими.
fn classify(error: &sea_orm::DbErr) -> (Kind, &'static str) {
    use sea_orm::{DbErr, SqlErr};
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => return (Kind::Conflict, "database.unique"),
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => return (Kind::Conflict, "database.foreign_key"),
        _ => {}
    }
    if matches!(error, DbErr::ConnectionAcquire(_)) {
        return (Kind::Unavailable, "database.unavailable");
    }
    match sqlx_error(error) {
        Some(sqlx::Error::Database(database)) if is_busy(database.as_ref()) => (Kind::Unavailable, "database.busy"),
        Some(sqlx::Error::Database(database)) if is_down(database.as_ref()) => {
            (Kind::Unavailable, "database.unavailable")
        }
        Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed) => {
            (Kind::Unavailable, "database.unavailable")
        }
        _ => (Kind::Internal, "server.internal"),
    }
}

fn sqlx_error(error: &sea_orm::DbErr) -> Option<&sqlx::Error> {
    use sea_orm::{DbErr, RuntimeErr};
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e))
        | DbErr::Conn(RuntimeErr::SqlxError(e)) => Some(e.as_ref()),
        _ => None,
    }
}

/// Занято или взаимная блокировка: транзакцию надо повторить.
fn is_busy(error: &dyn sqlx::error::DatabaseError) -> bool {
    if let Some(mysql) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return matches!(mysql.number(), 1205 | 1213 | 1020);
    }
    match error.code().as_deref() {
        // PostgreSQL: сериализация, взаимная блокировка, замок не получен.
        Some("40001" | "40P01" | "55P03") => true,
        // SQLite: младший байт расширенного кода — BUSY (5) или LOCKED (6).
        Some(code) => {
            error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
                && code.parse::<i32>().is_ok_and(|n| matches!(n & 0xff, 5 | 6))
        }
        None => false,
    }
}

/// PostgreSQL останавливается или только поднимается (класс 57P).
fn is_down(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().is_some_and(|code| code.starts_with("57P"))
}

impl From<serde_json::Error> for Error {
    #[track_caller]
    fn from(error: serde_json::Error) -> Self {
        Error::internal(error)
    }
}

impl From<std::io::Error> for Error {
    #[track_caller]
    fn from(error: std::io::Error) -> Self {
        Error::internal(error)
    }
}

/// `?` и `on_unique` на результатах базы одной строкой.
pub trait OnUnique<T> {
    /// Нарушенная уникальность становится понятным отказом.
    fn on_unique(self, refusal: impl FnOnce() -> Error) -> Result<T>;
}

impl<T, E: Into<Error>> OnUnique<T> for std::result::Result<T, E> {
    #[track_caller]
    fn on_unique(self, refusal: impl FnOnce() -> Error) -> Result<T> {
        self.map_err(|error| error.into().on_unique(refusal))
    }
}

/// «Нет такого» словами вызывающего.
pub trait OrNotFound<T> {
    fn or_not_found(self, code: &'static str) -> Result<T>;
}

impl<T> OrNotFound<T> for Option<T> {
    #[track_caller]
    fn or_not_found(self, code: &'static str) -> Result<T> {
        match self {
            Some(value) => Ok(value),
            None => Err(Error::not_found(code)),
        }
    }
}
