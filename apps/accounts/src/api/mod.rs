//! Маршруты приложения.

mod auth;
mod groups;
mod me;
mod passwords;
mod second_factor;
mod users;

pub use auth::{log_in, register, set_up};

use kernel::http::Routes;
use kernel::{Access, Ctx};
use utoipa_axum::routes;

use crate::permissions::{CHANGE_GROUP, LIST_USER, VIEW_GROUP, VIEW_USER};

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Люди")
        .add(routes!(auth::register), Access::Public)
        .lenient()
        .add(routes!(auth::log_in), Access::Public)
        .lenient()
        .add(routes!(auth::refresh_token), Access::Public)
        .add(routes!(auth::log_out), Access::Public)
        .add(routes!(auth::send_code), Access::Public)
        .add(routes!(auth::verify_code), Access::Public)
        .add(routes!(auth::set_up), Access::Public)
        .add(routes!(passwords::reset_password), Access::Public)
        .add(routes!(passwords::confirm_reset), Access::Public)
        .add(routes!(me::read_me, me::update_me, me::patch_me, me::delete_me), Access::Customer)
        .lenient()
        .add(routes!(me::confirm_contact), Access::Customer)
        .add(routes!(passwords::change_password), Access::Customer)
        .lenient()
        .add(routes!(second_factor::begin_second_factor), Access::Customer)
        .add(routes!(second_factor::confirm_second_factor), Access::Customer)
        .add(routes!(second_factor::disable_second_factor), Access::Customer)
        .add(routes!(me::list_devices), Access::Customer)
        .add(routes!(me::delete_device), Access::Customer)
        .add(routes!(me::list_addresses, me::create_address), Access::Customer)
        .add(routes!(me::update_address, me::delete_address), Access::Customer)
        .add(routes!(users::list_teachers), Access::Public)
        .add(routes!(users::list_users), Access::Staff(LIST_USER))
        .lenient()
        .add(routes!(users::read_user, users::patch_user), Access::Staff(VIEW_USER))
        .lenient()
        .add(routes!(groups::list_permissions), Access::Staff(VIEW_GROUP))
        .add(routes!(groups::list_groups), Access::Staff(VIEW_GROUP))
        .add(routes!(groups::create_group), Access::Staff(CHANGE_GROUP))
        .add(routes!(groups::read_group), Access::Staff(VIEW_GROUP))
        .add(routes!(groups::update_group, groups::delete_group), Access::Staff(CHANGE_GROUP))
}
