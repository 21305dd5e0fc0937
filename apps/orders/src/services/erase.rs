//! Стереть личное из заказов человека, который стёр учётную запись. Суммы и товары остаются: это книги.

use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use crate::models::*;

/// Стирает личное в законченных заказах; незаконченный сначала надо довезти, до него дойдёт ночная задача.
pub async fn erase_contacts(work: &mut Work, user_id: i64) -> Result<()> {
    let none = || Expr::value(Option::<String>::None);
    Order::update_many()
        .col_expr(order::Column::ContactName, Expr::value(""))
        .col_expr(order::Column::ContactPhone, Expr::value(""))
        .col_expr(order::Column::ContactEmail, Expr::value(""))
        .col_expr(order::Column::Comment, Expr::value(""))
        .col_expr(order::Column::DeliveryAddress, Expr::value(""))
        .col_expr(order::Column::PostalCode, none())
        .col_expr(order::Column::CdekPoint, none())
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::UserId.eq(user_id))
        .filter(order::Column::Status.is_in([
            Status::Delivered,
            Status::Installed,
            Status::Cancelled,
            Status::Returned,
        ]))
        .exec(work.db())
        .await?;
    Ok(())
}
