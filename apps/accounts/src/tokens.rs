//! Токены: подписанный доступ (JWT HS256) и сменный refresh на каждое устройство (ACC-2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::keys::Key;

const ACCESS: &str = "access";

/// Содержимое токена доступа. Обязательны все поля; `exp` и `iat` — секунды Unix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Публичный id человека.
    pub sub: Uuid,
    /// Id устройства (входа): его можно отозвать отдельно.
    pub sid: i64,
    /// Версия сеанса человека: смена пароля, блокировка и «выйти везде» её повышают.
    pub ver: i64,
    /// Всегда `access`: другой подписанный нами токен доступом не станет.
    pub typ: String,
    pub iat: i64,
    pub exp: i64,
    pub iss: String,
    pub aud: String,
}

/// Выпускает и читает токены доступа одним ключом и одним алгоритмом.
pub struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    issuer: String,
}

impl AccessTokens {
    /// `secret` — из секретов сервера; `issuer` — он же и получатель: токены выпускаем и читаем только мы.
    pub fn new(secret: &[u8], issuer: &str) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[issuer]);
        validation.validate_exp = false; // срок сверяем сами, по часам контекста
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            issuer: issuer.to_owned(),
        }
    }

    pub fn issue(
        &self,
        user: Uuid,
        device: i64,
        version: i64,
        now: DateTime<Utc>,
        ttl: TimeDelta,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            sub: user,
            sid: device,
            ver: version,
            typ: ACCESS.to_owned(),
            iat: now.timestamp(),
            exp: (now + ttl).timestamp(),
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    /// Содержимое годного токена; `None` — подпись, вид, получатель или срок не те. Почему именно, не говорим никому.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        (claims.typ == ACCESS && claims.exp > now.timestamp()).then_some(claims)
    }
}

/// Refresh-токен: `семья.секрет`. Семья не меняется всю жизнь входа и больше нигде не показывается,
/// поэтому верная семья с негодным секретом — это повтор старого токена, то есть кража.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken(String);

impl RefreshToken {
    /// Первый токен нового входа из 48 случайных байт: 16 — семья, 32 — секрет.
    pub fn first(random: &[u8; 48]) -> Self {
        let (family, secret) = random.split_at(16);
        Self(format!("{}.{}", hex::encode(family), URL_SAFE_NO_PAD.encode(secret)))
    }

    /// Читает присланное; длина и знаки проверены, сам токен — ещё нет.
    pub fn parse(text: &str) -> Option<Self> {
        let (family, secret) = text.split_once('.')?;
        let is_ours = family.len() == 32 && secret.len() == 43 && text.is_ascii();
        is_ours.then(|| Self(text.to_owned()))
    }

    /// Следующий токен выводится из нынешнего ключом сервера, а не случаен: две вкладки, обновившиеся
    /// разом, получают один и тот же, и ни одна не окажется с «украденным».
    pub fn successor(&self, key: &Key) -> Self {
        let secret = key.mac(&[&self.0]);
        Self(format!("{}.{}", self.family(), URL_SAFE_NO_PAD.encode(secret)))
    }

    pub fn family(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// То, что лежит в базе: SHA-256 в hex.
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(&self.0))
    }

    pub fn into_text(self) -> String {
        self.0
    }
}
