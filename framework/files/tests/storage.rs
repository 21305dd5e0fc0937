use std::path::Path;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use megashop_files::{Key, Kind, Storage, StorageConfig, StorageError};
use uuid::Uuid;

fn key(id: u128) -> Key {
    Key::new(Uuid::from_u128(id), Kind::Pdf)
}

fn folder(path: &Path) -> Storage {
    Storage::open(&StorageConfig::Folder { path: path.to_owned() }).unwrap()
}

async fn listed(storage: &Storage, prefix: &str) -> Vec<Key> {
    let mut keys: Vec<Key> = storage.list(prefix).await.unwrap().try_collect().await.unwrap();
    keys.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    keys
}

/// Что обязано уметь любое хранилище.
pub async fn behaves_like_a_storage(storage: &Storage) {
    storage.check(Uuid::from_u128(77)).await.unwrap();

    let (first, second) = (key(1), key(2));
    assert!(!storage.exists(&first).await.unwrap());
    assert!(matches!(storage.get(&first).await, Err(StorageError::NotFound)));
    assert!(matches!(storage.stat(&first).await, Err(StorageError::NotFound)));
    assert!(matches!(storage.read(&first, None).await.map(|_| ()), Err(StorageError::NotFound)));
    storage.delete(&first).await.unwrap();

    storage.put(&first, "0123456789").await.unwrap();
    assert_eq!(storage.get(&first).await.unwrap(), "0123456789");
    assert_eq!(storage.stat(&first).await.unwrap().size, 10);
    reads_ranges(storage, &first).await;

    storage.put(&first.variant(160), "small").await.unwrap();
    streams_large_files(storage, &second).await;
    leaves_nothing_of_an_interrupted_upload(storage).await;

    assert_eq!(listed(storage, "").await, [first.variant(160), first.clone(), second.clone()]);
    assert_eq!(listed(storage, first.stem()).await, [first.variant(160), first.clone()]);
    storage.delete(&first).await.unwrap();
    assert!(!storage.exists(&first).await.unwrap());
    assert_eq!(listed(storage, "").await, [first.variant(160), second]);
}

async fn reads_ranges(storage: &Storage, key: &Key) {
    for (asked, range, content) in
        [(None, 0..10, "0123456789"), (Some(0..1), 0..1, "0"), (Some(3..7), 3..7, "3456"), (Some(8..100), 8..10, "89")]
    {
        let reading = storage.read(key, asked).await.unwrap();
        assert_eq!((reading.size, reading.range.clone()), (10, range));
        let parts: Vec<Bytes> = reading.stream.try_collect().await.unwrap();
        assert_eq!(parts.concat(), content.as_bytes());
    }
    for outside in [10..11, 100..200, 5..5] {
        let refused = storage.read(key, Some(outside)).await.map(|_| ());
        assert!(matches!(refused, Err(StorageError::RangeNotSatisfied)));
    }
}

/// 12 МиБ кусочками: в S3 это несколько частей.
async fn streams_large_files(storage: &Storage, key: &Key) {
    const PIECE: usize = 64 * 1024;
    const PIECES: usize = 192;
    let pieces = (0..PIECES).map(|number| Ok::<_, std::io::Error>(Bytes::from(vec![number as u8; PIECE])));
    let size = storage.put_stream(key, stream::iter(pieces)).await.unwrap();
    assert_eq!(size, (PIECE * PIECES) as u64);

    let mut reading = storage.read(key, None).await.unwrap();
    let mut at = 0;
    while let Some(part) = reading.stream.next().await {
        for byte in part.unwrap() {
            assert_eq!(byte, (at / PIECE) as u8);
            at += 1;
        }
    }
    assert_eq!(at, PIECE * PIECES);
}

async fn leaves_nothing_of_an_interrupted_upload(storage: &Storage) {
    let lost = key(3);
    let pieces = vec![Ok(Bytes::from(vec![1; 6 * 1024 * 1024])), Err("the client has gone")];
    let refused = storage.put_stream(&lost, stream::iter(pieces)).await;
    assert!(matches!(refused, Err(StorageError::Interrupted(_))));
    assert!(!storage.exists(&lost).await.unwrap());
}

#[tokio::test]
async fn memory_is_a_storage() {
    behaves_like_a_storage(&Storage::open(&StorageConfig::Memory).unwrap()).await;
}

#[tokio::test]
async fn a_folder_is_a_storage() {
    let directory = tempfile::tempdir().unwrap();
    behaves_like_a_storage(&folder(&directory.path().join("made/on/demand"))).await;
}

#[tokio::test]
async fn a_folder_keeps_no_half_written_files() {
    let directory = tempfile::tempdir().unwrap();
    leaves_nothing_of_an_interrupted_upload(&folder(directory.path())).await;
    assert_eq!(files_under(directory.path()), Vec::<String>::new());
}

#[tokio::test]
async fn a_folder_is_readable_by_hand() {
    let directory = tempfile::tempdir().unwrap();
    folder(directory.path()).put(&key(1), "content").await.unwrap();
    assert_eq!(std::fs::read_to_string(directory.path().join(key(1).as_str())).unwrap(), "content");
}

#[tokio::test]
async fn strangers_in_the_folder_are_not_listed() {
    let directory = tempfile::tempdir().unwrap();
    let storage = folder(directory.path());
    storage.put(&key(1), "content").await.unwrap();
    std::fs::write(directory.path().join("readme.txt"), "hello").unwrap();
    std::fs::write(directory.path().join("00/00/evil.php"), "hello").unwrap();
    assert_eq!(listed(&storage, "").await, [key(1)]);
}

#[tokio::test]
async fn a_file_remembers_when_it_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let storage = folder(directory.path());
    storage.put(&key(1), "content").await.unwrap();
    let file = std::fs::File::options().write(true).open(directory.path().join(key(1).as_str())).unwrap();
    let moment = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    file.set_modified(moment).unwrap();
    assert_eq!(storage.stat(&key(1)).await.unwrap().modified, Some(moment.into()));
}

/// Место папки занято файлом: так же, как нет прав или кончился диск.
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_an_error_with_a_code() {
    let directory = tempfile::tempdir().unwrap();
    let storage = folder(directory.path());
    std::fs::write(directory.path().join("00"), "in the way").unwrap();
    std::fs::write(directory.path().join(".check"), "in the way").unwrap();
    let refused = storage.put(&key(1), "content").await.unwrap_err();
    assert_eq!(refused.code(), "files.storage_unavailable");
    assert_eq!(storage.check(Uuid::from_u128(1)).await.unwrap_err().code(), "files.storage_unavailable");

    let path = directory.path().join("00");
    let refused = Storage::open(&StorageConfig::Folder { path }).unwrap_err();
    assert_eq!(refused.code(), "files.storage_misconfigured");
}

fn files_under(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path.display().to_string()] }).collect()
}
