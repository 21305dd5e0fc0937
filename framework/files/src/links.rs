//! Короткие подписанные ссылки: доступ к одному файлу без токена в адресе.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Key;

/// Дольше ссылка не живёт, сколько бы ни попросили.
pub const MAX_LINK_TTL: Duration = Duration::from_secs(5 * 60);

/// Как отдать файл: показать на месте или только сохранить.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disposition {
    Inline,
    Attachment,
}

impl Disposition {
    /// Слово для заголовка `Content-Disposition`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Attachment => "attachment",
        }
    }
}

/// Подпись ссылки; едет в строке запроса рядом с ключом файла.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkQuery {
    pub disposition: Disposition,
    /// Последняя секунда, когда ссылка годна (Unix, UTC).
    pub expires: i64,
    pub signature: String,
}

impl fmt::Display for LinkQuery {
    /// Строка запроса без `?`; знаков, которые надо экранировать, в ней не бывает.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { disposition, expires, signature } = self;
        write!(formatter, "disposition={}&expires={expires}&signature={signature}", disposition.as_str())
    }
}

/// Почему по ссылке не отдают.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("the link signature is wrong")]
    Forged,
    #[error("the link has expired")]
    Expired,
}

impl LinkError {
    pub fn code(self) -> &'static str {
        match self {
            Self::Forged => "files.link_forged",
            Self::Expired => "files.link_expired",
        }
    }

    pub fn ru(self) -> &'static str {
        match self {
            Self::Forged => "Ссылка на файл неверна.",
            Self::Expired => "Срок ссылки на файл истёк: откройте страницу заново.",
        }
    }

    pub fn en(self) -> &'static str {
        match self {
            Self::Forged => "The file link is wrong.",
            Self::Expired => "The file link has expired: open the page again.",
        }
    }
}

/// Подписывает и проверяет ссылки (HMAC-SHA256 над ключом, видом выдачи и сроком).
#[derive(Clone)]
pub struct LinkSigner {
    mac: Hmac<Sha256>,
}

impl LinkSigner {
    /// `secret` — секрет установки; он может служить и другим подписям, поэтому ключ выводится с меткой назначения.
    pub fn new(secret: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(b"megashop file links\0").chain_update(secret).finalize();
        // HMAC дополняет короткий ключ нулями до блока; готовый блок не может быть «неверной длины».
        let mut block = [0; 64];
        block[..digest.len()].copy_from_slice(&digest);
        Self { mac: Hmac::new(&block.into()) }
    }

    pub fn sign(&self, key: &Key, disposition: Disposition, now: DateTime<Utc>, ttl: Duration) -> LinkQuery {
        let ttl = ttl.min(MAX_LINK_TTL).as_secs();
        let expires = now.timestamp().saturating_add_unsigned(ttl);
        let signature = URL_SAFE_NO_PAD.encode(self.mac_of(key, disposition, expires).finalize().into_bytes());
        LinkQuery { disposition, expires, signature }
    }

    /// Сравнение подписи — за постоянное время; срок смотрится после неё.
    pub fn verify(&self, key: &Key, query: &LinkQuery, now: DateTime<Utc>) -> Result<Disposition, LinkError> {
        let signature = URL_SAFE_NO_PAD.decode(&query.signature).map_err(|_| LinkError::Forged)?;
        let mac = self.mac_of(key, query.disposition, query.expires);
        mac.verify_slice(&signature).map_err(|_| LinkError::Forged)?;
        if now.timestamp() > query.expires {
            return Err(LinkError::Expired);
        }
        Ok(query.disposition)
    }

    fn mac_of(&self, key: &Key, disposition: Disposition, expires: i64) -> Hmac<Sha256> {
        let text = format!("{key}\n{}\n{expires}", disposition.as_str());
        self.mac.clone().chain_update(text)
    }
}
