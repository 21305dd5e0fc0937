//! Демонстрационный магазин «Лён и дуб»: люди, доставка, разделы, товары, промокоды.

mod campaign;
mod data;
mod load;

pub use data::PRESET;
pub use load::{Step, load_demo};

use serde::Serialize;

/// Демонстрационный вход: его печатает `megashop demo` и подсказывает страница входа.
#[derive(Clone, Debug, Serialize)]
pub struct DemoLogin {
    /// По-русски: «Покупатель».
    pub name: &'static str,
    /// Почта; телефон годится тоже.
    pub login: String,
    pub phone: String,
    pub password: String,
}

/// Промокоды демонстрации: их подсказывает страница оформления.
pub fn demo_promo_codes() -> Vec<String> {
    let promos = data::Demo::read().map(|demo| demo.promos).unwrap_or_default();
    promos.into_iter().map(|promo| promo.code).collect()
}

/// Страница демонстрационной AR-кампании.
pub fn demo_campaign_path() -> Option<String> {
    data::Demo::read().ok().map(|demo| format!("/ar/{}", demo.campaign.slug))
}

/// Демонстрационные входы из `server/demo/demo.toml`.
pub fn demo_logins() -> Vec<DemoLogin> {
    let users = data::Demo::read().map(|demo| demo.users).unwrap_or_default();
    let login = |user: data::User| DemoLogin {
        name: user.role.title(),
        login: user.email,
        phone: user.phone,
        password: user.password,
    };
    users.into_iter().map(login).collect()
}
