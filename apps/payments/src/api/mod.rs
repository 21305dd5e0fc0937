//! Адреса приложения.

mod buyer;
mod emulator;
pub(crate) mod staff;

use kernel::http::Routes;
use kernel::{Access, Ctx};
use utoipa_axum::routes;

use crate::permissions::{CHANGE_PAYMENT, CONFIRM_CASH, REFUND_PAYMENT, VIEW_PAYMENT};

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Платежи")
        .add(routes!(buyer::list_my_payments), Access::Customer)
        .add(routes!(buyer::read_payment_status), Access::Visitor)
        .lenient()
        .add(routes!(buyer::open_payment_page), Access::Public)
        .add(routes!(buyer::cancel_payment), Access::Visitor)
        .lenient()
        .add(routes!(buyer::receive_webhook), Access::Public)
        .lenient()
        .add(routes!(buyer::receive_provider_webhook), Access::Public)
        .lenient()
        .add(routes!(buyer::payment_callback), Access::Public)
        .lenient()
        .add(routes!(staff::list_payments), Access::Staff(VIEW_PAYMENT))
        .add(routes!(staff::read_payment), Access::Staff(VIEW_PAYMENT))
        .add(routes!(staff::refund_payment), Access::Staff(REFUND_PAYMENT))
        .add(routes!(staff::confirm_cash_payment), Access::Staff(CONFIRM_CASH))
        .add(routes!(staff::capture_payment), Access::Staff(CHANGE_PAYMENT))
        .add(routes!(staff::check_payment), Access::Staff(CHANGE_PAYMENT))
        .add(routes!(staff::close_payment), Access::Staff(CHANGE_PAYMENT))
        .add(routes!(emulator::read_emulator_page), Access::Public)
        .add(routes!(emulator::pay_in_emulator), Access::Public)
        .add(routes!(emulator::refuse_in_emulator), Access::Public)
        .add(routes!(emulator::plan_emulator_fault), Access::Admin)
}
