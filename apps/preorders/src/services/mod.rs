//! Дела приложения. Каждое работает в транзакции вызывающего.
//!
//! Волны одного товара меняются по очереди: первый оператор каждого дела запирает строку товара, последний ([`settle`]) показывает волны в
//! его карточке. Границу мест держат условный `UPDATE` и `CHECK` таблицы.

mod claim;
mod close;
mod move_wave;
mod offers;
mod plan;
mod quote;
mod settle;
mod told;
mod waiting_list;
mod waves;

pub use claim::{ClaimedLine, claim, release, release_in};
pub use close::close_wave;
pub use move_wave::{move_products, move_wave};
pub use offers::expire_offer;
pub(crate) use plan::planner;
pub use quote::{Places, quote};
pub use told::tell;
pub use waiting_list::{forget_user, join_waiting_list, leave_waiting_list};
pub use waves::{create_wave, delete_wave, update_wave};
