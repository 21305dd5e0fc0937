//! Шаги схемы по порядку; применённый файл не правят.

use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_create_waves", include_str!("m0001_create_waves.sql")),
    Migration::new("m0002_add_deposits", include_str!("m0002_add_deposits.sql")),
];
