//! Права приложения.

use kernel::Permission;

pub const VIEW_PAYMENT: Permission = Permission::new("payments.view_payment", "Платежи: просмотр");
/// Вернуть деньги; сотруднику — до `payments.staff_refund_limit` с одного платежа.
pub const REFUND_PAYMENT: Permission = Permission::new("payments.refund_payment", "Платежи: возврат денег");
pub const CONFIRM_CASH: Permission = Permission::new("payments.confirm_cash", "Платежи: приём наличных");
/// Списать удержанное, отменить, перечитать у провайдера.
pub const CHANGE_PAYMENT: Permission = Permission::new("payments.change_payment", "Платежи: списание и отмена");

pub const ALL: &[Permission] = &[VIEW_PAYMENT, REFUND_PAYMENT, CONFIRM_CASH, CHANGE_PAYMENT];
