//! Права приложения.

use kernel::Permission;

pub const CHANGE_METHOD: Permission = Permission::new("delivery.change_method", "Доставка: способы и цены");
pub const CHANGE_PICKUP_POINT: Permission = Permission::new("delivery.change_pickup_point", "Доставка: пункты выдачи");

pub const ALL: &[Permission] = &[CHANGE_METHOD, CHANGE_PICKUP_POINT];
