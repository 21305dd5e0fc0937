//! Готовые строки для тестов и демонстрации: верны по умолчанию, называть надо только важное.

use kernel::{Actor, Ctx, Money, Result, Work};

use crate::models::{Kind, method, pickup_point};
use crate::schemas::{CityPriceIn, MethodIn, PickupPointIn};
use crate::services;

/// Способ без границ и городов.
pub fn method(code: &str, kind: Kind, price: Option<Money>) -> MethodIn {
    MethodIn {
        code: code.to_owned(),
        kind,
        title: format!("Способ {code}"),
        description: String::new(),
        price,
        free_from: None,
        min_sum: None,
        max_sum: None,
        days_min: None,
        days_max: None,
        is_active: true,
        position: 0,
        cities: Vec::new(),
    }
}

pub fn city_price(city: &str, price: Money, free_from: Option<Money>) -> CityPriceIn {
    CityPriceIn { city: city.to_owned(), price, free_from, days_min: None, days_max: None }
}

pub fn pickup_point(code: &str, city: &str) -> PickupPointIn {
    PickupPointIn {
        code: code.to_owned(),
        title: format!("Пункт {code}"),
        city: city.to_owned(),
        address: "ул. Примерная, 1".into(),
        phone: String::new(),
        worktime: Vec::new(),
        coordinate: None,
        is_active: true,
        position: 0,
    }
}

pub async fn create_method(ctx: &Ctx, input: MethodIn) -> Result<method::Model> {
    ctx.atomic(&Actor::System("factory"), async move |work: &mut Work| {
        services::create_method(work, input.clone()).await
    })
    .await
}

pub async fn create_point(ctx: &Ctx, input: PickupPointIn) -> Result<pickup_point::Model> {
    ctx.atomic(&Actor::System("factory"), async move |work: &mut Work| {
        services::create_point(work, input.clone()).await
    })
    .await
}
