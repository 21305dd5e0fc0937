//! Права приложения.

use kernel::Permission;

pub const VIEW_IMPORT: Permission = Permission::new("integrations.view_import", "Загрузки каталога: просмотр");

pub const ALL: &[Permission] = &[VIEW_IMPORT];
