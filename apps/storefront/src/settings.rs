//! `[storefront]`: имя и контакты магазина на страницах.

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
