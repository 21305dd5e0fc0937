//! Вложенные таблицы заказа; заказы в карточке человека.

use admin::{Cell, Panel, PanelOf, Table};
use kernel::{Ctx, OrNotFound, Result};
use payments::permissions::VIEW_PAYMENT;
use sea_orm::QuerySelect;
use serde_json::json;

use super::{STATUSES, filled};
use crate::permissions::VIEW_ORDER;
use crate::{errors, queries};

/// Заказов в карточке человека.
const OF_PERSON: u64 = 20;

pub(super) fn items() -> Panel {
    Panel::new(("Товары", "Goods"), VIEW_ORDER, |ctx, id| Box::pin(item_table(ctx, id)))
}

async fn item_table(ctx: &Ctx, id: i64) -> Result<Table> {
    let heads = [
        ("Вид", "View"),
        ("Товар", "Product"),
        ("Артикул", "Article"),
        ("Штук", "Quantity"),
        ("Цена", "Price"),
        ("Скидка", "Discount"),
        ("Сумма", "Amount"),
        ("Возвращено, штук", "Refunded, items"),
        ("Волна", "Wave"),
        ("Отменено", "Cancelled"),
    ];
    let mut table = Table::new(heads);
    for item in queries::items_of(ctx.db_fresh(), vec![id]).await? {
        table.row([
            item.image_url.clone().map_or(Cell::Empty, Cell::Picture),
            Cell::Object("catalog.product", item.product_id, item.title()),
            item.article.clone().into(),
            item.quantity.into(),
            item.price.into(),
            filled(item.discount_amount),
            item.amount.into(),
            (item.refunded_quantity > 0).then_some(item.refunded_quantity).into(),
            item.preorder_wave.into(),
            item.cancelled_at.into(),
        ]);
    }
    Ok(table)
}

pub(super) fn payments() -> Panel {
    Panel::new(("Платежи", "Payments"), VIEW_PAYMENT, |ctx, id| Box::pin(payment_table(ctx, id)))
}

async fn payment_table(ctx: &Ctx, id: i64) -> Result<Table> {
    let heads = [
        ("Платёж", "Payment"),
        ("Состояние", "Status"),
        ("Сумма", "Amount"),
        ("Возвращено", "Refunded"),
        ("Чем", "Provider"),
    ];
    let order = queries::order_by_id(ctx.db_fresh(), id).await?.or_not_found(errors::NOT_FOUND)?;
    let mut table = Table::new(heads);
    let mut paid = payments::queries::of_subject(ctx.db_fresh(), &order.balance_subject()).await?;
    paid.extend(payments::queries::of_subject(ctx.db_fresh(), &order.subject()).await?);
    // Корзину, ставшую двумя заказами, оплачивают вместе.
    if order.checkout.is_some() {
        paid.extend(payments::queries::of_subject(ctx.db_fresh(), &order.promo_owner()).await?);
    }
    for payment in paid {
        table.row([
            Cell::Object("payments.payment", payment.id, format!("№ {}", payment.id)),
            Cell::coded(payments::admin::STATUSES, &payment.status),
            payment.amount.into(),
            filled(payment.refunded),
            payment.provider.clone().into(),
        ]);
    }
    Ok(table)
}

pub(super) fn history() -> Panel {
    Panel::new(("Ход заказа", "Timeline"), VIEW_ORDER, |ctx, id| Box::pin(history_table(ctx, id)))
}

async fn history_table(ctx: &Ctx, id: i64) -> Result<Table> {
    let heads = [("Когда", "When"), ("Состояние", "Status"), ("Почему", "Why"), ("Слова", "Note"), ("Кто", "Who")];
    let mut table = Table::new(heads);
    for row in queries::history_of(ctx.db_fresh(), id).await? {
        let reason = row.reason.map(|code| ctx.texts().get(ctx.lang(), &format!("orders.reasons.{code}"), &json!({})));
        table.row([
            row.created_at.into(),
            row.to_status.map_or(Cell::Empty, |status| Cell::coded(STATUSES, &status)),
            reason.into(),
            row.note.clone().into(),
            Cell::Actor(row.actor.clone()),
        ]);
    }
    Ok(table)
}

/// Заказы в карточке человека: приложение людей о заказах не знает.
pub fn orders_of_person() -> PanelOf {
    PanelOf("accounts.user", Panel::new(("Заказы", "Orders"), VIEW_ORDER, |ctx, id| Box::pin(person_table(ctx, id))))
}

async fn person_table(ctx: &Ctx, user_id: i64) -> Result<Table> {
    let mut table =
        Table::new([("Заказ", "Order"), ("Состояние", "Status"), ("К оплате", "Total"), ("Оформлен", "Placed")]);
    for order in queries::orders_of(user_id).limit(OF_PERSON).all(ctx.db()).await? {
        table.row([
            Cell::Object("orders.order", order.id, order.number.clone()),
            Cell::coded(STATUSES, &order.status),
            order.final_amount.into(),
            order.created_at.into(),
        ]);
    }
    Ok(table)
}
