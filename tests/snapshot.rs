//! Файлы, которые порождает программа, а читает рецензент.

/// Сверяет файл с тем, что вышло бы сейчас; с `UPDATE_SNAPSHOTS=1` переписывает его. Путь — от корня проекта.
pub fn assert_current(path: &str, fresh: &str) {
    let file = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var("UPDATE_SNAPSHOTS").is_ok() {
        std::fs::write(&file, fresh).expect("write the snapshot");
    }
    let committed = std::fs::read_to_string(&file).expect("a committed snapshot");
    let same = committed.lines().zip(fresh.lines()).take_while(|(old, new)| old == new).count();
    assert!(
        committed == fresh,
        "{path} is out of date (first difference: line {}): `cargo xtask snapshots` and review the change",
        same + 1
    );
}
