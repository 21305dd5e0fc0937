//! Таблицы каталога.

use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_create_shelves", include_str!("m0001_create_shelves.sql")),
    Migration::new("m0002_create_products", include_str!("m0002_create_products.sql")),
    Migration::new("m0003_create_stock", include_str!("m0003_create_stock.sql")),
    Migration::new("m0004_create_product_details", include_str!("m0004_create_product_details.sql")),
    Migration::new("m0005_count_by_window", include_str!("m0005_count_by_window.sql")),
];
