//! Файл копии: целый, испорченный, старый, чужой.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chrono::DateTime;
use kernel::clock::Clock;
use kernel::data::{Db, Migrator};
use megashop_backup::{Archive, Manifest, Shop, backup, finish, put_back, restore};
use megashop_files::{Key, Storage, StorageConfig};

use super::shop::{Bases, number, quiet, run, today, tomorrow};

const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

async fn save(db: &Db, migrator: &Migrator, storage: &Storage, to: &Path) -> anyhow::Result<Manifest> {
    let shop = Shop { db, migrator, clock: &Clock::default(), storage, secret: SECRET.to_vec() };
    backup(&shop, to, DateTime::UNIX_EPOCH, "nonce", &quiet).await
}

fn storage() -> Storage {
    Storage::open(&StorageConfig::Memory).expect("storage")
}

/// Магазин с одной веткой, листьями и файлом.
async fn planted(bases: &mut Bases, storage: &Storage) -> (Db, Key) {
    let db = bases.ready(&today()).await;
    run(&db, "INSERT INTO leaves (branch_id, name) SELECT id, 'green' FROM branches").await;
    let key = Key::parse("ab/cd/abcd0000000040008000000000000001.webp").expect("a key");
    storage.put(&key, vec![7u8; 700_000]).await.expect("stored");
    (db, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_comes_back() {
    let (mut bases, storage) = (Bases::new(), storage());
    let (db, key) = planted(&mut bases, &storage).await;
    let file = bases.path().join("deep/shop.zip");
    let manifest = save(&db, &today(), &storage, &file).await.expect("saved");
    assert_eq!((manifest.files.rows, manifest.missing_files.len()), (1, 0));
    assert_eq!(manifest.table("leaves").expect("leaves").tally.rows, 1);
    let mode = file.metadata().expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "anybody can read the backup");
    let left: Vec<_> = file.parent().expect("folder").read_dir().expect("listed").collect();
    assert_eq!(left.len(), 1, "a draft is left: {left:?}");

    let archive = Archive::open(&file).expect("opened");
    assert_eq!(archive.secret().expect("secret"), SECRET);
    let to = bases.empty(testkit::engine()).await.expect("the engine of this run");
    restore(&archive, &to, &today(), &Clock::default(), &quiet).await.expect("restored");
    finish(&to).await.expect("finished");
    assert_eq!(number(&to, "SELECT COUNT(*) FROM leaves").await, 1);
    let elsewhere = Storage::open(&StorageConfig::Memory).expect("storage");
    put_back(&archive, Some(&elsewhere), &quiet).await.expect("files");
    assert_eq!(elsewhere.get(&key).await.expect("the file").as_ref(), vec![7u8; 700_000]);

    let refusal = save(&db, &today(), &storage, &file).await.expect_err("refused").to_string();
    assert!(refusal.contains("already exists"), "{refusal}");
    bases.close().await;
}

/// Испорченный байт в любой записи виден.
#[tokio::test(flavor = "multi_thread")]
async fn damage_is_seen() {
    let (mut bases, storage) = (Bases::new(), storage());
    let (db, _) = planted(&mut bases, &storage).await;
    let file = bases.path().join("shop.zip");
    save(&db, &today(), &storage, &file).await.expect("saved");
    let whole = std::fs::read(&file).expect("read");
    for (name, place) in middles(&file) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x20;
        let broken = bases.path().join("broken.zip");
        std::fs::write(&broken, bytes).expect("written");
        assert!(!is_whole(&mut bases, &broken).await, "{name}: a broken byte is not seen");
    }
    let cut = bases.path().join("cut.zip");
    std::fs::write(&cut, &whole[..whole.len() / 2]).expect("written");
    assert!(!is_whole(&mut bases, &cut).await);
    assert!(is_whole(&mut bases, &file).await);
    bases.close().await;
}

/// Середина содержимого каждой записи архива.
fn middles(file: &Path) -> Vec<(String, usize)> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(file).expect("opened")).expect("a zip");
    let mut places = Vec::new();
    for index in 0..zip.len() {
        let entry = zip.by_index(index).expect("an entry");
        let start = entry.data_start().expect("a start");
        if entry.compressed_size() > 2 {
            places.push((entry.name().expect("a name").into_owned(), (start + entry.compressed_size() / 2) as usize));
        }
    }
    places
}

async fn is_whole(bases: &mut Bases, file: &Path) -> bool {
    let Ok(archive) = Archive::open(file) else { return false };
    let to = bases.empty(kernel::data::Engine::Sqlite).await.expect("sqlite");
    let restored = restore(&archive, &to, &today(), &Clock::default(), &quiet).await;
    restored.is_ok() && archive.secret().is_ok() && put_back(&archive, None, &quiet).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_is_brought_up_to_date_and_a_newer_one_is_refused() {
    let (mut bases, storage) = (Bases::new(), storage());
    let (db, _) = planted(&mut bases, &storage).await;
    let (old, new) = (bases.path().join("old.zip"), bases.path().join("new.zip"));
    save(&db, &today(), &storage, &old).await.expect("saved");
    // Программа новее базы: копия всё равно на уровне базы.
    save(&db, &tomorrow(), &storage, &bases.path().join("same.zip")).await.expect("saved");
    let to = bases.empty(testkit::engine()).await.expect("the engine of this run");
    let archive = Archive::open(&old).expect("opened");
    restore(&archive, &to, &tomorrow(), &Clock::default(), &quiet).await.expect("restored");
    finish(&to).await.expect("finished");
    assert_eq!(number(&to, "SELECT height FROM branches").await, 7);
    assert_eq!(tomorrow().pending(&to).await.expect("known").len(), 0);

    save(&to, &tomorrow(), &storage, &new).await.expect("saved");
    let again = bases.empty(testkit::engine()).await.expect("the engine of this run");
    let archive = Archive::open(&new).expect("opened");
    let refusal =
        restore(&archive, &again, &today(), &Clock::default(), &quiet).await.expect_err("refused").to_string();
    assert!(refusal.contains("newer than this program") && refusal.contains("m0003_later"), "{refusal}");
    bases.close().await;
}
