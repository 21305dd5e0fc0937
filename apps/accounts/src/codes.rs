//! Одноразовые коды и ссылки.
//!
//! Код не хранится нигде, даже хешем: шесть цифр подбираются по хешу за миг. Он выводится ключом сервера из
//! случайного id строки `one_time_codes`, поэтому утёкшая база его не выдаёт, а задача отправки везёт только id.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::keys::Key;

/// Шесть цифр кода для строки `id`.
pub fn digits(key: &Key, id: Uuid) -> String {
    let mac = key.mac(&["digits", &id.to_string()]);
    let number = mac[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{:06}", number % 1_000_000)
}

/// Сверяет код за постоянное время; пробелы и дефис внутри («123 456») не мешают.
pub fn digits_match(key: &Key, id: Uuid, given: &str) -> bool {
    let given: String = given.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-')).collect();
    digits(key, id).as_bytes().ct_eq(given.as_bytes()).into()
}

/// Токен для ссылки в письме: `id.подпись`, 256 бит против подбора.
pub fn link(key: &Key, id: Uuid) -> String {
    let signature = key.mac(&["link", &id.to_string()]);
    format!("{}.{}", id.simple(), URL_SAFE_NO_PAD.encode(signature))
}

/// Id строки из верно подписанного токена.
pub fn read_link(key: &Key, token: &str) -> Option<Uuid> {
    let (id, signature) = token.split_once('.')?;
    let id = Uuid::try_parse(id).ok()?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    key.matches(&["link", &id.to_string()], &signature).then_some(id)
}
