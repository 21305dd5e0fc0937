//! `Idempotency-Key`: ключ, отпечаток тела и готовый ответ пишутся в той же транзакции, что и само дело.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use garde::Validate;
use http::{HeaderValue, StatusCode, header};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::extract::{json_body, parse_body};
use crate::data::Work;
use crate::error::Kind;
use crate::{Actor, Ctx, Error, Result, Timestamp};

mod row {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub scope: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub idempotency_key: String,
        pub fingerprint: String,
        pub status: Option<i32>,
        pub body: Option<String>,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Проверенное тело вместе с ключом от повторов. Тело `()` — для POST без тела.
pub struct Once<T> {
    pub input: T,
    key: Option<String>,
    fingerprint: String,
}

impl<S, T> FromRequest<S> for Once<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context = ()>,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        Sent::read_from(request, state).await.parse()
    }
}

/// Присланное, но ещё не разобранное. Обычно пускает страж, раньше всякого тела; если же, пускать ли, решает сам обработчик
/// (`Access::Visitor`), он просит `Sent`, решает — и только потом разбирает, чтобы 401 не спрятался за 422.
pub struct Sent {
    route: String,
    key: Result<Option<String>>,
    body: Result<Bytes>,
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> std::result::Result<Self, Infallible> {
        Ok(Sent::read_from(request, state).await)
    }
}

impl Sent {
    async fn read_from<S: Send + Sync>(request: Request, state: &S) -> Sent {
        let key = key_of(request.headers());
        let route = format!("{} {}", request.method(), request.uri().path().trim_end_matches('/'));
        let empty = request.headers().get(header::CONTENT_TYPE).is_none();
        let body = if empty { Ok(Bytes::from_static(b"null")) } else { json_body(request, state).await };
        Sent { route, key, body }
    }

    /// Названо ли в теле это поле; нечитаемое тело не называет ничего.
    pub fn names(&self, field: &str) -> bool {
        let Ok(body) = &self.body else { return false };
        let fields = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body);
        fields.is_ok_and(|fields| fields.get(field).is_some_and(|value| !value.is_null()))
    }

    /// Разбирает и проверяет.
    pub fn parse<T: DeserializeOwned + Validate<Context = ()>>(self) -> Result<Once<T>> {
        let (key, body) = (self.key?, self.body?);
        let input = parse_body(&body)?;
        let mut hash = Sha256::new();
        hash.update(self.route.as_bytes());
        hash.update([0]);
        hash.update(&body);
        Ok(Once { input, key, fingerprint: hex::encode(hash.finalize()) })
    }
}

fn key_of(headers: &http::HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(text) if (1..=255).contains(&text.len()) && !text.trim().is_empty() => Ok(Some(text.to_owned())),
        _ => Err(Error::new(Kind::Invalid, "idempotency.bad_key").field("Idempotency-Key", "bad_format")),
    }
}

impl<T> Once<T> {
    /// Выполняет дело и отдаёт ответ; повтор с тем же ключом получает тот же ответ байт в байт.
    ///
    /// `scope` — чей это ключ: пользователь или корзина гостя. Отказ (`Err`) не запоминается: его можно повторить.
    ///
    /// Ключ и ответ — одна вставка в конце: близнец успеет сделать всё то же, но место ключа занято, и сделанное им откатится. Любой
    /// его отказ (занятый ключ, уже пустая корзина, раскупленный товар) поэтому значит сначала «не готов ли ответ».
    pub async fn run<R, F>(self, ctx: &Ctx, actor: &Actor, scope: &str, status: StatusCode, f: F) -> Result<Response>
    where
        R: Serialize,
        F: AsyncFn(&mut Work, &T) -> Result<R>,
    {
        let Once { input, key, fingerprint } = self;
        let Some(key) = key else {
            let value = ctx.atomic(actor, async move |work: &mut Work| f(work, &input).await).await?;
            return Ok(answer(status, serde_json::to_string(&value)?, false));
        };
        let slot = Slot { scope: scope.to_owned(), key, fingerprint };
        let own = slot.clone();
        let done = ctx
            .atomic(actor, async move |work: &mut Work| {
                let value = f(work, &input).await?;
                let body = serde_json::to_string(&value)?;
                own.save(work, status, &body).await?;
                Ok(body)
            })
            .await;
        match done {
            Ok(body) => Ok(answer(status, body, false)),
            Err(error) => slot.replay(ctx).await.unwrap_or(Err(error)),
        }
    }
}

/// Место ключа в таблице.
#[derive(Clone)]
struct Slot {
    scope: String,
    key: String,
    fingerprint: String,
}

impl Slot {
    /// Готовый ответ первого запроса, если он есть.
    async fn replay(&self, ctx: &Ctx) -> Option<Result<Response>> {
        let find = row::Entity::find_by_id((self.scope.clone(), self.key.clone()));
        let stored = find.one(ctx.db_fresh()).await.ok().flatten()?;
        if stored.fingerprint != self.fingerprint {
            return Some(Err(Error::new(Kind::Invalid, "idempotency.other_body")));
        }
        let status = StatusCode::from_u16(u16::try_from(stored.status?).ok()?).ok()?;
        Some(Ok(answer(status, stored.body?, true)))
    }

    async fn save(&self, work: &mut Work, status: StatusCode, body: &str) -> Result<()> {
        let row = row::ActiveModel {
            scope: Set(self.scope.clone()),
            idempotency_key: Set(self.key.clone()),
            fingerprint: Set(self.fingerprint.clone()),
            status: Set(Some(i32::from(status.as_u16()))),
            body: Set(Some(body.to_owned())),
            created_at: Set(work.timestamp()),
        };
        work.insert_later(vec![row]).await
    }
}

fn answer(status: StatusCode, body: String, replayed: bool) -> Response {
    let mut response =
        (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], Body::from(body))
            .into_response();
    if replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}
