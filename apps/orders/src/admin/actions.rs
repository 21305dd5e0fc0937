//! Дела над заказом: те же службы, что у API, поэтому те же переходы, письма и новости.

use admin::{Action, Field, Input, Inside, Words};
use kernel::{OrNotFound, Result, Work};
use payments::permissions::{CONFIRM_CASH, REFUND_PAYMENT};
use serde_json::json;

use crate::models::*;
use crate::permissions::CHANGE_ORDER;
use crate::schemas::{OrderPatch, OrderRefundIn};
use crate::{errors, queries, services};

/// Перевод в другое состояние; возможен ли он, решает таблица переходов.
fn step(name: &'static str, words: Words, run: Inside) -> Action<Order> {
    Action::<Order>::new(name, words, CHANGE_ORDER, run).fields([note()])
}

fn note() -> Field {
    Field::area("note", ("Примечание", "Note"), 3).hint(("Его увидит покупатель.", "The customer will see it."))
}

fn may(order: &order::Model, to: Status) -> bool {
    order.status.can_become(to, order.is_cash())
}

async fn moved(work: &mut Work, id: i64, to: Status, input: Input) -> Result<()> {
    let restock = input.flag("restock");
    services::change_status(work, id, to, input.text("note"), restock).await?;
    Ok(())
}

pub(super) fn processing() -> Action<Order> {
    step("processing", ("В работу", "Start processing"), |work, id, input| {
        Box::pin(moved(work, id, Status::Processing, input))
    })
    .when(|order| may(order, Status::Processing))
    .bulk()
}

/// Трек-номер записывается раньше состояния: письмо об отгрузке его покажет.
pub(super) fn ship() -> Action<Order> {
    step("ship", ("Отгрузить", "Ship"), |work, id, input| {
        Box::pin(async move {
            if !input.text("tracking_number").is_empty() {
                let patch: OrderPatch = input.clone().without("note").parse()?;
                services::update_order(work, id, &patch).await?;
            }
            moved(work, id, Status::Shipped, input).await
        })
    })
    .fields([Field::text("tracking_number", ("Трек-номер", "Tracking number")), note()])
    .note(("Остаток спишется, покупатель получит письмо.", "Stock is written off, the customer gets a letter."))
    .when(|order| may(order, Status::Shipped))
    .bulk()
}

pub(super) fn deliver() -> Action<Order> {
    step("deliver", ("Доставлен", "Delivered"), |work, id, input| {
        Box::pin(moved(work, id, Status::Delivered, input))
    })
    .when(|order| may(order, Status::Delivered))
    .bulk()
}

pub(super) fn installed() -> Action<Order> {
    step("installed", ("Собран у покупателя", "Installed"), |work, id, input| {
        Box::pin(moved(work, id, Status::Installed, input))
    })
    .when(|order| may(order, Status::Installed))
}

pub(super) fn paid() -> Action<Order> {
    Action::<Order>::new("paid", ("Деньги приняты", "Money received"), CONFIRM_CASH, |work, id, input| {
        Box::pin(moved(work, id, Status::Paid, input))
    })
    .fields([note()])
    .note(("Деньги взяты мимо интернета: наличными, переводом.", "Taken offline: in cash or by transfer."))
    .when(|order| may(order, Status::Paid))
}

pub(super) fn balance() -> Action<Order> {
    Action::<Order>::new("balance", ("Остаток принят", "Balance received"), CONFIRM_CASH, |work, id, _| {
        Box::pin(async move { services::accept_balance(work, id).await.map(|_| ()) })
    })
    .note(("Остаток после задатка взят мимо интернета.", "The balance was taken offline."))
    .when(|order| !order.balance_due().is_zero())
}

pub(super) fn cancel() -> Action<Order> {
    step("cancel", ("Отменить заказ", "Cancel the order"), |work, id, input| {
        Box::pin(moved(work, id, Status::Cancelled, input))
    })
    .note((
        "Остатки, промокод и места освободятся, оплаченное вернётся покупателю.",
        "Stock, promo code and seats are released, the money goes back.",
    ))
    .when(|order| may(order, Status::Cancelled))
    .danger()
    .bulk()
}

pub(super) fn returned() -> Action<Order> {
    step("returned", ("Принять возврат", "Take it back"), |work, id, input| {
        Box::pin(moved(work, id, Status::Returned, input))
    })
    .fields([Field::flag("restock", ("Вернуть товар на склад", "Put the goods back to stock")), note()])
    .when(|order| may(order, Status::Returned))
    .danger()
}

/// Часть денег или все: возврат делает платёж, которым заказ оплачен.
pub(super) fn refund() -> Action<Order> {
    Action::<Order>::new("refund", ("Вернуть деньги", "Refund"), REFUND_PAYMENT, |work, id, input| {
        Box::pin(async move {
            let order = queries::order_by_id(work.db(), id).await?.or_not_found(errors::NOT_FOUND)?;
            services::refund_by_staff(work, &order, &input.parse::<OrderRefundIn>()?).await
        })
    })
    .fields(refund_fields())
    .when(|order| order.refunded_amount < order.received())
    .danger()
}

/// Строки со штуками — и то же, что у платежа.
fn refund_fields() -> Vec<Field> {
    let lines =
        Field::quantities("items", ("За какие строки, штук", "For which lines, items"), |ctx, id| {
            Box::pin(async move {
                let items = queries::items_of(ctx.db_fresh(), vec![id]).await?;
                let live = items.iter().filter(|item| item.cancelled_at.is_none() && item.kept() > 0);
                Ok(live.map(|item| (item.id.to_string(), format!("{} × {}", item.title(), item.kept()))).collect())
            })
        })
        .hint((
            "Названы строки — сумму посчитает магазин: цена со скидкой.",
            "Name lines and the shop counts the sum after the discount.",
        ));
    let restock = Field::flag("restock", ("Вернуть эти штуки на склад", "Put these items back to stock")).hint((
        "Неотгруженные не поедут, отгруженные снова продаются.",
        "Unshipped ones will not be sent, shipped ones are for sale again.",
    ));
    [lines, restock].into_iter().chain(payments::admin::refund_fields()).collect()
}

pub(super) fn change() -> Action<Order> {
    Action::<Order>::change(
        CHANGE_ORDER,
        |_, order| {
            Box::pin(async move {
                Ok(json!({
                    "tracking_number": order.tracking_number.unwrap_or_default(),
                    "delivery_address": order.delivery_address,
                    "cdek_point": order.cdek_point.unwrap_or_default(),
                }))
            })
        },
        |work, id, input| {
            Box::pin(async move {
                services::update_order(work, id, &input.parse::<OrderPatch>()?).await?;
                Ok(())
            })
        },
    )
    .fields([
        Field::text("tracking_number", ("Трек-номер", "Tracking number")),
        Field::area("delivery_address", ("Адрес доставки", "Delivery address"), 2)
            .hint(("Уехавший заказ адреса не меняет.", "A shipped order keeps its address.")),
        Field::text("cdek_point", ("Пункт СДЭК", "CDEK point")),
    ])
}
