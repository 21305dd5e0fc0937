//! Способы доставки: заводит, меняет и удаляет сотрудник. Заказы хранят снимок, поэтому удалять можно всегда.

use kernel::data::chunks;
use kernel::{Error, OnUnique, OrNotFound, Result, Work};
use sea_orm::Set;
use sea_orm::entity::prelude::*;

use crate::calculations::normalize_city;
use crate::models::*;
use crate::schemas::{CityPriceIn, MethodIn};
use crate::{errors, known_offers, queries};

pub async fn create_method(work: &mut Work, input: MethodIn) -> Result<method::Model> {
    let cities = input.cities.clone();
    let row = method::ActiveModel { created_at: Set(work.timestamp()), ..row_of(input, work) };
    let method = row.insert(work.db()).await.on_unique(errors::code_taken)?;
    insert_cities(work, method.id, cities).await?;
    work.invalidate(known_offers::TOPIC);
    Ok(method)
}

/// Заменяет способ вместе с ценами городов.
pub async fn update_method(work: &mut Work, id: i64, input: MethodIn) -> Result<method::Model> {
    queries::method_by_id(work.db(), id).await?.or_not_found("delivery.method_not_found")?;
    let cities = input.cities.clone();
    let row = method::ActiveModel { id: Set(id), ..row_of(input, work) };
    let method = row.update(work.db()).await.on_unique(errors::code_taken)?;
    CityPrice::delete_many().filter(city_price::Column::MethodId.eq(id)).exec(work.db()).await?;
    insert_cities(work, id, cities).await?;
    work.invalidate(known_offers::TOPIC);
    Ok(method)
}

pub async fn delete_method(work: &mut Work, id: i64) -> Result<()> {
    let deleted = Method::delete_by_id(id).exec(work.db()).await?;
    work.invalidate(known_offers::TOPIC);
    (deleted.rows_affected == 1).then_some(()).or_not_found("delivery.method_not_found")
}

fn row_of(input: MethodIn, work: &Work) -> method::ActiveModel {
    method::ActiveModel {
        code: Set(input.code),
        kind: Set(input.kind),
        title: Set(input.title),
        description: Set(input.description),
        price: Set(input.price),
        free_from: Set(input.free_from),
        min_sum: Set(input.min_sum),
        max_sum: Set(input.max_sum),
        days_min: Set(input.days_min),
        days_max: Set(input.days_max),
        is_active: Set(input.is_active),
        position: Set(input.position),
        updated_at: Set(work.timestamp()),
        ..Default::default()
    }
}

async fn insert_cities(work: &Work, method_id: i64, cities: Vec<CityPriceIn>) -> Result<()> {
    let row = |city: CityPriceIn| city_price::ActiveModel {
        method_id: Set(method_id),
        city_normalized: Set(normalize_city(&city.city)),
        city: Set(city.city),
        price: Set(city.price),
        free_from: Set(city.free_from),
        days_min: Set(city.days_min),
        days_max: Set(city.days_max),
        ..Default::default()
    };
    for rows in chunks(cities.into_iter().map(row).collect(), 7) {
        let inserted = CityPrice::insert_many(rows).exec_without_returning(work.db()).await;
        inserted.on_unique(|| Error::invalid("cities", "delivery.city_twice"))?;
    }
    Ok(())
}
