//! Дела приложения. Каждое работает в транзакции вызывающего (`Work`) и само её не открывает; одно исключение — [`check_guess`]: попытка
//! должна остаться посчитанной, чем бы ни кончилось дело.
//!
//! Занятое меняет только условный `UPDATE`: строка использования — `WHERE state = <откуда>`, счётчики — с границей в `WHERE`. Замки берутся
//! в одном порядке: использование, код, счётчики покупателя; у заказа промокод — после остатков.

mod claim;
mod codes;
mod customers;
mod guess;
mod quote;

pub use claim::{adjust, claim, reclaim, release};
pub use codes::{create_code, switch_off, update_code};
pub use customers::Buyer;
pub use guess::check_guess;
pub use quote::{Line, Quote, check_limits, quote, validate};
