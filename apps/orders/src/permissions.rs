//! Права приложения. Отметить оплату деньгами в руки позволяет право платежей `payments.confirm_cash`.

use kernel::Permission;

pub const VIEW_ORDER: Permission = Permission::new("orders.view_order", "Заказы: просмотр");
/// Статусы, адрес, трек-номер, этапы, отмена.
pub const CHANGE_ORDER: Permission = Permission::new("orders.change_order", "Заказы: изменение");

pub const ALL: &[Permission] = &[VIEW_ORDER, CHANGE_ORDER];
