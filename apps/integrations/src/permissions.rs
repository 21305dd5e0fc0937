//! Права приложения.

use kernel::Permission;

pub const VIEW_IMPORT: Permission = Permission::new("integrations.view_import", "Загрузки каталога: просмотр");

/// Прислать файл и загрузить его.
pub const RUN_IMPORT: Permission = Permission::new("integrations.run_import", "Загрузки каталога: загрузить файл");

pub const ALL: &[Permission] = &[VIEW_IMPORT, RUN_IMPORT];
