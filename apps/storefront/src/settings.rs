//! `[storefront]`: имя и контакты магазина на страницах.

use admin::{Field, SettingsOf};
use serde::{Deserialize, Serialize};

/// Настройки витрины; у каждой есть безопасное значение, обязательных нет.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StorefrontSettings {
    /// Имя в шапке и заголовках.
    pub name: String,
    /// Заголовок главной страницы.
    pub tagline: String,
    /// Строка под ним.
    pub lead: String,
    /// E.164.
    pub phone: String,
    pub email: String,
    pub address: String,
    pub hours: String,
    /// Товаров на странице списка.
    pub page_size: u64,
    /// Показывать, что магазин учебный, и подсказывать демонстрационный вход.
    pub demo: bool,
}

impl Default for StorefrontSettings {
    fn default() -> Self {
        StorefrontSettings {
            name: "Мегашоп".into(),
            tagline: String::new(),
            lead: String::new(),
            phone: String::new(),
            email: String::new(),
            address: String::new(),
            hours: String::new(),
            page_size: 24,
            demo: false,
        }
    }
}

/// Что владелец меняет сам.
pub fn editable() -> SettingsOf {
    SettingsOf::new(
        "storefront",
        ("Витрина", "Storefront"),
        (
            "Имя магазина, слова на главной, контакты внизу страниц.",
            "The shop's name, words on the home page, contacts.",
        ),
        [
            Field::text("name", ("Имя магазина", "Shop name")),
            Field::text("tagline", ("Заголовок главной", "Headline")),
            Field::text("lead", ("Строка под ним", "Line below")),
            Field::text("phone", ("Телефон", "Phone")).hint(("+79161234567", "+79161234567")),
            Field::text("email", ("Почта", "E-mail")),
            Field::text("address", ("Адрес", "Address")),
            Field::text("hours", ("Часы работы", "Hours")),
            Field::number("page_size", ("Товаров на странице списка", "Products per page")).between(1, 100),
        ],
    )
}
