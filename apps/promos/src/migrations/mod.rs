//! Шаги схемы по порядку; применённый файл не правят.

use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_create_promos", include_str!("m0001_create_promos.sql")),
    Migration::new("m0002_add_goods_amount", include_str!("m0002_add_goods_amount.sql")),
    Migration::new("m0003_add_version", include_str!("m0003_add_version.sql")),
];
