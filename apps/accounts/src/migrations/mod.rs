//! Миграции по порядку; применённые не правят.

use kernel::Migration;

pub const ALL: &[Migration] = &[Migration::new("m0001_accounts", include_str!("m0001_accounts.sql"))];
