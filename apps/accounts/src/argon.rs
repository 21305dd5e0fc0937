//! Argon2 в одной и той же памяти: 19 МиБ на поток берутся один раз.
//!
//! Свежий блок на каждый пароль malloc получает то из кучи, то у системы, и между ними в куче остаются дыры: память процесса
//! растёт до сотен мегабайт. Память потока не чистится: её целиком перепишет следующий пароль.

use std::cell::RefCell;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

thread_local! {
    static MEMORY: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

type Result<T> = std::result::Result<T, argon2::password_hash::Error>;

/// Хеш в записи PHC.
pub fn hash(argon2: &Argon2, password: &str, salt: &[u8; 16]) -> Result<PasswordHash> {
    let params = argon2.params();
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(output(argon2, password, salt)?),
    })
}

/// Подходит ли пароль к разобранному хешу. Сравнение не зависит от места первой разницы.
pub fn matches(password: &str, parsed: &PasswordHash, params: Params) -> bool {
    let (Some(salt), Some(expected)) = (&parsed.salt, &parsed.hash) else { return false };
    let Ok(algorithm) = Algorithm::try_from(parsed.algorithm.as_str()) else { return false };
    let Ok(version) = parsed.version.map_or(Ok(Version::default()), Version::try_from) else { return false };
    output(&Argon2::new(algorithm, version, params), password, salt).is_ok_and(|got| got == *expected)
}

fn output(argon2: &Argon2, password: &str, salt: &[u8]) -> Result<Output> {
    let params = argon2.params();
    let mut buffer = [0u8; Output::MAX_LENGTH];
    let out = buffer
        .get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN))
        .ok_or(argon2::password_hash::Error::OutputSize)?;
    let blocks = params.block_count();
    if blocks > Params::default().block_count() {
        // Чужой хеш подороже нашего: столько памяти поток себе не оставит.
        argon2.hash_password_into(password.as_bytes(), salt, out)?;
        return Ok(Output::new(out)?);
    }
    MEMORY.with_borrow_mut(|memory| {
        if memory.len() < blocks {
            memory.resize(Params::default().block_count(), Block::default());
        }
        argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut memory[..blocks])
    })?;
    Ok(Output::new(out)?)
}
