//! Таблицы приложения.

pub mod cart;
pub mod cart_item;

pub use cart::Entity as Cart;
pub use cart_item::Entity as CartItem;
