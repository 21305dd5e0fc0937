//! Адреса заказов.

mod buyer;
mod staff;

use kernel::http::Routes;
use kernel::{Access, Ctx};
use payments::permissions::{CONFIRM_CASH, REFUND_PAYMENT};
use utoipa_axum::routes;

use crate::permissions::{CHANGE_ORDER, VIEW_ORDER};

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Заказы")
        .add(routes!(buyer::create_order), Access::Visitor)
        .lenient()
        .add(routes!(buyer::list_orders), Access::Customer)
        .lenient()
        .add(routes!(buyer::quote_order), Access::Visitor)
        .add(routes!(buyer::read_order_by_token), Access::Public)
        .add(routes!(buyer::read_order), Access::Customer)
        .lenient()
        .add(routes!(buyer::cancel_order), Access::Customer)
        .add(routes!(buyer::create_payment), Access::Customer)
        .lenient()
        .add(routes!(staff::list_all_orders), Access::Staff(VIEW_ORDER))
        .add(routes!(staff::list_wave_orders), Access::Staff(VIEW_ORDER))
        .add(routes!(staff::update_order), Access::Staff(CHANGE_ORDER))
        .lenient()
        .add(routes!(staff::patch_order), Access::Staff(CHANGE_ORDER))
        .lenient()
        .add(routes!(staff::change_order_status), Access::Staff(CHANGE_ORDER))
        .add(routes!(staff::accept_order_balance), Access::Staff(CONFIRM_CASH))
        .add(routes!(staff::refund_order), Access::Staff(REFUND_PAYMENT))
        .add(routes!(staff::set_order_stage), Access::Staff(CHANGE_ORDER))
}
