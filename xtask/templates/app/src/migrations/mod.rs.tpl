//! Шаги базы по порядку. Применённый файл не правят: изменение — следующий файл (`cargo xtask makemigration %app% что`).

use kernel::Migration;

pub const ALL: &[Migration] =
    &[Migration::new("m0001_create_%app%_items", include_str!("m0001_create_%app%_items.sql"))];
