//! Отказы приложения; слова — в `texts/`.

use catalog::queries::Sellable;
use kernel::{Error, Money};

use crate::models::{Status, order_item};

pub const NOT_FOUND: &str = "orders.not_found";
pub const UNKNOWN_STAGE: &str = "orders.unknown_stage";

/// Товар снят с продажи; `index` — номер строки у спросившего.
pub fn not_on_sale(good: &Sellable, index: usize) -> Error {
    line("orders.not_on_sale", good, index)
}

/// Все волны предзаказа полны.
pub fn waiting(good: &Sellable, index: usize) -> Error {
    line("orders.waiting", good, index)
}

/// Цена не положительна: её ещё не назначили.
pub fn price_unknown(good: &Sellable, index: usize) -> Error {
    line("orders.price_unknown", good, index)
}

fn line(code: &'static str, good: &Sellable, index: usize) -> Error {
    Error::refused(code).with("product", good.title()).field(&format!("items[{index}]"), code)
}

pub fn cart_empty() -> Error {
    Error::refused("orders.cart_empty")
}

pub fn too_expensive() -> Error {
    Error::refused("orders.too_expensive")
}

pub fn mixed_currencies() -> Error {
    Error::refused("orders.mixed_currencies")
}

pub fn delivery_required() -> Error {
    Error::refused("orders.delivery_required").field("delivery_address", "required")
}

pub fn illegal_transition(from: Status, to: Status) -> Error {
    Error::refused("orders.illegal_transition").with("from", from.code()).with("to", to.code())
}

/// Заказ только что изменил кто-то другой: прочитать и повторить.
pub fn changed_meanwhile() -> Error {
    Error::conflict("orders.changed_meanwhile")
}

/// Покупателю отменять уже поздно.
pub fn too_late_to_cancel() -> Error {
    Error::refused("orders.too_late_to_cancel")
}

pub fn too_late_to_change() -> Error {
    Error::refused("orders.too_late_to_change")
}

pub fn already_paid() -> Error {
    Error::refused("orders.already_paid")
}

/// Сначала остаток, потом отправка.
pub fn balance_unpaid(left: Money) -> Error {
    Error::refused("orders.balance_unpaid").with("left", left.to_string())
}

/// Доплачивать нечего.
pub fn no_balance() -> Error {
    Error::refused("orders.no_balance")
}

/// Денег за заказ не брали или уже вернули все.
pub fn nothing_to_refund() -> Error {
    Error::refused("orders.nothing_to_refund")
}

/// За столько штук строки деньги уже возвращали.
pub fn line_refunded(item: &order_item::Model) -> Error {
    let refused = Error::refused("orders.line_refunded").with("item", item.title()).with("left", item.kept());
    refused.field("items", "out_of_range")
}

/// За строку с задатком спросят ещё и остаток: вернуть её штуки можно, когда он получен.
pub fn line_balance_unpaid(item: &order_item::Model) -> Error {
    Error::refused("orders.line_balance_unpaid").with("item", item.title()).field("items", "out_of_range")
}

/// На склад возвращают штуки названных строк живого заказа.
pub fn nothing_to_restock() -> Error {
    Error::refused("orders.nothing_to_restock").field("restock", "out_of_range")
}

/// Отменённый или завершённый заказ не оплачивают.
pub fn not_payable() -> Error {
    Error::refused("orders.not_payable")
}

/// Отменённый заказ уже нельзя вернуть к жизни опоздавшей оплатой.
pub fn not_restorable() -> Error {
    Error::refused("orders.not_restorable")
}
