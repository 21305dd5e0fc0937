//! Загрузить каталог из файла, папки или архива; файлы, присланные в админке.

pub mod files;

use std::path::Path;

use kernel::{Ctx, Result};

use crate::engine;
pub use crate::engine::report::{
    DocumentInfo, ImportOptions, OfFile, OnProgress, Progress, Report, Stage, Tallies, Tally,
};

/// Загружает каталог. Отказ по всему файлу — ошибка с кодом `integrations.…`, отказы по строкам — в отчёте.
pub async fn import_path(ctx: &Ctx, path: &Path, options: ImportOptions, progress: OnProgress) -> Result<Report> {
    engine::run(ctx, path, options, progress).await
}
