//! Печать для того, что лежит в базе, но прочесть это должна только программа: ChaCha20-Poly1305, ключ — из секрета магазина.

use anyhow::anyhow;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use crate::{Error, Result};

const NONCE: usize = 12;

/// Запечатывает; `about` — о чём это: под другим именем печать не откроется. `nonce` случаен.
pub fn close(key: &[u8; 32], nonce: &[u8; NONCE], about: &str, text: &str) -> Result<String> {
    let mut bytes = text.as_bytes().to_vec();
    let sealed = key_of(key)?.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(*nonce),
        Aad::from(about.as_bytes()),
        &mut bytes,
    );
    sealed.map_err(|_| broken())?;
    Ok(STANDARD_NO_PAD.encode([nonce.as_slice(), &bytes].concat()))
}

pub fn open(key: &[u8; 32], about: &str, sealed: &str) -> Result<String> {
    let bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| broken())?;
    let (nonce, body) = bytes.split_first_chunk::<NONCE>().ok_or_else(broken)?;
    let mut body = body.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let text = key_of(key)?.open_in_place(nonce, Aad::from(about.as_bytes()), &mut body).map_err(|_| broken())?;
    String::from_utf8(text.to_vec()).map_err(Error::internal)
}

fn key_of(key: &[u8; 32]) -> Result<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, key).map(LessSafeKey::new).map_err(|_| broken())
}

/// Печать сломана или ключ не тот: секрет магазина сменили.
fn broken() -> Error {
    Error::internal(anyhow!("a sealed value does not open: was the shop secret replaced?"))
}
