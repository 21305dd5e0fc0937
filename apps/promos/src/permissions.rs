//! Права приложения.

use kernel::Permission;

pub const VIEW_PROMO_CODE: Permission = Permission::new("promos.view_promo_code", "Промокоды: просмотр");
/// Завести, изменить, выключить.
pub const CHANGE_PROMO_CODE: Permission = Permission::new("promos.change_promo_code", "Промокоды: изменение");

pub const ALL: &[Permission] = &[VIEW_PROMO_CODE, CHANGE_PROMO_CODE];
