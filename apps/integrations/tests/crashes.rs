//! Обрыв посередине, две загрузки сразу: итог тот же, что у одной спокойной загрузки.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use integrations::services::{ImportOptions, Progress, Stage, import_path};
use testkit::TestApp;
use tokio::sync::Notify;

use crate::shop::{assert_same, file, import, quiet, shop, snapshot};

/// Пять тысяч товаров: несколько пачек.
fn big_table() -> String {
    let row = |n: u32| format!("A{n},Товар {n},Раздел {} / Полка,{},{}\n", n % 7, n + 1, n % 30);
    std::iter::once("article,name,category,price,stock\n".to_owned()).chain((0..5_000).map(row)).collect()
}

/// Загружает и бросает работу, когда прочитана такая доля файла.
async fn interrupted(app: &TestApp, path: &std::path::Path, percent: u64) {
    let enough = Arc::new(Notify::new());
    let signal = enough.clone();
    let on_progress = Arc::new(move |p: Progress| {
        if p.stage == Stage::Loading && p.bytes_done * 100 >= p.bytes_total * percent {
            signal.notify_one();
        }
    });
    let work = import_path(&app.ctx, path, ImportOptions::default(), on_progress);
    tokio::select! {
        _ = work => panic!("finished before it was interrupted"),
        () = enough.notified() => {}
    }
}

#[tokio::test]
async fn an_interrupted_import_run_again_ends_in_the_same_state() {
    let calm = shop().await;
    let path = file(&calm, "big.csv", &big_table());
    import(&calm, &path).await;
    let expected = snapshot(&calm.ctx).await;
    let broken = shop().await;
    for percent in [10, 50, 80] {
        interrupted(&broken, &path, percent).await;
    }
    let last = import(&broken, &path).await;
    assert!(last.tallies.refused == 0);
    assert_same(&snapshot(&broken.ctx).await, &expected);
    assert!(import(&broken, &path).await.is_unchanged());
    calm.close().await;
    broken.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_imports_of_one_file_at_once() {
    let calm = shop().await;
    let path = file(&calm, "big.csv", &big_table());
    import(&calm, &path).await;
    let busy = shop().await;
    let (one, other) = tokio::join!(
        import_path(&busy.ctx, &path, ImportOptions::default(), quiet()),
        import_path(&busy.ctx, &path, ImportOptions::default(), quiet()),
    );
    let created = one.unwrap().tallies.products.created + other.unwrap().tallies.products.created;
    assert_eq!(created, 5_000);
    assert_same(&snapshot(&busy.ctx).await, &snapshot(&calm.ctx).await);
    calm.close().await;
    busy.close().await;
}

#[tokio::test]
async fn progress_only_grows_and_reaches_the_end() {
    let app = shop().await;
    let path = file(&app, "big.csv", &big_table());
    let last = Arc::new(AtomicU64::new(0));
    let seen = last.clone();
    let on_progress = Arc::new(move |p: Progress| {
        if p.stage == Stage::Loading {
            assert!(seen.swap(p.bytes_done, Ordering::SeqCst) <= p.bytes_done);
            assert!(p.bytes_done <= p.bytes_total);
        }
    });
    import_path(&app.ctx, &path, ImportOptions::default(), on_progress).await.unwrap();
    assert_eq!(last.load(Ordering::SeqCst), std::fs::metadata(&path).unwrap().len());
    app.close().await;
}
