//! Кто открыл страницу: вошедший (печенье `session`) или гость, и чья корзина.

use accounts::BearerAuthenticator;
use axum::extract::FromRequestParts;
use axum::response::Response;
use cart::CartOwner;
use http::header::{AUTHORIZATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use kernel::access::Authenticate;
use kernel::http::cookie;
use kernel::{Actor, Ctx, Error, Kind, Result};

/// Печенье с пропуском вошедшего; скрипту страницы оно недоступно.
const SESSION: &str = "session";

/// Посетитель страницы.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub actor: Actor,
    pub cart: CartOwner,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let ctx = Ctx::from_request_parts(parts, state).await?;
        Visitor::of(&ctx, &parts.headers).await
    }
}

impl Visitor {
    /// Узнаёт посетителя по печенью. Корзина гостя вливается в корзину вошедшего.
    pub async fn of(ctx: &Ctx, headers: &HeaderMap) -> Result<Visitor> {
        let actor = match cookie(headers, SESSION) {
            Some(token) => authenticate(ctx, token).await?,
            None => Actor::Anonymous,
        };
        let cart = CartOwner::settle(ctx, &actor, cart::owner::token_of(headers)).await?;
        Ok(Visitor { actor, cart })
    }
}

/// Истёкший или отозванный пропуск — просто гость: страницу он увидит.
async fn authenticate(ctx: &Ctx, token: &str) -> Result<Actor> {
    let Ok(value) = HeaderValue::from_str(&format!("Bearer {token}")) else {
        return Ok(Actor::Anonymous);
    };
    let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
    match BearerAuthenticator.authenticate(ctx, &headers).await {
        Err(error) if error.kind == Kind::Unauthorized => Ok(Actor::Anonymous),
        found => found,
    }
}

/// Кладёт в ответ пропуск; `max_age` — секунды, 0 стирает.
pub fn set_session(ctx: &Ctx, response: &mut Response, token: &str, max_age: i64) -> Result<()> {
    let secure = if ctx.settings().kernel.server.public_url.starts_with("https:") { "; Secure" } else { "" };
    let cookie = format!("{SESSION}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    let cookie = HeaderValue::from_str(&cookie).map_err(Error::internal)?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(())
}
