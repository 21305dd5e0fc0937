//! Главный секрет магазина: из него выводятся ключи подписи. Рождается при первом старте.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use kernel::clock::Random;

const FILE: &str = "secret.key";
/// Короче этого секрет не принимается, байт.
const SHORTEST: usize = 32;

/// Читает секрет из папки данных или заводит новый, доступный только владельцу.
pub fn load_or_create(data_dir: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::create_dir_all(data_dir)
        .with_context(|| format!("cannot create the data directory {}", data_dir.display()))?;
    let path = data_dir.join(FILE);
    match std::fs::read(&path) {
        Ok(secret) if secret.len() >= SHORTEST => Ok(secret),
        Ok(_) => anyhow::bail!(
            "{} is too short: restore it from a backup or delete it (everyone will have to log in again)",
            path.display()
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(&path),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Секрет копии и секрет папки данных — один и тот же, или в папке его нет; `force` позволяет сменить.
pub fn compare(data_dir: &Path, secret: &[u8], force: bool) -> anyhow::Result<()> {
    let path = data_dir.join(FILE);
    match std::fs::read(&path) {
        Ok(own) if own != secret && !force => anyhow::bail!(
            "{} belongs to another shop: name an empty --data-dir, or replace the key with --force",
            path.display()
        ),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Ставит секрет из копии; прежний, если он другой, остаётся рядом.
pub fn replace(data_dir: &Path, secret: &[u8]) -> anyhow::Result<()> {
    std::fs::create_dir_all(data_dir)?;
    let path = data_dir.join(FILE);
    if std::fs::read(&path).is_ok_and(|own| own == secret) {
        return Ok(());
    }
    if path.exists() {
        std::fs::rename(&path, path.with_extension("key.replaced"))?;
    }
    let draft = path.with_extension("draft");
    std::fs::remove_file(&draft).ok();
    write_private(&draft, secret).with_context(|| format!("cannot write {}", draft.display()))?;
    Ok(std::fs::rename(&draft, &path)?)
}

/// Создаётся под чужим именем и встаёт на место: второй процесс прочитает уже целый файл.
fn create(path: &Path) -> anyhow::Result<Vec<u8>> {
    let random = Random::system();
    let secret = format!("{}{}{}", random.token(), random.token(), random.token());
    let draft = path.with_extension(format!("{}.draft", random.token()));
    write_private(&draft, secret.as_bytes()).with_context(|| format!("cannot write {}", draft.display()))?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).ok();
    match linked {
        Ok(()) => Ok(secret.into_bytes()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(std::fs::read(path)?),
        Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
    }
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
