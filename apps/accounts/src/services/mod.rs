//! Дела приложения. Каждое работает в транзакции вызывающего (`Work`) и само её не открывает.

mod addresses;
mod codes;
mod contacts;
mod erase;
mod groups;
pub mod newsletter;
mod passwords;
mod profile;
mod register;
pub mod second_factor;
mod sessions;
mod setup;
mod staff;
pub mod throttle;

pub use addresses::{add_address, change_address, remove_address};
pub use codes::{SentCode, send_code, take_code, take_link};
pub use contacts::{confirm_contact, may_reset, owner_of_proven, prove, register_proven};
pub use erase::erase_user;
pub use groups::{
    GroupFields, app_titles, change_group, create_group, declare_permissions, declare_titles, declared_permissions,
    delete_group, force_group, grant_group, set_user_groups, sync_groups,
};
pub use passwords::{set_password, upgrade_hash};
pub use profile::{ProfileChanges, update_profile};
pub use register::{NewUser, register};
pub use sessions::{Client, Opened, device_of_token, end_all_sessions, end_session, open_session, refresh_session};
pub use setup::{create_admin, has_admin, live_admin_links, one_time_admin_link, take_setup_link};
pub use staff::{drop_second_factor, end_session_of, set_active};
pub use throttle::{claim_login, forgive_login};
