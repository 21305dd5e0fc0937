//! Шаги схемы по порядку; применённый файл не правят.

use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_create_orders", include_str!("m0001_create_orders.sql")),
    Migration::new("m0002_add_promo_codes", include_str!("m0002_add_promo_codes.sql")),
    Migration::new("m0003_add_balances", include_str!("m0003_add_balances.sql")),
    Migration::new("m0004_index_lists", include_str!("m0004_index_lists.sql")),
    Migration::new("m0005_count_refunded", include_str!("m0005_count_refunded.sql")),
    Migration::new("m0006_drop_unpaid_lines", include_str!("m0006_drop_unpaid_lines.sql")),
    Migration::new("m0007_remind_balances", include_str!("m0007_remind_balances.sql")),
];
