//! Чтение файла копии.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use tokio::sync::mpsc;
use zip::ZipArchive;

use crate::Source;
use crate::level::Level;
use crate::manifest::{FORMAT, Manifest};
use crate::row::Row;
use crate::schema::Table;

pub const MANIFEST: &str = "manifest.json";
pub const SECRET: &str = "secret.key";
/// Папка файлов магазина внутри архива.
pub const FILES: &str = "files/";

/// Сколько читается за раз, байт.
const CHUNK: usize = 256 * 1024;

/// Где в архиве лежат строки таблицы.
pub fn table_entry(table: &str) -> String {
    format!("tables/{table}.jsonl")
}

/// Открытый файл копии.
pub struct Archive {
    pub manifest: Manifest,
    zip: Arc<Mutex<ZipArchive<File>>>,
}

impl Archive {
    pub fn open(path: &Path) -> Result<Archive> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let broken = || format!("{} is not a whole backup of Megashop", path.display());
        let mut zip = ZipArchive::new(file).with_context(broken)?;
        let manifest = read_all(&mut zip, MANIFEST).with_context(broken)?;
        let format = serde_json::from_slice::<serde_json::Value>(&manifest).with_context(broken)?;
        ensure!(
            format.get("format").and_then(serde_json::Value::as_u64) == Some(u64::from(FORMAT)),
            "{} was made by another version of the program: its format is not {FORMAT}",
            path.display()
        );
        let manifest = serde_json::from_value(format).with_context(broken)?;
        Ok(Archive { manifest, zip: Arc::new(Mutex::new(zip)) })
    }

    pub fn secret(&self) -> Result<Vec<u8>> {
        let mut zip = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        read_all(&mut zip, SECRET)
    }

    /// Имена файлов магазина, без папки.
    pub fn files(&self) -> Vec<String> {
        let zip = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        zip.file_names().filter_map(|name| name.ok()?.strip_prefix(FILES).map(str::to_owned)).collect()
    }

    /// Содержимое одной записи по частям. Целость (CRC) сверяется с последней частью.
    pub fn bytes(&self, name: String) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        let (sender, receiver) = mpsc::channel(4);
        let zip = self.zip.clone();
        tokio::task::spawn_blocking(move || {
            let mut zip = zip.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = pump(&mut zip, &name, &sender) {
                // Читателя уже нет — некому и жаловаться.
                sender.blocking_send(Err(error.context(format!("{name} in the backup is damaged")))).ok();
            }
        });
        futures::stream::unfold(
            receiver,
            |mut receiver| async move { receiver.recv().await.map(|part| (part, receiver)) },
        )
    }
}

impl Source for Archive {
    fn level(&self) -> &Level {
        &self.manifest.migrations
    }

    fn last_id(&self, table: &str) -> i64 {
        self.manifest.table(table).map_or(0, |table| table.last_id)
    }

    fn rows<'a>(&'a self, table: &'a Table) -> BoxStream<'a, Result<Row>> {
        let parts = self.bytes(table_entry(&table.name)).boxed();
        let texts = futures::stream::try_unfold((parts, Vec::new()), |(parts, rest)| whole_lines(parts, rest));
        let lines = texts.map_ok(|text| futures::stream::iter(split(&text)).map(anyhow::Ok)).try_flatten();
        lines.map(|line| Row::parse(table, line?)).boxed()
    }
}

type Parts = BoxStream<'static, Result<Bytes>>;

/// Столько целых строк, сколько пришло, и начало следующей.
async fn whole_lines(mut parts: Parts, mut text: Vec<u8>) -> Result<Option<(Vec<u8>, (Parts, Vec<u8>))>> {
    loop {
        if let Some(end) = text.iter().rposition(|byte| *byte == b'\n') {
            let rest = text.split_off(end + 1);
            return Ok(Some((text, (parts, rest))));
        }
        match parts.try_next().await? {
            Some(part) => text.extend_from_slice(&part),
            None if text.is_empty() => return Ok(None),
            None => bail!("the last row is cut"),
        }
    }
}

fn split(text: &[u8]) -> Vec<Vec<u8>> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

fn read_all(zip: &mut ZipArchive<File>, name: &str) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    zip.by_name(name)?.read_to_end(&mut out)?;
    Ok(out)
}

fn pump(zip: &mut ZipArchive<File>, name: &str, sender: &mpsc::Sender<Result<Bytes>>) -> Result<()> {
    let mut entry = zip.by_name(name)?;
    loop {
        let mut part = vec![0; CHUNK];
        let read = entry.read(&mut part)?;
        part.truncate(read);
        if read == 0 || sender.blocking_send(Ok(part.into())).is_err() {
            return Ok(());
        }
    }
}
