//! Чья корзина: вошедшего человека или гостя с ключом.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};
use kernel::{Actor, Ctx, Error, Result, Work};
use sha2::{Digest, Sha256};

use crate::settings::CartSettings;
use crate::{queries, services};

/// Заголовок с ключом гостя: приходит от клиента и отдаётся ему вместе с новой корзиной.
pub const TOKEN_HEADER: &str = "x-cart-token";
/// Имя cookie с тем же ключом: для страниц.
pub const COOKIE: &str = "cart";

/// Ключ корзины гостя: 128 бит, 32 шестнадцатеричных знака.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestToken(String);

impl CartOwner {
    /// Человек, если он вошёл.
    pub fn user_id(&self) -> Option<i64> {
        match self {
            CartOwner::User(id) => Some(*id),
            CartOwner::Guest(_) | CartOwner::Nobody => None,
        }
    }
}

impl GuestToken {
    /// `None` — это не ключ.
    pub fn parse(text: &str) -> Option<GuestToken> {
        let text = text.trim();
        let is_hex = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_hex.then(|| GuestToken(text.to_owned()))
    }

    pub fn new(ctx: &Ctx) -> GuestToken {
        GuestToken(ctx.random().token())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Как ключ лежит в базе.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }

    /// Заголовки ответа, которыми клиент узнаёт новый ключ.
    pub fn headers(&self, ctx: &Ctx) -> Result<HeaderMap> {
        let days = ctx.section::<CartSettings>().guest_ttl_days;
        let secure = if ctx.settings().kernel.server.public_url.starts_with("https:") { "; Secure" } else { "" };
        let cookie = format!("{COOKIE}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", self.0, days * 86_400);
        let mut headers = HeaderMap::new();
        headers.insert(TOKEN_HEADER, HeaderValue::from_str(&self.0).map_err(Error::internal)?);
        headers.insert(header::SET_COOKIE, HeaderValue::from_str(&cookie).map_err(Error::internal)?);
        Ok(headers)
    }
}

/// Владелец корзины.
///
/// Как извлекатель работает на маршрутах `Access::Visitor` и строже. Если вошедший прислал ещё и ключ гостя, корзина гостя тут же
/// вливается в его собственную: `accounts` о корзине не знает, поэтому слияние при входе происходит здесь.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CartOwner {
    User(i64),
    Guest(GuestToken),
    /// Гость, у которого корзины ещё нет.
    Nobody,
}

impl CartOwner {
    /// Владелец по тому, кто спрашивает, и ключу, если он есть; вливает корзину гостя.
    pub async fn settle(ctx: &Ctx, actor: &Actor, token: Option<GuestToken>) -> Result<CartOwner> {
        let Some(user_id) = actor.user_id() else {
            return Ok(token.map_or(CartOwner::Nobody, CartOwner::Guest));
        };
        if let Some(token) = token
            && queries::guest_cart_exists(ctx.db_fresh(), &token).await?
        {
            ctx.atomic(actor, async move |work: &mut Work| services::merge_guest_cart(work, &token, user_id).await)
                .await?;
        }
        Ok(CartOwner::User(user_id))
    }

    /// Имя для ключей от повторов: у двух гостей оно разное.
    pub fn label(&self) -> String {
        match self {
            CartOwner::User(id) => format!("user:{id}"),
            CartOwner::Guest(token) => format!("cart:{}", token.hash()),
            CartOwner::Nobody => "nobody".to_owned(),
        }
    }
}

/// Ключ из заголовка, а если его нет — из cookie.
pub fn token_of(headers: &HeaderMap) -> Option<GuestToken> {
    let given = headers.get(TOKEN_HEADER).and_then(|value| value.to_str().ok()).and_then(GuestToken::parse);
    given.or_else(|| {
        cookies(headers).find_map(|(name, value)| if name == COOKIE { GuestToken::parse(value) } else { None })
    })
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

impl<S: Send + Sync> FromRequestParts<S> for CartOwner {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<CartOwner> {
        let ctx = Ctx::from_request_parts(parts, state).await?;
        let actor = Actor::from_request_parts(parts, state).await?;
        CartOwner::settle(&ctx, &actor, token_of(&parts.headers)).await
    }
}
