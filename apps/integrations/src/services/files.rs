//! Файл, присланный в админке: принять, проверить пробой, загрузить. Сам файл лежит в хранилище, долгое делает фоновая задача.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use futures::StreamExt;
use kernel::{Actor, Ctx, Error, Kind, Result, Work};
use megashop_files::{Key, Storage, StorageError};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::NotSet, Condition, Set};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;

use super::{ImportOptions, OfFile, OnProgress, Progress, import_path};
use crate::engine::DRY_RUN_INTERRUPTED;
use crate::formats::{self, Limits};
use crate::jobs::ProcessFile;
use crate::models::import_file::{self, Entity as Files, FileStatus};
use crate::models::import_run::{self, RunStatus};

/// Столько дней присланный файл хранится.
const KEPT_DAYS: i64 = 30;
/// Как часто записывать ход.
const TICK: Duration = Duration::from_secs(1);

/// Узнаёт формат и кладёт файл в хранилище; отвечает ключом. Чужое, битое оглавление и архив-бомба отказывают сразу.
pub async fn store(ctx: &Ctx, name: &str, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<String> {
    let folder = tempfile::tempdir().map_err(Error::internal)?;
    let path = folder.path().join(plain_name(name));
    let bytes = tokio::task::spawn_blocking(move || -> Result<Vec<u8>> {
        std::fs::write(&path, &bytes).map_err(Error::internal)?;
        formats::find(&path, &Limits::default())?;
        Ok(bytes.as_ref().to_vec())
    });
    let bytes = bytes.await.map_err(Error::internal)??;
    let key = Key::new(Uuid::from_bytes(ctx.random().bytes()), megashop_files::Kind::Exchange);
    ctx.service::<Storage>().put(&key, bytes).await.map_err(storage_failed)?;
    Ok(key.to_string())
}

/// Имя без папок и знаков, которым не место в имени: под ним файл ложится во временную папку и назван в журнале.
fn plain_name(name: &str) -> String {
    let own = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let own: String = own.chars().filter(|c| !c.is_control() && *c != ':').take(100).collect();
    if own.trim_matches('.').is_empty() { "file".to_owned() } else { own }
}

/// Заводит файл и ставит пробу.
pub async fn add(work: &mut Work, name: &str, size: i64, storage_key: &str) -> Result<i64> {
    let row = import_file::ActiveModel {
        id: NotSet,
        name: Set(plain_name(name)),
        size: Set(size),
        storage_key: Set(storage_key.to_owned()),
        status: Set(FileStatus::Checking),
        bytes_done: Set(0),
        bytes_total: Set(0),
        error_code: Set(None),
        error_detail: Set(String::new()),
        actor: Set(work.actor().label()),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
    };
    let id = Files::insert(row).exec(work.db()).await?.last_insert_id;
    work.enqueue(&ProcessFile { file_id: id }).await?;
    Ok(id)
}

/// Ставит загрузку проверенного (или повтор неудавшейся). Из двух нажатий сработает одно.
pub async fn apply(work: &mut Work, id: i64) -> Result<()> {
    let ready = [FileStatus::Checked, FileStatus::Failed];
    if !advance(work, id, &ready, FileStatus::Loading, None).await? {
        return Err(Error::conflict("integrations.not_ready"));
    }
    work.enqueue(&ProcessFile { file_id: id }).await
}

/// Одно условное UPDATE состояния; `false` — состояние уже другое.
async fn advance(work: &Work, id: i64, from: &[FileStatus], to: FileStatus, error: Option<&Error>) -> Result<bool> {
    let detail = error.map(|error| serde_json::to_string(&error.args)).transpose()?.unwrap_or_default();
    let changed = Files::update_many()
        .col_expr(import_file::Column::Status, Expr::value(to))
        .col_expr(import_file::Column::ErrorCode, Expr::value(error.map(|error| error.code)))
        .col_expr(import_file::Column::ErrorDetail, Expr::value(detail.chars().take(1000).collect::<String>()))
        .col_expr(import_file::Column::BytesDone, Expr::value(0))
        .col_expr(import_file::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(import_file::Column::Id.eq(id))
        .filter(import_file::Column::Status.is_in(from.iter().copied()))
        .exec(work.db())
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Проба или загрузка, смотря по состоянию. Оборвалась на полпути — повтор начнёт свой запуск, а прежний назовёт оборвавшимся.
pub async fn process(ctx: &Ctx, id: i64) -> Result<()> {
    let Some(file) = Files::find_by_id(id).one(ctx.db_fresh()).await? else { return Ok(()) };
    if !file.status.is_busy() {
        return Ok(());
    }
    close_interrupted(ctx, id).await?;
    let outcome = import(ctx, &file).await;
    let transient = |error: &Error| error.kind != Kind::Refused || error.code == DRY_RUN_INTERRUPTED;
    if let Err(error) = outcome.as_ref()
        && transient(error)
    {
        return outcome;
    }
    let to = match (file.status, outcome.is_ok()) {
        (FileStatus::Checking, true) => FileStatus::Checked,
        (FileStatus::Checking, false) => FileStatus::Refused,
        (_, true) => FileStatus::Loaded,
        (_, false) => FileStatus::Failed,
    };
    let (from, error) = (file.status, outcome.err().map(Arc::new));
    ctx.atomic(&Actor::System("import"), async move |work: &mut Work| {
        advance(work, id, &[from], to, error.as_deref()).await.map(|_| ())
    })
    .await
}

async fn import(ctx: &Ctx, file: &import_file::Model) -> Result<()> {
    let folder = tempfile::tempdir().map_err(Error::internal)?;
    let path = fetch(ctx, file, folder.path()).await?;
    let options = ImportOptions {
        dry_run: file.status == FileStatus::Checking,
        file: Some(OfFile { id: file.id, name: file.name.clone() }),
        ..ImportOptions::default()
    };
    let meter = Arc::new(Meter::default());
    let seen = meter.clone();
    let on_progress: OnProgress = Arc::new(move |progress: Progress| seen.note(progress));
    // В своём потоке: часовая загрузка не занимает тех, кто отвечает покупателям.
    let (own, runtime) = (ctx.clone(), Handle::current());
    let mut work = tokio::task::spawn_blocking(move || {
        runtime.block_on(async move { import_path(&own, &path, options, on_progress).await.map(|_| ()) })
    });
    loop {
        tokio::select! {
            outcome = &mut work => return outcome.map_err(Error::internal)?,
            () = tokio::time::sleep(TICK) => {}
        }
        // Пишущее соединение SQLite занято пробой: ход тогда подождёт, а проба — нет.
        tokio::select! {
            outcome = &mut work => return outcome.map_err(Error::internal)?,
            () = record(ctx, file.id, &meter) => {}
        }
    }
}

/// Файл из хранилища — во временную папку, под своим именем.
async fn fetch(ctx: &Ctx, file: &import_file::Model, folder: &Path) -> Result<PathBuf> {
    let key = Key::parse(&file.storage_key).ok_or_else(|| Error::refused("integrations.file_forgotten"))?;
    let path = folder.join(plain_name(&file.name));
    let mut reading = ctx.service::<Storage>().read(&key, None).await.map_err(storage_failed)?;
    let mut out = tokio::fs::File::create(&path).await.map_err(Error::internal)?;
    while let Some(part) = reading.stream.next().await {
        out.write_all(&part.map_err(Error::internal)?).await.map_err(Error::internal)?;
    }
    out.flush().await.map_err(Error::internal)?;
    Ok(path)
}

/// Ход загрузки: пишется часто и не ждёт.
#[derive(Default)]
struct Meter {
    done: AtomicU64,
    total: AtomicU64,
}

impl Meter {
    fn note(&self, progress: Progress) {
        if progress.bytes_total > 0 {
            self.done.store(progress.bytes_done, Ordering::Relaxed);
            self.total.store(progress.bytes_total, Ordering::Relaxed);
        }
    }
}

async fn record(ctx: &Ctx, id: i64, meter: &Meter) {
    let number = |value: &AtomicU64| i64::try_from(value.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
    let written = Files::update_many()
        .col_expr(import_file::Column::BytesDone, Expr::value(number(&meter.done)))
        .col_expr(import_file::Column::BytesTotal, Expr::value(number(&meter.total)))
        .filter(import_file::Column::Id.eq(id))
        .exec(&ctx.db_handle().write)
        .await;
    if let Err(error) = written {
        tracing::debug!(%error, "import progress was not recorded");
    }
}

/// Запуски этого файла, которые прервала смерть процесса.
async fn close_interrupted(ctx: &Ctx, id: i64) -> Result<()> {
    import_run::Entity::update_many()
        .col_expr(import_run::Column::Status, Expr::value(RunStatus::Failed))
        .col_expr(import_run::Column::Error, Expr::value("integrations.interrupted"))
        .col_expr(import_run::Column::FinishedAt, Expr::value(ctx.now().naive_utc()))
        .filter(import_run::Column::FileId.eq(id))
        .filter(import_run::Column::Status.eq(RunStatus::Running))
        .exec(&ctx.db_handle().write)
        .await?;
    Ok(())
}

/// Убирает из хранилища то, что прислано давно и уже отработано.
pub async fn forget_old(ctx: &Ctx) -> Result<()> {
    let since = (ctx.now() - TimeDelta::days(KEPT_DAYS)).naive_utc();
    let idle = [FileStatus::Checked, FileStatus::Refused, FileStatus::Loaded, FileStatus::Failed];
    let old = Condition::all()
        .add(import_file::Column::CreatedAt.lt(since))
        .add(import_file::Column::Status.is_in(idle))
        .add(import_file::Column::StorageKey.not_like("gone-%"));
    for file in Files::find().filter(old).all(ctx.db_fresh()).await? {
        if let Some(key) = Key::parse(&file.storage_key) {
            ctx.service::<Storage>().delete(&key).await.map_err(storage_failed)?;
        }
        let gone = Files::update_many()
            .col_expr(import_file::Column::StorageKey, Expr::value(format!("gone-{}", file.id)))
            .filter(import_file::Column::Id.eq(file.id));
        gone.exec(&ctx.db_handle().write).await?;
    }
    Ok(())
}

fn storage_failed(error: StorageError) -> Error {
    match error {
        StorageError::NotFound => Error::refused("integrations.file_forgotten"),
        other => Error::internal(other),
    }
}
