//! Шифрование уведомления (RFC 8188, 8291) и подпись магазина (VAPID, RFC 8292).

use anyhow::{Context, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use p256::ecdh::diffie_hellman;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use serde_json::json;

/// Наибольшее тело: столько обязана принять всякая служба.
const RECORD: u32 = 4096;
/// Сколько в нём остаётся тексту: без заголовка, метки конца и печати.
const MAX_TEXT: usize = 4096 - 86 - 1 - 16;
/// Подпись годна столько; больше суток службы не примут.
const SIGNED_FOR: TimeDelta = TimeDelta::hours(12);

/// Браузер, которому пишут.
#[derive(Clone, Debug)]
pub struct Receiver {
    key: PublicKey,
    auth: Vec<u8>,
}

impl Receiver {
    /// Ключи подписки, base64url: точка кривой и шестнадцать байт.
    pub fn parse(p256dh: &str, auth: &str) -> anyhow::Result<Receiver> {
        let key =
            PublicKey::from_sec1_bytes(&decode(p256dh)?).map_err(|_| anyhow!("p256dh is not a point of P-256"))?;
        let auth = decode(auth)?;
        anyhow::ensure!(auth.len() == 16, "auth is not 16 bytes");
        Ok(Receiver { key, auth })
    }
}

pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Браузеры не дополняют, но примем и дополненное.
pub fn decode(text: &str) -> anyhow::Result<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).context("not base64url")
}

/// Ключ из тридцати двух байт; годятся почти любые, но не все.
pub fn new_key(mut bytes: impl FnMut() -> [u8; 32]) -> anyhow::Result<SecretKey> {
    let found = (0..8).find_map(|_| SecretKey::from_slice(&bytes()).ok());
    found.context("no usable key in eight tries")
}

pub fn public_bytes(key: &SecretKey) -> Vec<u8> {
    key.public_key().to_encoded_point(false).as_bytes().to_vec()
}

/// Тело запроса: соль, размер записи, наш разовый ключ, шифр.
pub fn encrypt(receiver: &Receiver, key: &SecretKey, salt: [u8; 16], text: &[u8]) -> anyhow::Result<Vec<u8>> {
    if text.len() > MAX_TEXT {
        bail!("the notification is longer than {MAX_TEXT} bytes");
    }
    let own = public_bytes(key);
    let shared = diffie_hellman(key.to_nonzero_scalar(), receiver.key.as_affine());
    let theirs = receiver.key.to_encoded_point(false);
    let about = [b"WebPush: info\0".as_slice(), theirs.as_bytes(), &own].concat();
    let ikm: [u8; 32] = derive(&receiver.auth, shared.raw_secret_bytes(), &about)?;
    let cek: [u8; 16] = derive(&salt, &ikm, b"Content-Encoding: aes128gcm\0")?;
    let nonce: [u8; 12] = derive(&salt, &ikm, b"Content-Encoding: nonce\0")?;
    // 0x02 — последняя запись, добивки нет.
    let mut sealed = [text, &[2]].concat();
    let cipher = UnboundKey::new(&AES_128_GCM, &cek).map_err(|_| anyhow!("bad key"))?;
    LessSafeKey::new(cipher)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
        .map_err(|_| anyhow!("cannot seal the notification"))?;
    let own_length = u8::try_from(own.len())?;
    Ok([salt.as_slice(), &RECORD.to_be_bytes(), &[own_length], &own, &sealed].concat())
}

/// Длина, которую просят у HKDF.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(salt: &[u8], ikm: &[u8], info: &[u8]) -> anyhow::Result<[u8; N]> {
    let mut out = [0; N];
    let filled =
        Salt::new(HKDF_SHA256, salt).extract(ikm).expand(&[info], Length(N)).and_then(|okm| okm.fill(&mut out));
    filled.map_err(|_| anyhow!("cannot derive a key"))?;
    Ok(out)
}

/// Заголовок `Authorization`: кто шлёт и до какого часа этому верить.
pub fn vapid(key: &SecretKey, origin: &str, now: DateTime<Utc>, contact: &str) -> anyhow::Result<String> {
    let part = |value: serde_json::Value| encode(value.to_string().as_bytes());
    let head = part(json!({"typ": "JWT", "alg": "ES256"}));
    let claims = part(json!({"aud": origin, "exp": (now + SIGNED_FOR).timestamp(), "sub": contact}));
    let signed = format!("{head}.{claims}");
    let signature: Signature =
        SigningKey::from(key).try_sign(signed.as_bytes()).map_err(|_| anyhow!("cannot sign for the push service"))?;
    Ok(format!("vapid t={signed}.{}, k={}", encode(&signature.to_bytes()), encode(&public_bytes(key))))
}
