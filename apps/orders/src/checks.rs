//! Проверки `megashop doctor --money`: пересчитать и назвать первую неверную строку.

use std::collections::HashMap;

use catalog::models::stock_claim::{self, ClaimState};
use kernel::data::{Engine, sum_i64};
use kernel::{Ctx, Money, Result};
use payments::models::{Payment, payment};
use preorders::models::{Seat, SeatState, Wave, seat, wave};
use promos::models::{PromoUse, UseState, promo_use};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{FromQueryResult, JoinType, QueryOrder, QuerySelect, Statement};

use crate::models::*;
use crate::queries::items_of;
use crate::services::shares_of;

/// Строк за один запрос: память не растёт вместе с магазином.
const BATCH: u64 = 1000;

#[derive(FromQueryResult)]
struct OrderSums {
    id: i64,
    number: String,
    items_amount: i64,
    delivery_amount: i64,
    discount_amount: i64,
    total_amount: i64,
    final_amount: i64,
    lines: i64,
    shares: i64,
}

/// Суммы заказов: строки, доставка, скидка.
pub async fn totals(ctx: &Ctx) -> Result<Vec<String>> {
    let mut after = 0;
    loop {
        let rows = Order::find()
            .select_only()
            .columns([
                order::Column::Id,
                order::Column::Number,
                order::Column::ItemsAmount,
                order::Column::DeliveryAmount,
            ])
            .columns([order::Column::DiscountAmount, order::Column::TotalAmount, order::Column::FinalAmount])
            .column_as(sum_i64(ctx.db_handle().engine, billed(order_item::Column::Amount)), "lines")
            .column_as(sum_i64(ctx.db_handle().engine, billed(order_item::Column::DiscountAmount)), "shares")
            .left_join(OrderItem)
            .filter(order::Column::Id.gt(after))
            .group_by(order::Column::Id)
            .order_by_asc(order::Column::Id)
            .limit(BATCH)
            .into_model::<OrderSums>()
            .all(ctx.db_fresh())
            .await?;
        let Some(last) = rows.last() else { return Ok(Vec::new()) };
        after = last.id;
        if let Some(wrong) = rows.iter().find(|row| !adds_up(row)) {
            return Ok(vec![describe(wrong)]);
        }
    }
}

/// Сумма строки, если строка ещё в суммах заказа.
fn billed(column: order_item::Column) -> SimpleExpr {
    let is_dropped = Expr::col((OrderItem, order_item::Column::IsDropped)).eq(true);
    CaseStatement::new().case(is_dropped, 0).finally(Expr::col((OrderItem, column))).into()
}

fn adds_up(row: &OrderSums) -> bool {
    row.lines == row.items_amount
        && row.shares == row.discount_amount
        && row.total_amount == row.items_amount + row.delivery_amount
        && row.final_amount == row.total_amount - row.discount_amount
}

fn describe(row: &OrderSums) -> String {
    format!(
        "order {} ({}): lines {} + delivery {} - discount {} (by lines {}) != final {} (items {}, total {}), kopecks",
        row.id,
        row.number,
        row.lines,
        row.delivery_amount,
        row.discount_amount,
        row.shares,
        row.final_amount,
        row.items_amount,
        row.total_amount
    )
}

/// У оплаченного заказа есть полученный платёж ровно на эту сумму.
pub async fn paid(ctx: &Ctx) -> Result<Vec<String>> {
    let mut after = 0;
    loop {
        let rows = Order::find()
            .select_also(Payment)
            .join(
                JoinType::LeftJoin,
                Order::belongs_to(Payment).from(order::Column::PaymentId).to(payment::Column::Id).into(),
            )
            .filter(order::Column::PaymentId.is_not_null())
            .filter(order::Column::Id.gt(after))
            .order_by_asc(order::Column::Id)
            .limit(BATCH)
            .all(ctx.db_fresh())
            .await?;
        let Some((last, _)) = rows.last() else { return Ok(Vec::new()) };
        after = last.id;
        for (order, payment) in &rows {
            if let Some(wrong) = payment_problem(ctx, order, payment.as_ref()).await? {
                return Ok(vec![wrong]);
            }
        }
    }
}

async fn payment_problem(ctx: &Ctx, order: &order::Model, payment: Option<&payment::Model>) -> Result<Option<String>> {
    let name = format!("order {} ({})", order.id, order.number);
    let Some(payment) = payment else { return Ok(Some(format!("{name} is paid but has no payment"))) };
    let shares = shares_of(ctx.db_fresh(), payment).await?;
    let share = shares.iter().find(|share| share.order_id == order.id);
    let Some(share) = share.filter(|_| payment.status == payments::models::Status::Succeeded) else {
        return Ok(Some(format!(
            "{name} is paid by payment {} which is {:?} and belongs to {}",
            payment.id, payment.status, payment.subject_id
        )));
    };
    let whole: Money = shares.iter().map(|share| share.amount).sum();
    let is_right = share.amount == order.due_now() && whole == payment.captured && payment.currency == order.currency;
    Ok((!is_right).then(|| {
        format!(
            "{name} costs {} {} but payment {} brought {} {}, {} of it for the order",
            order.due_now(),
            order.currency,
            payment.id,
            payment.captured,
            payment.currency,
            share.amount
        )
    }))
}

/// Остаток: оплаченный — платежом ровно на него; неоплаченный — сумма остатков живых строк.
pub async fn balances(ctx: &Ctx) -> Result<Vec<String>> {
    let mut after = 0;
    loop {
        let orders = Order::find()
            .filter(order::Column::DepositAmount.is_not_null())
            .filter(order::Column::Id.gt(after))
            .order_by_asc(order::Column::Id)
            .limit(BATCH)
            .all(ctx.db_fresh())
            .await?;
        let Some(last) = orders.last() else { return Ok(Vec::new()) };
        after = last.id;
        for order in &orders {
            let expected = balance_of(ctx, order).await?;
            if expected != order.balance_amount {
                return Ok(vec![format!(
                    "order {} ({}) has the balance {} but its rows say {expected}",
                    order.id, order.number, order.balance_amount
                )]);
            }
        }
    }
}

async fn balance_of(ctx: &Ctx, order: &order::Model) -> Result<Money> {
    if let Some(payment_id) = order.balance_payment_id {
        let payment = Payment::find_by_id(payment_id).one(ctx.db_fresh()).await?;
        let own = payment.filter(|payment| payment.subject() == order.balance_subject());
        return Ok(own.map_or(Money::ZERO, |payment| payment.captured));
    }
    let items = items_of(ctx.db_fresh(), vec![order.id]).await?;
    Ok(items.iter().filter(|item| item.cancelled_at.is_none()).map(|item| item.balance_amount).sum())
}

#[derive(FromQueryResult)]
struct Pieces {
    id: i64,
    order_id: i64,
    ours: i64,
    asked: i64,
}

/// Возвращённые штуки строки — сумма живых просьб; у заказа, за который вернули всё, возвращены все штуки.
pub async fn pieces(ctx: &Ctx) -> Result<Vec<String>> {
    let asked = "SELECT i.id AS id, i.order_id AS order_id, i.refunded_quantity AS ours, COALESCE(r.asked, 0) AS asked \
        FROM order_items i LEFT JOIN (SELECT item_id, {sum} AS asked FROM order_refund_lines WHERE released_at IS NULL \
        GROUP BY item_id) r ON r.item_id = i.id WHERE i.refunded_quantity <> COALESCE(r.asked, 0) ORDER BY i.id LIMIT 1";
    let whole = "SELECT i.id AS id, i.order_id AS order_id, i.refunded_quantity AS ours, i.quantity AS asked \
        FROM order_items i JOIN orders o ON o.id = i.order_id WHERE o.payment_status = 'refunded' \
        AND i.is_dropped = FALSE AND i.refunded_quantity <> i.quantity ORDER BY i.id LIMIT 1";
    let whole_number = if ctx.db_handle().engine == Engine::MariaDb { "SIGNED" } else { "BIGINT" };
    let sum = format!("CAST(SUM(quantity) AS {whole_number})");
    let db = ctx.db_fresh();
    let mut found = Vec::new();
    for sql in [asked.replace("{sum}", &sum), whole.to_owned()] {
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let wrong = Pieces::find_by_statement(statement).one(db).await?;
        found.extend(wrong.map(|wrong| {
            format!(
                "order item {} (order {}) counts {} refunded pieces, expected {}",
                wrong.id, wrong.order_id, wrong.ours, wrong.asked
            )
        }));
    }
    Ok(found)
}

/// Остатки держат только живые заказы.
pub async fn held(ctx: &Ctx) -> Result<Vec<String>> {
    let mut after = 0;
    loop {
        let claims = stock_claim::Entity::find()
            .filter(stock_claim::Column::State.eq(ClaimState::Held))
            .filter(stock_claim::Column::OwnerKind.eq(order::SUBJECT))
            .filter(stock_claim::Column::Id.gt(after))
            .order_by_asc(stock_claim::Column::Id)
            .limit(BATCH)
            .all(ctx.db_fresh())
            .await?;
        let Some(last) = claims.last() else { return Ok(Vec::new()) };
        after = last.id;
        let owners: Vec<i64> = claims.iter().filter_map(|claim| claim.owner_id.parse().ok()).collect();
        let orders = Order::find().filter(order::Column::Id.is_in(owners)).all(ctx.db_fresh()).await?;
        let lives = |claim: &stock_claim::Model| {
            orders.iter().any(|order| claim.owner_id == order.id.to_string() && order.status.holds_stock())
        };
        if let Some(wrong) = claims.iter().find(|claim| !lives(claim)) {
            return Ok(vec![format!(
                "stock claim {} is held by order {} which is gone, finished or cancelled",
                wrong.id, wrong.owner_id
            )]);
        }
    }
}

/// Использование промокода записано за каждым заказом с кодом, на ту же скидку, и держат его только неотменённые.
pub async fn promo_uses(ctx: &Ctx) -> Result<Vec<String>> {
    let mut after = 0;
    loop {
        let orders = Order::find()
            .filter(order::Column::PromoCodeId.is_not_null())
            .filter(order::Column::Id.gt(after))
            .order_by_asc(order::Column::Id)
            .limit(BATCH)
            .all(ctx.db_fresh())
            .await?;
        let Some(last) = orders.last() else { return Ok(Vec::new()) };
        after = last.id;
        let owners = orders.iter().map(|order| order.promo_owner().id);
        let uses = PromoUse::find()
            .filter(promo_use::Column::OwnerKind.is_in([order::SUBJECT, order::CHECKOUT]))
            .filter(promo_use::Column::OwnerId.is_in(owners))
            .all(ctx.db_fresh())
            .await?;
        for order in &orders {
            let together = bought_together(ctx, order).await?;
            if !uses.iter().any(|row| uses_promo(&together, row)) {
                return Ok(vec![format!("order {} ({}) has no fitting use of its promo code", order.id, order.number)]);
            }
        }
    }
}

/// Заказы с кодом, оформленные одной корзиной: использование у них одно.
async fn bought_together(ctx: &Ctx, order: &order::Model) -> Result<Vec<order::Model>> {
    let Some(checkout) = &order.checkout else { return Ok(vec![order.clone()]) };
    let with_code = Order::find()
        .filter(order::Column::Checkout.eq(checkout.as_str()))
        .filter(order::Column::PromoCodeId.is_not_null());
    Ok(with_code.all(ctx.db_fresh()).await?)
}

fn uses_promo(orders: &[order::Model], row: &promo_use::Model) -> bool {
    let discount: Money = orders.iter().map(|order| order.discount_amount).sum();
    let all_cancelled = orders.iter().all(|order| order.status == Status::Cancelled);
    orders.iter().all(|order| Some(row.promo_id) == order.promo_code_id && order.promo_owner().id == row.owner_id)
        && row.discount_amount == discount
        && (row.state == UseState::Released) == all_cancelled
}

/// Каждая строка предзаказа живого заказа держит ровно свои места своей волны; отменённые не держат ничего.
pub async fn seats(ctx: &Ctx) -> Result<Vec<String>> {
    let mut after = 0;
    loop {
        let rows = OrderItem::find()
            .find_also_related(Order)
            .filter(order_item::Column::IsPreorder.eq(true))
            .filter(order_item::Column::Id.gt(after))
            .order_by_asc(order_item::Column::Id)
            .limit(BATCH)
            .all(ctx.db_fresh())
            .await?;
        let Some((last, _)) = rows.last() else { return Ok(Vec::new()) };
        after = last.id;
        let claimed = claimed_by(ctx, rows.iter().map(|(item, _)| item)).await?;
        for (item, order) in &rows {
            let held = claimed.get(&item.id).copied().unwrap_or_default();
            let is_live = order.as_ref().is_some_and(|order| order.status != Status::Cancelled);
            let is_live = is_live && item.cancelled_at.is_none();
            let expected = (if is_live { item.quantity } else { 0 }, item.preorder_wave);
            if held.0 != expected.0 || (held.0 > 0 && held.1 != expected.1) {
                return Ok(vec![format!(
                    "order item {} (order {}) holds {} seats of wave {:?}, expected {} of {:?}",
                    item.id, item.order_id, held.0, held.1, expected.0, expected.1
                )]);
            }
        }
    }
}

/// Строка заказа → сколько мест и какой волны она держит.
async fn claimed_by(
    ctx: &Ctx,
    items: impl Iterator<Item = &order_item::Model>,
) -> Result<HashMap<i64, (i64, Option<i32>)>> {
    let mut owners: Vec<String> = items.map(|item| item.order_id.to_string()).collect();
    owners.dedup();
    let held = Seat::find()
        .find_also_related(Wave)
        .filter(seat::Column::OwnerKind.eq(order::SUBJECT))
        .filter(seat::Column::OwnerId.is_in(owners))
        .filter(seat::Column::State.eq(SeatState::Claimed))
        .all(ctx.db_fresh())
        .await?;
    let mut by_line: HashMap<i64, (i64, Option<i32>)> = HashMap::new();
    for (seat, wave) in held {
        let line = by_line.entry(seat.line).or_default();
        *line = (line.0 + seat.quantity, wave.map(|wave: wave::Model| wave.wave_number));
    }
    Ok(by_line)
}
