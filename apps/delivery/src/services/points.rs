//! Пункты выдачи: заводит, меняет и удаляет сотрудник.

use kernel::{OnUnique, OrNotFound, Result, Work};
use sea_orm::Set;
use sea_orm::entity::prelude::*;

use crate::calculations::normalize_city;
use crate::models::*;
use crate::schemas::PickupPointIn;
use crate::{errors, queries};

pub async fn create_point(work: &mut Work, input: PickupPointIn) -> Result<pickup_point::Model> {
    let row = pickup_point::ActiveModel { created_at: Set(work.timestamp()), ..row_of(input, work) };
    row.insert(work.db()).await.on_unique(errors::code_taken)
}

pub async fn update_point(work: &mut Work, id: i64, input: PickupPointIn) -> Result<pickup_point::Model> {
    queries::point_by_id(work.db(), id).await?.or_not_found("delivery.pickup_point_not_found")?;
    let row = pickup_point::ActiveModel { id: Set(id), ..row_of(input, work) };
    row.update(work.db()).await.on_unique(errors::code_taken)
}

pub async fn delete_point(work: &mut Work, id: i64) -> Result<()> {
    let deleted = PickupPoint::delete_by_id(id).exec(work.db()).await?;
    (deleted.rows_affected == 1).then_some(()).or_not_found("delivery.pickup_point_not_found")
}

fn row_of(input: PickupPointIn, work: &Work) -> pickup_point::ActiveModel {
    pickup_point::ActiveModel {
        code: Set(input.code),
        title: Set(input.title),
        city_normalized: Set(normalize_city(&input.city)),
        city: Set(input.city),
        address: Set(input.address),
        phone: Set(input.phone),
        worktime: Set(input.worktime.join("\n")),
        longitude: Set(input.coordinate.map(|[longitude, _]| longitude)),
        latitude: Set(input.coordinate.map(|[_, latitude]| latitude)),
        is_active: Set(input.is_active),
        position: Set(input.position),
        updated_at: Set(work.timestamp()),
        ..Default::default()
    }
}
