//! Правка заказа сотрудником: адрес, трек-номер, состояние.

use delivery::schemas::check_cdek_point;
use kernel::{OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::change_status::change_status;
use super::record::{Entry, record};
use crate::models::*;
use crate::schemas::OrderPatch;
use crate::{errors, queries};

/// Сначала поля, потом состояние: письмо об отгрузке увидит свежий трек-номер.
pub async fn update_order(work: &mut Work, order_id: i64, patch: &OrderPatch) -> Result<order::Model> {
    debug_assert!(check_cdek_point(&patch.cdek_point, &()).is_ok());
    let order = queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)?;
    change_fields(work, &order, patch).await?;
    let note = patch.note.as_deref().unwrap_or_default();
    match patch.status.filter(|to| *to != order.status) {
        Some(to) => change_status(work, order_id, to, note, false).await,
        None => queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND),
    }
}

async fn change_fields(work: &Work, order: &order::Model, patch: &OrderPatch) -> Result<()> {
    let moves_address = patch.delivery_address.is_some() || patch.cdek_point.is_some();
    if !moves_address && patch.tracking_number.is_none() {
        return Ok(());
    }
    let mut update = Order::update_many()
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order.id));
    let filled = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    if let Some(tracking) = &patch.tracking_number {
        update = update.col_expr(order::Column::TrackingNumber, Expr::value(filled(tracking)));
    }
    if let Some(address) = &patch.delivery_address {
        update = update.col_expr(order::Column::DeliveryAddress, Expr::value(address.trim()));
    }
    if let Some(point) = &patch.cdek_point {
        update = update.col_expr(order::Column::CdekPoint, Expr::value(filled(point).map(|code| code.to_uppercase())));
    }
    if moves_address {
        // Уехавший заказ адреса не меняет.
        update = update.filter(order::Column::Status.is_in([Status::Pending, Status::Paid, Status::Processing]));
    }
    if update.exec(work.db()).await?.rows_affected == 0 {
        return Err(errors::too_late_to_change());
    }
    let changed = [
        ("tracking_number", patch.tracking_number.is_some()),
        ("delivery_address", patch.delivery_address.is_some()),
        ("cdek_point", patch.cdek_point.is_some()),
    ];
    let names: Vec<&str> = changed.into_iter().filter(|(_, yes)| *yes).map(|(name, _)| name).collect();
    record(work, order.id, Kind::Change, Entry { reason: Some("changed"), note: &names.join(", "), ..Entry::default() })
        .await
}
