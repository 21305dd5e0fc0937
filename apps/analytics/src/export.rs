//! Выгрузки CSV: порциями по возрастанию номера, памяти — на одну порцию.

use accounts::models::user;
use axum::response::Response;
use bytes::Bytes;
use kernel::csv::{self, Next};
use kernel::{Ctx, Result};
use orders::models::order;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};

use crate::queries;

/// Строк в порции.
const BATCH: u64 = 1000;

const CUSTOMER_HEADS: [&str; 9] =
    ["ID", "Телефон", "ФИО", "Email", "Telegram", "VK", "Адрес", "Пункт СДЭК", "Дата регистрации"];

const ORDER_HEADS: [&str; 10] = [
    "Номер заказа",
    "Телефон клиента",
    "Сумма",
    "Скидка",
    "Итого",
    "Статус",
    "Статус оплаты",
    "Трек-номер",
    "Создан",
    "Оплачен",
];

pub fn customers(ctx: Ctx, bom: bool) -> Result<Response> {
    let name = format!("customers_{}.csv", ctx.now().format("%Y%m%d"));
    let head = csv::head(&CUSTOMER_HEADS, bom)?;
    Ok(csv::file(&name, head, move |after| {
        let ctx = ctx.clone();
        async move { customer_rows(&ctx, after).await }
    }))
}

pub fn orders(ctx: Ctx, filter: Condition, bom: bool) -> Result<Response> {
    let name = format!("orders_{}.csv", ctx.now().format("%Y%m%d"));
    let head = csv::head(&ORDER_HEADS, bom)?;
    Ok(csv::file(&name, head, move |after| {
        let (ctx, filter) = (ctx.clone(), filter.clone());
        async move { order_rows(&ctx, filter, after).await }
    }))
}

async fn customer_rows(ctx: &Ctx, after: i64) -> Result<(Bytes, Next)> {
    let rows = queries::customers()
        .filter(user::Column::Id.gt(after))
        .order_by_asc(user::Column::Id)
        .limit(BATCH)
        .all(ctx.db_reports())
        .await?;
    let next = rows.last().filter(|_| rows.len() as u64 == BATCH).map(|row| row.id);
    let lines = rows.into_iter().map(|row| {
        [
            row.public_id.to_string(),
            row.phone.unwrap_or_default(),
            row.full_name,
            row.email.unwrap_or_default(),
            row.telegram,
            row.vk,
            row.address,
            row.cdek_point,
            csv::moment(row.created_at),
        ]
    });
    Ok((csv::lines(lines)?, next))
}

async fn order_rows(ctx: &Ctx, filter: Condition, after: i64) -> Result<(Bytes, Next)> {
    let rows = order::Entity::find()
        .filter(filter)
        .filter(order::Column::Id.gt(after))
        .order_by_asc(order::Column::Id)
        .limit(BATCH)
        .all(ctx.db_reports())
        .await?;
    let next = rows.last().filter(|_| rows.len() as u64 == BATCH).map(|row| row.id);
    let lines = rows.into_iter().map(|row| {
        [
            row.number,
            row.contact_phone,
            row.total_amount.to_string(),
            row.discount_amount.to_string(),
            row.final_amount.to_string(),
            row.status.to_value(),
            row.payment_status.to_value(),
            row.tracking_number.unwrap_or_default(),
            csv::moment(row.created_at),
            row.paid_at.map(csv::moment).unwrap_or_default(),
        ]
    });
    Ok((csv::lines(lines)?, next))
}
