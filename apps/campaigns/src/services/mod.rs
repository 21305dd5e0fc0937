//! Дела приложения. Каждое работает в транзакции вызывающего (`Work`) и само её не открывает.
//!
//! Всё, что меняет сеанс, сначала запирает его строку: просмотры одного сеанса идут по очереди, сколько бы их ни пришло разом. Что код
//! у сеанса один, а имя события — одно, держит ещё и `UNIQUE`.

mod assets;
mod campaigns;
mod codes;
mod emails;
mod erase;
mod log;
mod pace;
mod progress;
mod sessions;
mod views;

pub use assets::{AssetFile, attach_file, create_asset, delete_asset, order_assets, update_asset};
pub use campaigns::{create_campaign, create_pool, update_campaign};
pub use codes::{Found, promo_of_session, promo_of_user};
pub use emails::{attach_email, mark_sent, resend_code, revoke_code};
pub use erase::erase_user;
pub use pace::open_asset;
pub use progress::{progress_of_session, progress_of_user};
pub use sessions::{set_session_active, start_session};
pub use views::register_view;
