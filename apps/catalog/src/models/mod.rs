//! Таблицы каталога: один файл — одна таблица.

pub mod attribute;
pub mod attribute_choice;
pub mod attribute_value;
pub mod brand;
pub mod category;
pub mod favourite;
pub mod inventory_item;
pub mod product;
pub mod product_media;
pub mod recent_view;
pub mod stock_claim;
pub mod stock_movement;
pub mod variant;
