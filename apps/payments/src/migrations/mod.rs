//! Миграции приложения.

use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_create_payments", include_str!("m0001_create_payments.sql")),
    Migration::new("m0002_create_emulator", include_str!("m0002_create_emulator.sql")),
    Migration::new("m0003_add_receipts", include_str!("m0003_add_receipts.sql")),
    Migration::new("m0004_add_parts", include_str!("m0004_add_parts.sql")),
];
