//! Отказы приложения.

use catalog::queries::Sellable;
use kernel::Error;

use crate::services::{MAX_LINES, MAX_QUANTITY};

pub const ITEM_NOT_FOUND: &str = "cart.item_not_found";

pub fn not_on_sale(good: &Sellable) -> Error {
    Error::refused("cart.not_on_sale").with("product", good.title())
}

/// Все волны предзаказа полны или продажа ещё не началась.
pub fn waiting(good: &Sellable) -> Error {
    Error::refused("cart.waiting").with("product", good.title())
}

pub fn out_of_stock(good: &Sellable) -> Error {
    Error::refused("cart.out_of_stock").with("product", good.title()).with("left", good.available)
}

pub fn too_many_lines() -> Error {
    Error::refused("cart.too_many_lines").with("limit", MAX_LINES)
}

pub fn too_many_pieces() -> Error {
    Error::refused("cart.too_many_pieces").with("limit", MAX_QUANTITY)
}
