//! Стереть личное из заказов человека, который стёр учётную запись. Суммы и товары остаются: это книги.

use kernel::{Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};

use crate::models::*;

/// Стирает личное в законченных заказах; незаконченный сначала надо довезти, до него дойдёт ночная задача.
pub async fn erase_contacts(work: &mut Work, user_id: i64) -> Result<()> {
    let none = || Expr::value(Option::<String>::None);
    let finished = [Status::Delivered, Status::Installed, Status::Cancelled, Status::Returned];
    let own = order::Column::UserId.eq(user_id).and(order::Column::Status.is_in(finished));
    let own_orders = Order::find().filter(own.clone()).all(work.db()).await?;
    let subjects: Vec<_> = own_orders.iter().flat_map(subjects_of).collect();
    payments::services::forget_customers(work, &subjects).await?;
    Order::update_many()
        .col_expr(order::Column::ContactName, Expr::value(""))
        .col_expr(order::Column::ContactPhone, Expr::value(""))
        .col_expr(order::Column::ContactEmail, Expr::value(""))
        .col_expr(order::Column::Comment, Expr::value(""))
        .col_expr(order::Column::DeliveryAddress, Expr::value(""))
        .col_expr(order::Column::PostalCode, none())
        .col_expr(order::Column::CdekPoint, none())
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(own)
        .exec(work.db())
        .await?;
    Ok(())
}

/// Все предметы, за которые за заказ платили.
fn subjects_of(order: &order::Model) -> [Subject; 3] {
    [order.subject(), order.balance_subject(), order.promo_owner()]
}
