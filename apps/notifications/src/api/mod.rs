//! Маршруты приложения.

mod preferences;
mod push;
mod sms;
mod telegram;
mod unsubscribe;

use kernel::http::Routes;
use kernel::{Access, Ctx};
use utoipa_axum::routes;

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Уведомления")
        .add(routes!(sms::receive_smsru_callback), Access::Public)
        .lenient()
        .add(routes!(telegram::receive_telegram_update), Access::Public)
        .lenient()
        .add(routes!(preferences::read_preferences, preferences::update_preferences), Access::Customer)
        .add(routes!(telegram::link_telegram, telegram::unlink_telegram), Access::Customer)
        .add(routes!(push::read_push_key), Access::Public)
        .add(routes!(push::subscribe_browser, push::unsubscribe_browser), Access::Customer)
        .add(routes!(unsubscribe::show_unsubscribe, unsubscribe::unsubscribe), Access::Public)
        .lenient()
}
