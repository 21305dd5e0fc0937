//! Миграции по порядку; применённые не правят.

use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_accounts", include_str!("m0001_accounts.sql")),
    Migration::new("m0002_add_second_factors", include_str!("m0002_add_second_factors.sql")),
    Migration::new("m0003_write_down_newsletter", include_str!("m0003_write_down_newsletter.sql")),
];
