//! Отказы каталога. Слова — в `texts/`.

use kernel::Error;

pub const PRODUCT_NOT_FOUND: &str = "catalog.product_not_found";
pub const VARIANT_NOT_FOUND: &str = "catalog.variant_not_found";
pub const CATEGORY_NOT_FOUND: &str = "catalog.category_not_found";
pub const BRAND_NOT_FOUND: &str = "catalog.brand_not_found";
pub const ATTRIBUTE_NOT_FOUND: &str = "catalog.attribute_not_found";
pub const MEDIA_NOT_FOUND: &str = "catalog.media_not_found";
pub const STOCK_ITEM_NOT_FOUND: &str = "catalog.stock_item_not_found";

#[track_caller]
pub fn article_taken(article: &str) -> Error {
    Error::refused("catalog.article_taken").with("article", article).field("article", "catalog.taken")
}

/// Такой артикул у варианта или такой вариант у товара уже есть.
#[track_caller]
pub fn variant_taken() -> Error {
    Error::refused("catalog.variant_taken")
}

#[track_caller]
pub fn slug_taken(slug: &str) -> Error {
    Error::refused("catalog.slug_taken").with("slug", slug).field("slug", "catalog.taken")
}

/// Товар уже заказывали или он лежит в чьей-то корзине: его можно только убрать в архив.
#[track_caller]
pub fn product_in_use() -> Error {
    Error::refused("catalog.product_in_use")
}

/// `index` — номер строки у вызвавшего: по нему клиент найдёт свою строку.
#[track_caller]
pub fn out_of_stock(title: &str, left: i64, index: usize) -> Error {
    Error::refused("catalog.out_of_stock")
        .with("product", title)
        .with("left", left)
        .field(&format!("items[{index}].quantity"), &format!("catalog.only_left:{left}"))
}

#[track_caller]
pub fn unknown_size(size: &str) -> Error {
    Error::refused("catalog.unknown_size").with("size", size).field("size", "bad_value")
}

#[track_caller]
pub fn size_required() -> Error {
    Error::refused("catalog.size_required").field("size", "required")
}

/// Со склада ушло бы больше, чем лежит.
#[track_caller]
pub fn not_enough_on_hand(on_hand: i64) -> Error {
    Error::refused("catalog.not_enough_on_hand").with("on_hand", on_hand)
}

/// У товара несколько остатков: одно число `stock_count` их не описывает.
#[track_caller]
pub fn stock_per_variant() -> Error {
    Error::refused("catalog.stock_per_variant").field("stock_count", "catalog.stock_per_variant")
}

/// Учёт не сходится: такого не должно быть; причина уходит в журнал.
#[track_caller]
pub fn broken_stock(what: &str) -> Error {
    Error::internal(std::io::Error::other(format!("stock ledger is broken: {what}")))
}

/// Остаток общий с другими вариантами: его меняют у товара.
#[track_caller]
pub fn shared_stock() -> Error {
    Error::refused("catalog.shared_stock").field("stock_count", "catalog.shared_stock")
}
