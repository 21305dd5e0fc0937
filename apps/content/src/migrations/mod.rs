//! Шаги схемы по порядку; применённый файл не правят.

use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_create_content", include_str!("m0001_create_content.sql")),
    Migration::new("m0002_first_pages", include_str!("m0002_first_pages.sql")),
];
