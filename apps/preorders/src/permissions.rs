//! Права приложения.

use kernel::Permission;

pub const VIEW_WAVE: Permission = Permission::new("preorders.view_wave", "Волны предзаказа: просмотр");
/// Завести, поправить, перевести, отменить.
pub const CHANGE_WAVE: Permission = Permission::new("preorders.change_wave", "Волны предзаказа: изменение");

pub const ALL: &[Permission] = &[VIEW_WAVE, CHANGE_WAVE];
