//! Файлы магазина: из хранилища в копию и обратно.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures::TryStreamExt;
use megashop_files::{Key, Storage, StorageError};
use sha2::{Digest, Sha256};

use crate::OnProgress;
use crate::read::{Archive, FILES};
use crate::row::Tally;
use crate::write::Writer;

/// Как назвать файлы в строке хода.
const WHAT: &str = "files";

/// Кладёт файлы в копию; удалённые за это время возвращает по именам.
pub async fn save(storage: &Storage, writer: &mut Writer, progress: OnProgress<'_>) -> Result<(Tally, Vec<String>)> {
    let (mut tally, mut missing) = (Tally::default(), Vec::new());
    let mut keys = storage.list("").await?;
    while let Some(key) = keys.try_next().await? {
        let mut reading = match storage.read(&key, None).await {
            Ok(reading) => reading.stream,
            Err(StorageError::NotFound) => {
                missing.push(key.to_string());
                continue;
            }
            Err(error) => return Err(error).with_context(|| format!("file {key}")),
        };
        writer.entry(format!("{FILES}{key}"), true).await?;
        let mut hash = Sha256::new();
        while let Some(part) = reading.try_next().await.with_context(|| format!("file {key}"))? {
            hash.update(&part);
            writer.write(part).await?;
        }
        tally.add(&line(key.as_str(), hash));
        progress(WHAT, tally.rows);
    }
    Ok((tally, missing))
}

/// Кладёт файлы из копии в хранилище, а без него только сверяет их.
pub async fn put_back(archive: &Archive, storage: Option<&Storage>, progress: OnProgress<'_>) -> Result<()> {
    let mut tally = Tally::default();
    for name in archive.files() {
        let key = Key::parse(&name).with_context(|| format!("{name}: not a name of a shop's file"))?;
        let hash = Arc::new(Mutex::new(Sha256::new()));
        let seen = hash.clone();
        let parts = archive.bytes(format!("{FILES}{name}")).inspect_ok(move |part: &Bytes| {
            seen.lock().unwrap_or_else(PoisonError::into_inner).update(part);
        });
        match storage {
            Some(storage) => {
                let written = storage.put_stream(&key, parts.map_err(std::io::Error::other)).await;
                written.with_context(|| format!("file {key}"))?;
            }
            None => parts.try_for_each(|_| std::future::ready(Ok(()))).await?,
        }
        let hash = hash.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tally.add(&line(&name, hash));
        progress(WHAT, tally.rows);
    }
    ensure!(tally == archive.manifest.files, "the files in the backup differ from its manifest");
    Ok(())
}

/// Имя и отпечаток содержимого.
fn line(key: &str, hash: Sha256) -> Vec<u8> {
    format!("{key} {}", hex::encode(hash.finalize())).into_bytes()
}
