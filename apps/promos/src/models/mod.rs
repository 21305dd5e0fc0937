//! Таблицы приложения и виды покупок.

pub mod customer;
mod kind;
mod percent;
pub mod promo_code;
pub mod promo_use;
pub mod target;

pub use customer::Entity as Customer;
pub use kind::Kind;
pub use percent::Percent;
pub use promo_code::Entity as PromoCode;
pub use promo_use::{Entity as PromoUse, UseState};
pub use target::{Entity as Target, TargetKind};
