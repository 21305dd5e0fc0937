//! Копии магазина: сделать, проверить, делать по расписанию и не копить лишних. Сам перенос строк — `framework/backup`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDateTime, Utc};
use kernel::app::Overrides;
use kernel::data::Db;
use kernel::settings::{DatabaseSettings, Settings};
use kernel::{Ctx, Error, Job, JobError, Platform, jobs};
use megashop_backup::{Archive, DRAFT, Manifest, OnProgress, Shop};
use megashop_files::{Storage, StorageConfig};
use serde::{Deserialize, Deserializer, Serialize};

use crate::commands::doctor;
use crate::{apps, secret};

/// `[backup]`: копии по расписанию, в папке `backups` папки данных.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupSettings {
    /// Когда делать: пять полей cron, время UTC (`30 1 * * *` — каждую ночь). Пусто — только командой.
    #[serde(deserialize_with = "cron")]
    pub every: String,
    /// Сколько последних копий оставлять.
    pub keep: usize,
}

impl Default for BackupSettings {
    fn default() -> Self {
        BackupSettings { every: String::new(), keep: 7 }
    }
}

fn cron<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let line = String::deserialize(deserializer)?;
    if !line.is_empty() {
        jobs::next_after(&line, DateTime::UNIX_EPOCH).map_err(serde::de::Error::custom)?;
    }
    Ok(line)
}

/// Имя файла называет момент копии.
const NAME: &str = "megashop-%Y%m%dT%H%M%SZ.zip";
/// Здесь записан момент последней копии, прошедшей проверку.
const VERIFIED: &str = "last-verified";
/// Недописанное старше этого бросил погибший процесс.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

pub fn folder(settings: &Settings) -> PathBuf {
    settings.data_dir().join("backups")
}

/// Файл копии, сделанной сейчас.
pub fn new_file(ctx: &Ctx) -> PathBuf {
    folder(ctx.settings()).join(ctx.now().format(NAME).to_string())
}

pub async fn make(ctx: &Ctx, to: &Path, progress: OnProgress<'_>) -> Result<Manifest> {
    let migrator = Platform::migrator_of(&apps::all());
    let storage = ctx.service::<Storage>();
    let secret = secret::load_or_create(ctx.settings().data_dir())?;
    let shop = Shop { db: ctx.db_handle(), migrator: &migrator, clock: ctx.clock(), storage: &storage, secret };
    megashop_backup::backup(&shop, to, ctx.now(), &ctx.random().token(), progress).await
}

/// Поднимает копию в отдельной базе, сверяет отпечатки и выполняет проверки `doctor`; возвращает найденные беды.
pub async fn verify(settings: &Settings, file: &Path, progress: OnProgress<'_>) -> Result<Vec<String>> {
    let archive = Archive::open(file)?;
    let folder = tempfile::Builder::new().prefix("megashop-verify-").tempdir_in(parent(file))?;
    let url = format!("sqlite:{}", folder.path().join("copy.sqlite3").display());
    let db = Db::connect(&url, &DatabaseSettings::default()).await?;
    let storage = Storage::open(&StorageConfig::Folder { path: folder.path().join("files") })?;
    let secret = archive.secret()?;
    let platform = Platform::assemble(apps::all(), settings.clone(), db.clone(), secret, Overrides::default())?;
    platform.ctx.provide(storage);
    let restored = megashop_backup::restore(&archive, &db, &platform.migrator, platform.ctx.clock(), progress).await;
    let found = match restored {
        Ok(()) => doctor::found(&platform).await?,
        Err(error) => vec![format!("{error:#}")],
    };
    let files = megashop_backup::put_back(&archive, None, progress).await;
    db.close().await;
    let found: Vec<String> = found.into_iter().chain(files.err().map(|error| format!("{error:#}"))).collect();
    if found.is_empty() {
        remember_verified(file, &archive.manifest);
    }
    Ok(found)
}

/// Для метрики; не записалось — проверка от этого не хуже.
fn remember_verified(file: &Path, manifest: &Manifest) {
    let mark = parent(file).join(VERIFIED);
    if let Err(error) = std::fs::write(&mark, manifest.created_at.to_rfc3339()) {
        tracing::warn!(%error, "cannot write {}", mark.display());
    }
}

fn parent(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Копии в папке и их моменты, старые сначала.
fn kept(folder: &Path) -> Vec<(DateTime<Utc>, PathBuf)> {
    let moment = |path: &Path| NaiveDateTime::parse_from_str(path.file_name()?.to_str()?, NAME).ok();
    let mut found: Vec<_> =
        paths(folder).filter_map(|path| moment(&path).map(|moment| (moment.and_utc(), path))).collect();
    found.sort();
    found
}

fn paths(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path()))
}

/// Моменты последней копии и последней проверенной — для метрик.
pub fn ages(ctx: &Ctx) -> [(&'static str, Option<DateTime<Utc>>); 2] {
    let folder = folder(ctx.settings());
    let verified = std::fs::read_to_string(folder.join(VERIFIED)).ok();
    let verified = verified.and_then(|text| DateTime::parse_from_rfc3339(text.trim()).ok()).map(|at| at.to_utc());
    let made = kept(&folder).pop().map(|(moment, _)| moment);
    [("megashop_backup_age_seconds", made), ("megashop_backup_verified_age_seconds", verified)]
}

/// Копия по расписанию: сделать, проверить, убрать лишние. Спрашивает раз в минуту, не пора ли.
#[derive(Default, Serialize, Deserialize)]
pub struct ScheduledBackup;

impl Job for ScheduledBackup {
    const NAME: &'static str = "system.backup";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let settings = ctx.section::<BackupSettings>();
        if settings.every.is_empty() || !is_due(ctx, &settings)? {
            return Ok(());
        }
        backup_and_verify(ctx, settings.keep).await.map_err(|error| JobError::Retry(Error::internal(error)))
    }
}

fn is_due(ctx: &Ctx, settings: &BackupSettings) -> kernel::Result<bool> {
    let Some((last, _)) = kept(&folder(ctx.settings())).pop() else { return Ok(true) };
    Ok(jobs::next_after(&settings.every, last)? <= ctx.now())
}

async fn backup_and_verify(ctx: &Ctx, keep: usize) -> Result<()> {
    let file = new_file(ctx);
    let manifest = make(ctx, &file, &|_, _| {}).await?;
    tracing::info!(file = %file.display(), rows = manifest.rows(), files = manifest.files.rows, "backup is ready");
    let found = verify(ctx.settings(), &file, &|_, _| {}).await?;
    if !found.is_empty() {
        tracing::error!(file = %file.display(), found = found.join("; "), "the backup does not pass the check");
        return Ok(());
    }
    rotate(ctx, keep)
}

/// Лишние удаляются, только когда новая проверена.
fn rotate(ctx: &Ctx, keep: usize) -> Result<()> {
    let folder = folder(ctx.settings());
    let mut files = kept(&folder);
    files.truncate(files.len().saturating_sub(keep.max(1)));
    let long_ago = std::time::SystemTime::from(ctx.now()) - ABANDONED;
    let is_abandoned = |path: &PathBuf| {
        let written = path.metadata().and_then(|metadata| metadata.modified());
        path.to_string_lossy().ends_with(DRAFT) && written.is_ok_and(|at| at < long_ago)
    };
    for path in files.into_iter().map(|(_, path)| path).chain(paths(&folder).filter(is_abandoned)) {
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}
