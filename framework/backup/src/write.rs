//! Запись файла копии: под чужим именем, с ожиданием диска, потом переименование. Оборвалось — под настоящим именем ничего нет.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Столько байт пишется без ожидания диска: долгая запись одним куском задержала бы фиксации соседней базы.
const SYNC_EVERY: usize = 8 << 20;

/// Недописанный файл.
pub struct Writer {
    zip: Option<ZipWriter<File>>,
    sync: File,
    unsynced: usize,
    draft: PathBuf,
    target: PathBuf,
}

impl Writer {
    /// `nonce` отличает черновик от чужого: копий может идти две.
    pub fn create(target: &Path, nonce: &str) -> Result<Writer> {
        ensure!(!target.exists(), "{} already exists: name another file", target.display());
        let folder = folder_of(target);
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let name = target.file_name().with_context(|| format!("{} is not a file name", target.display()))?;
        let draft = folder.join(format!(".{}.{nonce}{DRAFT}", name.to_string_lossy()));
        let file = private(&draft).with_context(|| format!("cannot write {}", draft.display()))?;
        let sync = file.try_clone()?;
        Ok(Writer { zip: Some(ZipWriter::new(file)), sync, unsynced: 0, draft, target: target.to_owned() })
    }

    /// Следующая запись архива. Картинки и модели уже сжаты: второй раз незачем.
    pub async fn entry(&mut self, name: String, is_compressed: bool) -> Result<()> {
        let method = if is_compressed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method).large_file(true).unix_permissions(0o600);
        let options = if is_compressed { options } else { options.compression_level(Some(1)) };
        self.with(move |zip| Ok(zip.start_file(name, options)?)).await
    }

    pub async fn write(&mut self, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<()> {
        self.unsynced += bytes.as_ref().len();
        let sync = (self.unsynced >= SYNC_EVERY).then(|| self.sync.try_clone()).transpose()?;
        if sync.is_some() {
            self.unsynced = 0;
        }
        self.with(move |zip| {
            zip.write_all(bytes.as_ref())?;
            sync.map_or(Ok(()), |file| Ok(file.sync_data()?))
        })
        .await
    }

    /// Дожидается диска и ставит файл на место.
    pub async fn finish(mut self) -> Result<()> {
        let zip = self.zip.take().ok_or_else(lost)?;
        let (draft, target) = (self.draft.clone(), self.target.clone());
        tokio::task::spawn_blocking(move || {
            zip.finish()?.sync_all()?;
            // Жёсткая ссылка, а не переименование: чужой файл с этим именем, появившийся за это время, останется цел.
            std::fs::hard_link(&draft, &target).with_context(|| format!("cannot write {}", target.display()))?;
            File::open(folder_of(&target))?.sync_all()?;
            Ok(())
        })
        .await?
    }

    /// Сжатие и диск — на своём потоке: магазин, в котором идёт копия по расписанию, отвечает дальше.
    async fn with(&mut self, act: impl FnOnce(&mut ZipWriter<File>) -> Result<()> + Send + 'static) -> Result<()> {
        let mut zip = self.zip.take().ok_or_else(lost)?;
        let (zip, done) = tokio::task::spawn_blocking(move || {
            let done = act(&mut zip);
            (zip, done)
        })
        .await?;
        self.zip = Some(zip);
        done.with_context(|| format!("cannot write {}", self.draft.display()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        std::fs::remove_file(&self.draft).ok();
    }
}

/// Так кончаются имена недописанных.
pub const DRAFT: &str = ".partial";

fn lost() -> anyhow::Error {
    anyhow!("writing was interrupted")
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// В копии и покупатели, и главный секрет: прочесть её может только владелец.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
