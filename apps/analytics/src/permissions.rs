//! Права приложения.

use kernel::Permission;

pub const VIEW: Permission = Permission::new("analytics.view", "Отчёты: смотреть");
pub const EXPORT: Permission = Permission::new("analytics.export", "Отчёты: выгружать покупателей и заказы");

pub const ALL: &[Permission] = &[VIEW, EXPORT];
