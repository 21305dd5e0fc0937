//! Ключ HMAC-SHA256 одного дела. Разные дела получают разные ключи (`ctx.secret("accounts.codes")`), чтобы подпись
//! одного не годилась в другом.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

#[derive(Clone)]
pub struct Key([u8; 64]);

impl Key {
    pub fn new(secret: [u8; 32]) -> Self {
        let mut block = [0; 64]; // HMAC и сам дополняет ключ нулями до блока
        block[..32].copy_from_slice(&secret);
        Self(block)
    }

    pub fn mac(&self, parts: &[&str]) -> [u8; 32] {
        self.keyed(parts).finalize().into_bytes().into()
    }

    /// Сравнение за постоянное время.
    pub fn matches(&self, parts: &[&str], given: &[u8]) -> bool {
        self.keyed(parts).verify_slice(given).is_ok()
    }

    /// Части разделены нулём: `("ab","c")` и `("a","bc")` дают разное.
    fn keyed(&self, parts: &[&str]) -> Hmac<Sha256> {
        parts.iter().fold(Hmac::new(&self.0.into()), |mac, part| mac.chain_update(part).chain_update([0]))
    }
}
