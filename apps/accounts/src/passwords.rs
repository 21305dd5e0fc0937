//! Пароли: Argon2id для новых, проверка хешей систем, откуда переезжает бизнес, и запрет на расхожие пароли (ACC-6).
//!
//! Здесь только чистые функции, и они дороги по времени: не звать прямо в обработчике запроса.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, Params};
use std::collections::HashSet;
use std::sync::LazyLock;

use crate::{argon, old_hashes};

/// Длиннее не принимаем: иначе мегабайтный «пароль» занимает процессор ещё до проверки.
pub const MAX_LENGTH: usize = 128;

/// Ниже этого настройка `auth.password_min_length` опуститься не может (ACC-6).
pub const LOWEST_MIN_LENGTH: usize = 6;

/// Хеш случайной строки, которую никто не знает; с ним сверяется пароль неизвестного человека,
/// чтобы ответ занимал столько же времени, сколько для известного.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bWVnYXNob3Atbm9ib2R5MQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Итог сверки пароля с хешем.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Пароль верный, но хеш старого вида или слабее нынешнего: пора записать новый.
    RightButOld,
}

/// Чем пароль не годится.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    TooShort,
    TooLong,
    TooCommon,
}

/// Хеш нового пароля в записи PHC: `$argon2id$v=19$m=19456,t=2,p=1$соль$хеш`. Соль — 16 случайных байт.
pub fn hash(password: &str, salt: &[u8; 16]) -> Result<String, argon2::password_hash::Error> {
    Ok(argon::hash(&current(), password, salt)?.to_string())
}

/// Сверяет пароль с хешем любого известного вида. Нечитаемый хеш — то же, что неверный пароль.
pub fn verify(password: &str, stored: &str) -> Verdict {
    if stored.starts_with("$argon2") {
        return verify_argon2(password, stored);
    }
    match old_hashes::matches(password, stored) {
        true => Verdict::RightButOld,
        false => Verdict::Wrong,
    }
}

/// Тратит столько же времени, сколько проверка настоящего пароля; всегда «неверно».
pub fn verify_nobody(password: &str) -> Verdict {
    verify_argon2(password, NOBODYS_HASH);
    Verdict::Wrong
}

/// Годится ли новый пароль. `min_length` — в знаках, из настройки; `own` — телефон и почта хозяина.
pub fn check_strength(password: &str, min_length: usize, own: &[&str]) -> Result<(), Weakness> {
    let length = password.chars().count();
    if length < min_length.max(LOWEST_MIN_LENGTH) {
        return Err(Weakness::TooShort);
    }
    if length > MAX_LENGTH {
        return Err(Weakness::TooLong);
    }
    let lower = password.trim().to_lowercase();
    let is_own = own.iter().any(|name| lower == name.to_lowercase() || lower == name.trim_start_matches('+'));
    if is_own || is_common(&lower) || is_common(&in_latin_layout(&lower)) {
        return Err(Weakness::TooCommon);
    }
    Ok(())
}

fn verify_argon2(password: &str, stored: &str) -> Verdict {
    let Ok(parsed) = PasswordHash::new(stored) else {
        return Verdict::Wrong;
    };
    let Ok(params) = Params::try_from(&parsed) else {
        return Verdict::Wrong;
    };
    if !old_hashes::argon2_is_affordable(&params) || !argon::matches(password, &parsed, params.clone()) {
        return Verdict::Wrong;
    }
    match is_current(&parsed, &params) {
        true => Verdict::Right,
        false => Verdict::RightButOld,
    }
}

/// m = 19 МиБ, t = 2, p = 1 — первая рекомендация OWASP для Argon2id; она же — умолчание крейта.
fn current() -> Argon2<'static> {
    Argon2::default()
}

fn is_current(parsed: &PasswordHash, params: &Params) -> bool {
    parsed.algorithm == argon2::ARGON2ID_IDENT
        && params.m_cost() >= Params::DEFAULT_M_COST
        && params.t_cost() >= Params::DEFAULT_T_COST
}

fn is_common(lower: &str) -> bool {
    static COMMON: LazyLock<HashSet<&str>> =
        LazyLock::new(|| include_str!("../data/common-passwords.txt").lines().collect());
    COMMON.contains(lower)
}

/// «пароль» — это `gfhjkm` на той же клавиатуре: русская раскладка не делает расхожий пароль редким.
fn in_latin_layout(lower: &str) -> String {
    const RUSSIAN: &str = "йцукенгшщзхъфывапролджэячсмитьбюё";
    const LATIN: &[u8] = b"qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
    let key = |c: char| RUSSIAN.chars().position(|r| r == c).map_or(c, |i| char::from(LATIN[i]));
    lower.chars().map(key).collect()
}
