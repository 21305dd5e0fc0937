//! Чтение: способы вместе с ценой нужного города, пункты выдачи.

use kernel::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoCondition};
use sea_orm::{JoinType, QueryOrder, QuerySelect, Select};

use crate::calculations::{PriceRule, normalize_city};
use crate::models::*;

/// Способ и то, сколько он стоит в нужном городе.
#[derive(Clone, Debug)]
pub struct Offer {
    pub method: method::Model,
    pub city: Option<city_price::Model>,
}

impl Offer {
    /// Правило цены: города, если оно есть, иначе базовое. `None` — сюда не возим.
    pub fn rule(&self) -> Option<PriceRule> {
        match (&self.city, self.method.price) {
            (Some(city), _) => Some(PriceRule { price: city.price, free_from: city.free_from }),
            (None, Some(price)) => Some(PriceRule { price, free_from: self.method.free_from }),
            (None, None) => None,
        }
    }

    /// Срок в рабочих днях: от и до.
    pub fn days(&self) -> (Option<i32>, Option<i32>) {
        match &self.city {
            Some(city) => (city.days_min, city.days_max),
            None => (self.method.days_min, self.method.days_max),
        }
    }
}

/// Действующие способы по порядку, одним запросом. Если подошло несколько частей адреса — цена первой найденной.
pub async fn offers(db: &impl ConnectionTrait, cities: &[String]) -> Result<Vec<Offer>> {
    let cities = cities.to_vec();
    let of_city = method::Relation::CityPrice.def().on_condition(move |_, right| {
        Expr::col((right, city_price::Column::CityNormalized)).is_in(cities.clone()).into_condition()
    });
    let rows = Method::find()
        .filter(method::Column::IsActive.eq(true))
        .join(JoinType::LeftJoin, of_city)
        .select_also(CityPrice)
        .order_by_asc(method::Column::Position)
        .order_by_asc(method::Column::Id)
        .order_by_asc(city_price::Column::Id)
        .all(db)
        .await?;
    let mut offers: Vec<Offer> = Vec::with_capacity(rows.len());
    for (method, city) in rows {
        if offers.last().is_none_or(|offer| offer.method.id != method.id) {
            offers.push(Offer { method, city });
        }
    }
    Ok(offers)
}

pub async fn method_by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<method::Model>> {
    Ok(Method::find_by_id(id).one(db).await?)
}

/// Все способы, и выключенные: для сотрудника.
pub fn all_methods() -> Select<Method> {
    Method::find().order_by_asc(method::Column::Position).order_by_asc(method::Column::Id)
}

/// Цены городов данных способов по алфавиту.
pub async fn city_prices_of(db: &impl ConnectionTrait, method_ids: Vec<i64>) -> Result<Vec<city_price::Model>> {
    let find = CityPrice::find().filter(city_price::Column::MethodId.is_in(method_ids));
    Ok(find.order_by_asc(city_price::Column::CityNormalized).all(db).await?)
}

/// Действующий пункт выдачи.
pub async fn active_point(db: &impl ConnectionTrait, id: i64) -> Result<Option<pickup_point::Model>> {
    Ok(PickupPoint::find_by_id(id).filter(pickup_point::Column::IsActive.eq(true)).one(db).await?)
}

pub async fn point_by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<pickup_point::Model>> {
    Ok(PickupPoint::find_by_id(id).one(db).await?)
}

/// Все пункты, и выключенные: для сотрудника.
pub fn all_points() -> Select<PickupPoint> {
    PickupPoint::find().order_by_asc(pickup_point::Column::Position).order_by_asc(pickup_point::Column::Id)
}

/// Действующие пункты, при желании одного города.
pub fn active_points(city: Option<&str>) -> Select<PickupPoint> {
    let points = all_points().filter(pickup_point::Column::IsActive.eq(true));
    match city {
        Some(city) => points.filter(pickup_point::Column::CityNormalized.eq(normalize_city(city))),
        None => points,
    }
}
