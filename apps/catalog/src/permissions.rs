//! Права каталога.

use kernel::Permission;

pub const VIEW_PRODUCT: Permission =
    Permission::new("catalog.view_product", "Смотреть скрытые товары, остатки, закупочные цены");
pub const ADD_PRODUCT: Permission = Permission::new("catalog.add_product", "Заводить товары");
pub const CHANGE_PRODUCT: Permission = Permission::new("catalog.change_product", "Менять товары, варианты, галерею");
pub const DELETE_PRODUCT: Permission = Permission::new("catalog.delete_product", "Удалять товары");
pub const CHANGE_STRUCTURE: Permission =
    Permission::new("catalog.change_structure", "Менять разделы, бренды, характеристики");
pub const VIEW_STOCK: Permission = Permission::new("catalog.view_stock", "Смотреть остатки и журнал склада");
pub const CHANGE_STOCK: Permission = Permission::new("catalog.change_stock", "Приходовать и поправлять остатки");

pub const ALL: &[Permission] =
    &[VIEW_PRODUCT, ADD_PRODUCT, CHANGE_PRODUCT, DELETE_PRODUCT, CHANGE_STRUCTURE, VIEW_STOCK, CHANGE_STOCK];
