//! Хранилище: папка, S3 или память — за одним лицом.

use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use opendal::layers::{RetryLayer, TimeoutLayer};
use opendal::options::{ListOptions, ReaderOptions, WriteOptions};
use opendal::{ErrorKind, HttpTransporter, Operator, services};
use opendal_http_transport_reqwest::ReqwestTransport;
use serde::Deserialize;
use uuid::Uuid;

use crate::Key;

const MAX_RETRIES: usize = 2;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Папка недописанных файлов внутри хранилища: файл появляется под своим именем целиком или никак.
const UNFINISHED: &str = ".unfinished";

/// Где лежат файлы.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum StorageConfig {
    /// В памяти процесса: для проверок.
    Memory,
    /// В папке; создаётся, если её нет.
    Folder { path: PathBuf },
    /// В корзине S3 или совместимого хранилища.
    S3(S3Config),
}

/// Корзина S3. Окружение, профили и метаданные машины не читаются: всё сказано здесь.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    pub bucket: String,
    /// Адрес хранилища, `https://storage.yandexcloud.net`; без него — AWS.
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    /// Папка внутри корзины.
    #[serde(default)]
    pub prefix: String,
    /// `https://bucket.host/…` вместо `https://host/bucket/…`.
    #[serde(default)]
    pub virtual_host: bool,
    /// Сколько ждать одного действия хранилища, секунд.
    #[serde(default = "default_timeout_seconds")]
    pub timeout_seconds: u64,
}

fn default_timeout_seconds() -> u64 {
    10
}

impl std::fmt::Debug for S3Config {
    /// Без секрета: настройки попадают в журнал.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { bucket, endpoint, region, prefix, .. } = self;
        formatter
            .debug_struct("S3Config")
            .field("bucket", bucket)
            .field("endpoint", endpoint)
            .field("region", region)
            .field("prefix", prefix)
            .finish_non_exhaustive()
    }
}

/// Беда с хранилищем.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("the file is not in the storage")]
    NotFound,
    #[error("the requested range is outside the file")]
    RangeNotSatisfied,
    #[error("the upload was interrupted")]
    Interrupted(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("storage {action} failed")]
    Unavailable {
        action: &'static str,
        #[source]
        source: opendal::Error,
    },
    #[error("the storage returned other bytes than were written")]
    Corrupted,
    #[error("storage configuration is wrong: {0}")]
    Misconfigured(String),
}

impl StorageError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "files.not_found",
            Self::RangeNotSatisfied => "files.range_not_satisfied",
            Self::Interrupted(_) => "files.upload_interrupted",
            Self::Unavailable { .. } | Self::Corrupted => "files.storage_unavailable",
            Self::Misconfigured(_) => "files.storage_misconfigured",
        }
    }

    /// При записи «не найдено» значит, что нет самой корзины или папки.
    fn unavailable(action: &'static str) -> impl Fn(opendal::Error) -> Self {
        move |source| Self::Unavailable { action, source }
    }

    fn during(action: &'static str) -> impl Fn(opendal::Error) -> Self {
        move |source| match source.kind() {
            ErrorKind::NotFound => Self::NotFound,
            _ => Self::Unavailable { action, source },
        }
    }
}

/// Сведения о файле.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    pub size: u64,
    /// Когда записан, если хранилище помнит.
    pub modified: Option<DateTime<Utc>>,
}

/// Открытый на чтение файл.
pub struct Reading {
    /// Размер всего файла, байт (не куска).
    pub size: u64,
    /// Отданный кусок.
    pub range: Range<u64>,
    pub stream: BoxStream<'static, std::io::Result<Bytes>>,
}

/// Хранилище файлов. Копия дешева и смотрит туда же.
#[derive(Clone, Debug)]
pub struct Storage {
    operator: Operator,
}

impl Storage {
    /// Открыть; сеть и диск при этом не проверяются — для того [`Storage::check`].
    pub fn open(config: &StorageConfig) -> Result<Self, StorageError> {
        let operator = match config {
            StorageConfig::Memory => Operator::new(services::Memory::default()),
            StorageConfig::Folder { path } => open_folder(path),
            StorageConfig::S3(config) => {
                return Ok(Self { operator: open_s3(config)? });
            }
        };
        Ok(Self { operator: operator.map_err(misconfigured)? })
    }

    /// Записать файл целиком. Тип содержимого берётся из ключа.
    pub async fn put(&self, key: &Key, content: impl Into<Bytes>) -> Result<(), StorageError> {
        let written = self.operator.write_options(key.as_str(), content.into(), write_options(key)).await;
        written.map(|_| ()).map_err(StorageError::unavailable("write"))
    }

    /// Записать файл по частям, не держа его в памяти; возвращает размер, байт. Если поток оборвался, файла нет.
    pub async fn put_stream<E>(
        &self,
        key: &Key,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<u64, StorageError>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let writer = self.operator.writer_options(key.as_str(), write_options(key)).await;
        let mut writer = writer.map_err(StorageError::unavailable("write"))?;
        let outcome = match copy(content, &mut writer).await {
            Ok(size) => writer.close().await.map(|_| size).map_err(StorageError::unavailable("write")),
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            // Причина уже известна; неудача уборки её не заслоняет.
            let _ = writer.abort().await;
        }
        outcome
    }

    /// Прочитать файл целиком.
    pub async fn get(&self, key: &Key) -> Result<Bytes, StorageError> {
        let content = self.operator.read(key.as_str()).await.map_err(StorageError::during("read"))?;
        Ok(content.to_bytes())
    }

    /// Открыть на чтение весь файл или кусок; кусок обрезается по концу файла.
    pub async fn read(&self, key: &Key, range: Option<Range<u64>>) -> Result<Reading, StorageError> {
        let size = self.stat(key).await?.size;
        let range = match range {
            None => 0..size,
            Some(range) if range.start < range.end && range.start < size => range.start..range.end.min(size),
            Some(_) => return Err(StorageError::RangeNotSatisfied),
        };
        let options = ReaderOptions { content_length_hint: Some(size), ..ReaderOptions::default() };
        let reader = self.operator.reader_options(key.as_str(), options).await;
        let reader = reader.map_err(StorageError::during("read"))?;
        let stream = reader.into_bytes_stream(range.clone()).await.map_err(StorageError::during("read"))?;
        Ok(Reading { size, range, stream: stream.boxed() })
    }

    /// Размер и время; [`StorageError::NotFound`], если файла нет.
    pub async fn stat(&self, key: &Key) -> Result<Stat, StorageError> {
        let metadata = self.operator.stat(key.as_str()).await.map_err(StorageError::during("stat"))?;
        let modified = metadata.last_modified().map(|time| DateTime::from(SystemTime::from(time)));
        Ok(Stat { size: metadata.content_length(), modified })
    }

    pub async fn exists(&self, key: &Key) -> Result<bool, StorageError> {
        self.operator.exists(key.as_str()).await.map_err(StorageError::during("stat"))
    }

    /// Удалить; нет файла — не ошибка.
    pub async fn delete(&self, key: &Key) -> Result<(), StorageError> {
        self.operator.delete(key.as_str()).await.map_err(StorageError::during("delete"))
    }

    /// Ключи, начинающиеся с `prefix` (`""` — все): по одному, сколько бы их ни было. Посторонние файлы пропускаются.
    pub async fn list(&self, prefix: &str) -> Result<BoxStream<'static, Result<Key, StorageError>>, StorageError> {
        let options = ListOptions { recursive: true, ..ListOptions::default() };
        let lister = self.operator.lister_options(prefix, options).await.map_err(StorageError::during("list"))?;
        let keys = lister
            .map_err(StorageError::during("list"))
            .try_filter_map(|entry| async move { Ok(Key::parse(entry.path())) });
        Ok(keys.boxed())
    }

    /// Самопроверка: записать, прочитать, сравнить, удалить. `nonce` случаен, чтобы машины не мешали друг другу.
    pub async fn check(&self, nonce: Uuid) -> Result<(), StorageError> {
        let path = format!(".check/{}", nonce.simple());
        let written = Bytes::from(nonce.to_string());
        self.operator.write(&path, written.clone()).await.map_err(StorageError::unavailable("write"))?;
        let read = self.operator.read(&path).await.map_err(StorageError::during("read"));
        self.operator.delete(&path).await.map_err(StorageError::during("delete"))?;
        if read?.to_bytes() == written { Ok(()) } else { Err(StorageError::Corrupted) }
    }
}

async fn copy<E>(
    content: impl Stream<Item = Result<Bytes, E>>,
    writer: &mut opendal::Writer,
) -> Result<u64, StorageError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut content = std::pin::pin!(content);
    let mut size = 0;
    while let Some(part) = content.next().await {
        let part = part.map_err(|error| StorageError::Interrupted(error.into()))?;
        size += part.len() as u64;
        writer.write(part).await.map_err(StorageError::unavailable("write"))?;
    }
    Ok(size)
}

fn write_options(key: &Key) -> WriteOptions {
    WriteOptions { content_type: Some(key.kind().content_type().to_owned()), ..WriteOptions::default() }
}

fn open_folder(path: &std::path::Path) -> opendal::Result<Operator> {
    let root = path.to_string_lossy();
    let unfinished = path.join(UNFINISHED);
    Operator::new(services::Fs::default().root(&root).atomic_write_dir(&unfinished.to_string_lossy()))
}

fn open_s3(config: &S3Config) -> Result<Operator, StorageError> {
    let mut service = services::S3::default()
        .bucket(&config.bucket)
        .root(&config.prefix)
        .region(&config.region)
        .access_key_id(&config.access_key_id)
        .secret_access_key(&config.secret_access_key)
        .disable_config_load()
        .disable_ec2_metadata();
    if let Some(endpoint) = &config.endpoint {
        service = service.endpoint(endpoint);
    }
    if config.virtual_host {
        service = service.enable_virtual_host_style();
    }
    let operator = Operator::new(service).map_err(misconfigured)?;
    let transport = HttpTransporter::new(ReqwestTransport::new(http_client()?));
    let context = operator.base_context().with_http_transport(transport);
    let timeout = Duration::from_secs(config.timeout_seconds);
    let timeouts = TimeoutLayer::new().with_timeout(timeout).with_io_timeout(timeout);
    let retries =
        RetryLayer::new().with_max_times(MAX_RETRIES).with_min_delay(Duration::from_millis(100)).with_jitter();
    // Срок — на каждую попытку, поэтому он внутри повторов.
    Ok(operator.with_context(context).layer(timeouts).layer(retries))
}

#[expect(clippy::disallowed_methods, reason = "the storage is the outside world itself; tests give it a fake server")]
fn http_client() -> Result<reqwest::Client, StorageError> {
    // Поставщик шифрования один на процесс; если его уже поставили, это он же.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).build();
    client.map_err(|error| StorageError::Misconfigured(error.to_string()))
}

fn misconfigured(error: opendal::Error) -> StorageError {
    StorageError::Misconfigured(error.to_string())
}
