//! Дела приложения. Каждое работает в транзакции вызывающего (`Work`) и само её не открывает.
//!
//! Состояние заказа меняет только условный `UPDATE … WHERE status = <каким прочитан>`; занятое отпускается после него, поэтому ровно один раз.

mod balance;
mod basket;
mod cancel_order;
mod change_status;
mod drop_wave;
mod erase;
mod late_payment;
mod letters;
mod mark_paid;
mod pay;
mod pieces;
mod place_order;
mod promo;
mod quote;
mod receipt;
mod record;
mod refund_by_staff;
mod refunds;
mod reprice;
mod shares;
mod stages;
mod terms;
mod update_order;
mod waves;

pub use balance::{accept_balance, mark_balance_paid, remind_balance};
pub use basket::{Basket, Goods, Line, WantedLine};
pub use cancel_order::{cancel_by_owner, cancel_by_staff, cancel_unpaid, expire_order};
pub use change_status::change_status;
pub use erase::erase_contacts;
pub use late_payment::{refund_late_payment, restore_paid};
pub use mark_paid::{flag_payment, mark_paid, payment_failed};
pub use pay::start_payment;
pub use pieces::untake;
pub use place_order::{Contact, NewOrder, Placed, place_orders};
pub use promo::check_promo_guess;
pub use quote::{Quoted, quote};
pub use refund_by_staff::refund_by_staff;
pub use refunds::record_refund;
pub use shares::{Share, shares_of};
pub use stages::set_stage;
pub use update_order::update_order;
pub use waves::tell_order;
