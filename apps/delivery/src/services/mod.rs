//! Дела приложения; каждое работает в транзакции вызывающего.

mod methods;
mod points;
mod quote;

pub use methods::{create_method, delete_method, update_method};
pub use points::{create_point, delete_point, update_point};
pub use quote::{Quote, quote};
