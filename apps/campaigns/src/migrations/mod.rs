//! Шаги схемы по порядку; применённый файл не правят.

use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_create_campaigns", include_str!("m0001_create_campaigns.sql")),
    Migration::new("m0002_number_sessions", include_str!("m0002_number_sessions.sql")),
];
