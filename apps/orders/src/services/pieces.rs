//! Сколько штук строки уже вернули деньгами. Правда — просьбы (`order_refund_lines`), столбец `refunded_quantity` — их сумма; границу держат
//! условный UPDATE и CHECK таблицы, поэтому одну штуку не вернуть дважды за счёт соседних строк.

use kernel::{Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{NotSet, Set};

use crate::models::*;
use crate::{errors, queries};

/// Занимает штуки строки за просьбой `key`, в той же транзакции, что и сам возврат. Больше невозвращённых — отказ.
pub(super) async fn take(work: &Work, key: &str, item: &order_item::Model, quantity: i64) -> Result<()> {
    if quantity > item.kept() {
        return Err(errors::line_refunded(item));
    }
    let more = || Expr::col(order_item::Column::RefundedQuantity).add(quantity);
    let taken = OrderItem::update_many()
        .col_expr(order_item::Column::RefundedQuantity, more())
        .filter(order_item::Column::Id.eq(item.id))
        // Сумма посчитана по прочитанному: его изменили — транзакция повторится и посчитает заново.
        .filter(order_item::Column::RefundedQuantity.eq(item.refunded_quantity))
        .filter(more().lte(Expr::col(order_item::Column::Quantity)))
        .exec(work.db())
        .await?;
    if taken.rows_affected == 0 {
        return Err(Error::unavailable("database.busy", 1));
    }
    let row = refund_line::ActiveModel {
        id: NotSet,
        order_id: Set(item.order_id),
        item_id: Set(item.id),
        refund_key: Set(key.to_owned()),
        quantity: Set(quantity),
        created_at: Set(work.timestamp()),
        released_at: Set(None),
    };
    RefundedLine::insert(row).exec_without_returning(work.db()).await?;
    Ok(())
}

/// Занимает всё, что осталось в строках: деньги за заказ возвращаются целиком.
pub(super) async fn take_rest(work: &Work, order: &order::Model, key: &str) -> Result<()> {
    for item in queries::items_of(work.db(), vec![order.id]).await? {
        if !item.is_dropped && item.kept() > 0 {
            take(work, key, &item, item.kept()).await?;
        }
    }
    Ok(())
}

/// Провайдер отказал вернуть: штуки снова не возвращены. Просьба из двух возвратов (задаток и остаток) держит их, пока жив хоть один.
pub async fn untake(work: &Work, order_id: i64, key: &str) -> Result<()> {
    let Some(order) = queries::order_by_id(work.db(), order_id).await? else { return Ok(()) };
    let paid: Vec<i64> = [order.payment_id, order.balance_payment_id].into_iter().flatten().collect();
    if payments::queries::is_refund_alive(work.db(), &paid, key).await? {
        return Ok(());
    }
    let rows = RefundedLine::find().filter(refund_line::Column::RefundKey.eq(key)).all(work.db()).await?;
    for row in rows.iter().filter(|row| row.order_id == order_id) {
        let released = RefundedLine::update_many()
            .col_expr(refund_line::Column::ReleasedAt, Expr::value(work.timestamp()))
            .filter(refund_line::Column::Id.eq(row.id))
            .filter(refund_line::Column::ReleasedAt.is_null())
            .exec(work.db())
            .await?;
        if released.rows_affected == 1 {
            give_back(work, row).await?;
        }
    }
    Ok(())
}

async fn give_back(work: &Work, row: &refund_line::Model) -> Result<()> {
    OrderItem::update_many()
        .col_expr(
            order_item::Column::RefundedQuantity,
            Expr::col(order_item::Column::RefundedQuantity).sub(row.quantity),
        )
        .filter(order_item::Column::Id.eq(row.item_id))
        .filter(order_item::Column::RefundedQuantity.gte(row.quantity))
        .exec(work.db())
        .await?;
    Ok(())
}
