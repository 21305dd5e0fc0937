//! Выгрузки CSV: порциями по возрастанию номера, памяти — на одну порцию.

use accounts::models::user;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use http::header;
use kernel::{Ctx, Result, Timestamp};
use orders::models::order;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};

use crate::queries;

/// Строк в порции.
const BATCH: u64 = 1000;

/// По этой метке Excel узнаёт UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

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

/// Откуда читать следующую порцию; `None` — всё прочитано.
type Next = Option<i64>;

pub fn customers(ctx: Ctx, bom: bool) -> Result<Response> {
    let name = format!("customers_{}.csv", ctx.now().format("%Y%m%d"));
    let head = head(&CUSTOMER_HEADS, bom)?;
    Ok(csv_file(&name, head, move |after| {
        let ctx = ctx.clone();
        async move { customer_rows(&ctx, after).await }
    }))
}

pub fn orders(ctx: Ctx, filter: Condition, bom: bool) -> Result<Response> {
    let name = format!("orders_{}.csv", ctx.now().format("%Y%m%d"));
    let head = head(&ORDER_HEADS, bom)?;
    Ok(csv_file(&name, head, move |after| {
        let (ctx, filter) = (ctx.clone(), filter.clone());
        async move { order_rows(&ctx, filter, after).await }
    }))
}

/// Файл, который собирается на ходу: шапка, затем порции `read(последний номер)`.
fn csv_file<F, R>(name: &str, head: Bytes, read: F) -> Response
where
    F: Fn(i64) -> R + Send + 'static,
    R: Future<Output = Result<(Bytes, Next)>> + Send + 'static,
{
    let rows = stream::try_unfold((Some(0), read), |(next, read)| async move {
        let Some(after) = next else { return Ok(None) };
        let (bytes, next) = read(after).await.map_err(|error| std::io::Error::other(error.code))?;
        Ok::<_, std::io::Error>(Some((bytes, (next, read))))
    });
    let body = futures::StreamExt::chain(stream::once(async { Ok(head) }), rows);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(body)).into_response()
}

async fn customer_rows(ctx: &Ctx, after: i64) -> Result<(Bytes, Next)> {
    let rows = queries::customers()
        .filter(user::Column::Id.gt(after))
        .order_by_asc(user::Column::Id)
        .limit(BATCH)
        .all(ctx.db())
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
            moment(row.created_at),
        ]
    });
    Ok((csv_lines(lines)?, next))
}

async fn order_rows(ctx: &Ctx, filter: Condition, after: i64) -> Result<(Bytes, Next)> {
    let rows = order::Entity::find()
        .filter(filter)
        .filter(order::Column::Id.gt(after))
        .order_by_asc(order::Column::Id)
        .limit(BATCH)
        .all(ctx.db())
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
            moment(row.created_at),
            row.paid_at.map(moment).unwrap_or_default(),
        ]
    });
    Ok((csv_lines(lines)?, next))
}

fn moment(time: Timestamp) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn head(heads: &[&str], bom: bool) -> Result<Bytes> {
    let line = csv_lines([heads.iter().map(|head| (*head).to_owned())])?;
    Ok(if bom { [BYTE_ORDER_MARK.as_bytes(), &line].concat().into() } else { line })
}

fn csv_lines<L: IntoIterator<Item = String>>(lines: impl IntoIterator<Item = L>) -> Result<Bytes> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.write_record(line.into_iter().map(harmless)).map_err(std::io::Error::other)?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?.into())
}

/// Ячейка, которую таблица не выполнит. Телефон и число — не формула.
fn harmless(cell: String) -> String {
    let digits = |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == '.');
    match cell.chars().next() {
        Some('+' | '-') if digits(&cell[1..]) => cell,
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{cell}"),
        _ => cell,
    }
}
