//! Проверки `megashop doctor --money`: пересчитать и назвать первую неверную строку.

use std::collections::HashMap;

use catalog::models::stock_claim::{self, ClaimState};
use kernel::data::sum_i64;
use kernel::{Ctx, Result};
use payments::models::{Payment, payment};
use preorders::models::{Seat, SeatState, Wave, seat, wave};
use promos::models::{PromoUse, UseState, promo_use};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{FromQueryResult, JoinType, QueryOrder, QuerySelect};

use crate::models::*;

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
            .column_as(sum_i64(ctx.db_handle().engine, Expr::col((OrderItem, order_item::Column::Amount))), "lines")
            .column_as(
                sum_i64(ctx.db_handle().engine, Expr::col((OrderItem, order_item::Column::DiscountAmount))),
                "shares",
            )
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
            .filter(order::Column::PaidAt.is_not_null())
            .filter(order::Column::Id.gt(after))
            .order_by_asc(order::Column::Id)
            .limit(BATCH)
            .all(ctx.db_fresh())
            .await?;
        let Some((last, _)) = rows.last() else { return Ok(Vec::new()) };
        after = last.id;
        let wrong = rows.iter().find_map(|(order, payment)| payment_problem(order, payment.as_ref()));
        if let Some(wrong) = wrong {
            return Ok(vec![wrong]);
        }
    }
}

fn payment_problem(order: &order::Model, payment: Option<&payment::Model>) -> Option<String> {
    let name = format!("order {} ({})", order.id, order.number);
    let Some(payment) = payment else { return Some(format!("{name} is paid but has no payment")) };
    if payment.status != payments::models::Status::Succeeded || payment.subject() != order.subject() {
        return Some(format!(
            "{name} is paid by payment {} which is {:?} and belongs to {}",
            payment.id, payment.status, payment.subject_id
        ));
    }
    let same = payment.captured == order.final_amount && payment.currency == order.currency;
    (!same).then(|| {
        format!(
            "{name} costs {} {} but payment {} brought {} {}",
            order.final_amount, order.currency, payment.id, payment.captured, payment.currency
        )
    })
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
        let uses = PromoUse::find()
            .filter(promo_use::Column::OwnerKind.eq(order::SUBJECT))
            .filter(promo_use::Column::OwnerId.is_in(orders.iter().map(|order| order.id.to_string())))
            .all(ctx.db_fresh())
            .await?;
        if let Some(wrong) = orders.iter().find(|order| !uses.iter().any(|row| uses_promo(order, row))) {
            return Ok(vec![format!("order {} ({}) has no fitting use of its promo code", wrong.id, wrong.number)]);
        }
    }
}

fn uses_promo(order: &order::Model, row: &promo_use::Model) -> bool {
    row.owner_id == order.id.to_string()
        && Some(row.promo_id) == order.promo_code_id
        && row.discount_amount == order.discount_amount
        && (row.state == UseState::Released) == (order.status == Status::Cancelled)
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
