//! `[files]`: где лежат картинки, модели и документы.

use anyhow::bail;
use kernel::settings::Settings;
use megashop_files::{S3Config, Storage, StorageConfig};
use serde::{Deserialize, Serialize};

/// `[files]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileSettings {
    /// `folder` — в папке данных, `s3` — в корзине S3.
    pub storage: String,
    pub s3_bucket: String,
    /// Пусто — AWS; иначе адрес совместимого хранилища.
    pub s3_endpoint: String,
    pub s3_region: String,
    pub s3_access_key: String,
    pub s3_secret_key: String,
}

impl Default for FileSettings {
    fn default() -> Self {
        FileSettings {
            storage: "folder".into(),
            s3_bucket: String::new(),
            s3_endpoint: String::new(),
            s3_region: "us-east-1".into(),
            s3_access_key: String::new(),
            s3_secret_key: String::new(),
        }
    }
}

/// Открывает хранилище по настройкам.
pub fn open(settings: &Settings) -> anyhow::Result<Storage> {
    let files = settings.get::<FileSettings>();
    let config = match files.storage.as_str() {
        "folder" => StorageConfig::Folder { path: settings.data_dir().join("files") },
        "s3" => StorageConfig::S3(s3(&files)),
        other => bail!("files.storage: unknown value `{other}`, expected `folder` or `s3`"),
    };
    Ok(Storage::open(&config)?)
}

fn s3(files: &FileSettings) -> S3Config {
    S3Config {
        bucket: files.s3_bucket.clone(),
        endpoint: (!files.s3_endpoint.is_empty()).then(|| files.s3_endpoint.clone()),
        region: files.s3_region.clone(),
        access_key_id: files.s3_access_key.clone(),
        secret_access_key: files.s3_secret_key.clone(),
        prefix: String::new(),
        virtual_host: false,
        timeout_seconds: 10,
    }
}
