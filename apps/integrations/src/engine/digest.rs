//! Отпечаток записи: по нему видно, что со прошлой загрузки ничего не изменилось.

use kernel::Result;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Увеличить, когда меняется то, как записи ложатся в каталог: тогда всё сравнится заново.
const VERSION: u8 = 1;

pub fn of(record: &impl Serialize) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update([VERSION]);
    hash.update(serde_json::to_vec(record)?);
    Ok(hex::encode(&hash.finalize()[..16]))
}
