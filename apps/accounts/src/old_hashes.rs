//! Хеши паролей чужих систем, которые мы только проверяем: bcrypt, Django, WordPress.
//!
//! Стоимость записана в самом хеше, а хеши приходят из чужих выгрузок, поэтому у каждого вида есть потолок:
//! строка с безумной стоимостью — неверный пароль, а не занятая на час машина.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::{Digest, Sha256, Sha384};
use subtle::ConstantTimeEq;

/// Потолок памяти одной проверки, КиБ (256 МиБ). Django 5 для Argon2 берёт 100 МиБ, для scrypt — 16 МиБ.
const MAX_MEMORY_KIB: u64 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_BCRYPT_COST: u32 = 16;
const MAX_PBKDF2_ITERATIONS: u32 = 10_000_000;
/// WordPress берёт 8 (2⁸ = 256 кругов MD5), phpBB — до 11.
const MAX_PHPASS_COST: usize = 20;

pub fn matches(password: &str, stored: &str) -> bool {
    if let Some(phc) = stored.strip_prefix("argon2") {
        return django_argon2(password, phc).unwrap_or(false);
    }
    let Some((scheme, rest)) = stored.split_once('$').filter(|(scheme, _)| !scheme.is_empty()) else {
        return matches_crypt(password, stored);
    };
    match scheme {
        "pbkdf2_sha256" => django_pbkdf2(password, rest).unwrap_or(false),
        "bcrypt_sha256" => bcrypt_matches(hex::encode(Sha256::digest(password)).as_bytes(), rest),
        "bcrypt" => bcrypt_matches(password.as_bytes(), rest),
        "scrypt" => django_scrypt(password, rest).unwrap_or(false),
        _ => false,
    }
}

/// Записи с долларом впереди: `$2b$…`, `$P$…`, `$H$…`, `$wp$2y$…`.
fn matches_crypt(password: &str, stored: &str) -> bool {
    if let Some(bcrypt) = stored.strip_prefix("$wp") {
        return bcrypt_matches(&wordpress_prehash(password), bcrypt);
    }
    if stored.starts_with("$P$") || stored.starts_with("$H$") {
        return phpass(password, stored).unwrap_or(false);
    }
    bcrypt_matches(password.as_bytes(), stored)
}

/// Django пишет `argon2` перед обычной записью PHC.
fn django_argon2(password: &str, phc: &str) -> Option<bool> {
    use argon2::PasswordVerifier;
    let parsed = argon2::password_hash::phc::PasswordHash::new(phc).ok()?;
    let params = argon2::Params::try_from(&parsed).ok()?;
    let verified = argon2::Argon2::default().verify_password(password.as_bytes(), &parsed);
    Some(argon2_is_affordable(&params) && verified.is_ok())
}

pub fn argon2_is_affordable(params: &argon2::Params) -> bool {
    u64::from(params.m_cost()) <= MAX_MEMORY_KIB && params.t_cost() <= MAX_PASSES && params.p_cost() <= MAX_PASSES
}

/// `2a`, `2b`, `2y` — одно и то же для паролей без байта 0; длиннее 72 байт bcrypt не смотрит никто из них.
fn bcrypt_matches(password: &[u8], stored: &str) -> bool {
    let cost = stored.get(4..6).and_then(|digits| digits.parse::<u32>().ok());
    let known = ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| stored.starts_with(prefix));
    known && cost.is_some_and(|c| c <= MAX_BCRYPT_COST) && bcrypt::verify(password, stored).unwrap_or(false)
}

/// Остаток записи `pbkdf2_sha256$круги$соль$base64`.
fn django_pbkdf2(password: &str, rest: &str) -> Option<bool> {
    let [iterations, salt, hash] = fields(rest)?;
    let iterations: u32 = iterations.parse().ok().filter(|n| (1..=MAX_PBKDF2_ITERATIONS).contains(n))?;
    let mut got = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt.as_bytes(), iterations, &mut got);
    Some(equal(&got, &STANDARD.decode(hash).ok()?))
}

/// Остаток записи `scrypt$N$соль$r$p$base64` (64 байта).
fn django_scrypt(password: &str, rest: &str) -> Option<bool> {
    let [n, salt, r, p, hash] = fields(rest)?;
    let n: u64 = n.parse().ok().filter(|n: &u64| n.is_power_of_two())?;
    let (r, p): (u32, u32) = (r.parse().ok()?, p.parse().ok()?);
    let memory_kib = n.checked_mul(u64::from(r))? / 8; // 128 · N · r байт
    if memory_kib > MAX_MEMORY_KIB || p > MAX_PASSES {
        return None;
    }
    let params = scrypt::Params::new(n.ilog2() as u8, r, p).ok()?;
    let mut got = [0; 64];
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut got).ok()?;
    Some(equal(&got, &STANDARD.decode(hash).ok()?))
}

/// WordPress 6.8: bcrypt от base64(HMAC-SHA384), чтобы длина пароля не упиралась в 72 байта.
fn wordpress_prehash(password: &str) -> Vec<u8> {
    let mut key = [0; 128]; // HMAC и сам дополняет ключ нулями до блока
    key[..9].copy_from_slice(b"wp-sha384");
    let mut mac = Hmac::<Sha384>::new(&key.into());
    mac.update(password.trim().as_bytes());
    STANDARD.encode(mac.finalize().into_bytes()).into_bytes()
}

const PHPASS_ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Переносимый вид phpass: `$P$` (WordPress) или `$H$` (phpBB), знак стоимости, 8 знаков соли, 22 знака MD5.
fn phpass(password: &str, stored: &str) -> Option<bool> {
    let (cost, salt, hash) = (stored.as_bytes().get(3)?, stored.get(4..12)?, stored.get(12..)?);
    let cost = PHPASS_ALPHABET.iter().position(|c| c == cost).filter(|cost| *cost <= MAX_PHPASS_COST)?;
    let mut digest = Md5::new().chain_update(salt).chain_update(password).finalize();
    for _ in 0..1_u64 << cost {
        digest = Md5::new().chain_update(digest).chain_update(password).finalize();
    }
    Some(equal(phpass_text(&digest).as_bytes(), hash.as_bytes()))
}

/// Свой base64 у phpass: младшие шесть бит вперёд.
fn phpass_text(digest: &[u8]) -> String {
    let mut text = String::new();
    for chunk in digest.chunks(3) {
        let bits = chunk.iter().rev().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for i in 0..=chunk.len() {
            text.push(char::from(PHPASS_ALPHABET[bits >> (6 * i) & 63]));
        }
    }
    text
}

fn fields<const N: usize>(rest: &str) -> Option<[&str; N]> {
    rest.split('$').collect::<Vec<_>>().try_into().ok()
}

fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
