//! Дела каталога: один файл — одно дело. В таблицы каталога пишет только этот модуль.

pub mod attribute_values;
pub mod attributes;
pub mod bulk;
pub mod create_product;
pub mod delete_product;
pub mod files;
pub mod media;
pub mod personal;
mod references;
pub mod shelves;
pub mod stock;
pub mod update_product;
pub mod variant_plan;
pub mod variants;
pub mod waves;

pub use create_product::{create_planned, create_product, create_products};
pub use delete_product::delete_product;
pub use update_product::{archive_product, update_product};
