//! Фоновые дела.

use kernel::{Ctx, Job, JobError};
use serde::{Deserialize, Serialize};

use crate::services::files;

/// Проба или загрузка присланного файла — что именно, решает его состояние, поэтому повтор безвреден.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProcessFile {
    pub file_id: i64,
}

impl Job for ProcessFile {
    const NAME: &'static str = "integrations.process_file";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        Ok(files::process(ctx, self.file_id).await?)
    }
}

/// Старые присланные файлы больше не нужны: исход их строк остаётся в журнале.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ForgetFiles;

impl Job for ForgetFiles {
    const NAME: &'static str = "integrations.forget_files";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        Ok(files::forget_old(ctx).await?)
    }
}
