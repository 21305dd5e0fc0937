//! Счёт по заказам и людям: каждый отчёт — один-два запроса, складывает база.

use accounts::models::{group_member, user};
use kernel::data::sum_i64;
use kernel::{Ctx, Money, Result};
use orders::models::{PaymentStatus, Status, order, order_item};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, Func, SimpleExpr};
use sea_orm::{
    Condition, FromQueryResult, JoinType, Order, QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select,
};

use crate::period::Period;
use crate::schemas::{CustomersReport, PreordersReport, PromoCodeUse, PromoCodesReport, SalesReport, WaveCount};

/// Самых ходовых кодов в отчёте.
const TOP_CODES: u64 = 100;

#[derive(Default, FromQueryResult)]
struct Sums {
    count: i64,
    total: i64,
    refunded: i64,
}

fn sum(ctx: &Ctx, column: impl ColumnTrait) -> SimpleExpr {
    sum_i64(ctx.db_handle().engine, column.into_expr())
}

pub fn within(period: &Period) -> Condition {
    Condition::all()
        .add(order::Column::CreatedAt.gte(period.start.naive_utc()))
        .add(order::Column::CreatedAt.lt(period.end.naive_utc()))
}

pub async fn sales(ctx: &Ctx, period: Period) -> Result<SalesReport> {
    let paid = Condition::all().add(order::Column::PaymentStatus.eq(PaymentStatus::Succeeded)).add(within(&period));
    let sums = order::Entity::find()
        .select_only()
        .column_as(order::Column::Id.count(), "count")
        .column_as(sum_i64(ctx.db_handle().engine, orders::queries::received()), "total")
        .column_as(sum(ctx, order::Column::RefundedAmount), "refunded")
        .filter(paid.clone())
        .into_model::<Sums>()
        .one(ctx.db_reports())
        .await?;
    let products_sold: Option<i64> = order_item::Entity::find()
        .select_only()
        .column_as(sum(ctx, order_item::Column::Quantity), "sold")
        .join(JoinType::InnerJoin, order_item::Relation::Order.def())
        .filter(order_item::Column::CancelledAt.is_null())
        .filter(paid)
        .into_tuple()
        .one(ctx.db_reports())
        .await?;
    let Sums { count, total, refunded } = sums.unwrap_or_default();
    Ok(SalesReport {
        period,
        total_sales: Money::minor(total),
        refunded_amount: Money::minor(refunded),
        net_sales: Money::minor(total - refunded),
        orders_count: count,
        average_order_value: Money::minor(total / count.max(1)),
        products_sold: products_sold.unwrap_or(0),
    })
}

pub async fn preorders(ctx: &Ctx, period: Period) -> Result<PreordersReport> {
    let rows: Vec<(Option<i32>, i64)> = order_item::Entity::find()
        .select_only()
        .column(order_item::Column::PreorderWave)
        .column_as(order_item::Column::Id.count(), "lines")
        .join(JoinType::InnerJoin, order_item::Relation::Order.def())
        .filter(order_item::Column::IsPreorder.eq(true))
        .filter(order_item::Column::CancelledAt.is_null())
        .filter(alive())
        .filter(within(&period))
        .group_by(order_item::Column::PreorderWave)
        .order_by_asc(order_item::Column::PreorderWave)
        .into_tuple()
        .all(ctx.db_reports())
        .await?;
    Ok(PreordersReport {
        period,
        total_preorders: rows.iter().map(|(_, count)| count).sum(),
        preorders_by_wave: rows
            .into_iter()
            .filter_map(|(wave, count)| wave.map(|wave| WaveCount { wave, count }))
            .collect(),
    })
}

fn alive() -> Condition {
    Condition::all().add(order::Column::Status.ne(Status::Cancelled))
}

/// Люди, которые не работают в магазине.
pub fn customers() -> Select<user::Entity> {
    let staff = group_member::Entity::find().select_only().column(group_member::Column::UserId).into_query();
    user::Entity::find().filter(user::Column::DeletedAt.is_null()).filter(user::Column::Id.not_in_subquery(staff))
}

pub async fn customers_report(ctx: &Ctx) -> Result<CustomersReport> {
    let total = customers().count(ctx.db_reports()).await? as i64;
    let buyers =
        order::Entity::find().select_only().column(order::Column::UserId).filter(order::Column::UserId.is_not_null());
    let with =
        customers().filter(user::Column::Id.in_subquery(buyers.into_query())).count(ctx.db_reports()).await? as i64;
    Ok(CustomersReport {
        total_customers: total,
        customers_with_orders: with,
        customers_without_orders: total - with,
        conversion_rate: (with as f64 * 10_000.0 / total.max(1) as f64).round() / 100.0,
    })
}

pub async fn promo_codes(ctx: &Ctx, period: Option<Period>) -> Result<PromoCodesReport> {
    let counted = alive().add_option(period.as_ref().map(within));
    let with = order::Column::PromoCode.is_not_null();
    let orders_without_promo = order::Entity::find()
        .filter(counted.clone())
        .filter(order::Column::PromoCode.is_null())
        .count(ctx.db_reports())
        .await? as i64;
    let sums: Option<(i64, i64)> = order::Entity::find()
        .select_only()
        .column_as(order::Column::Id.count(), "orders")
        .column_as(sum(ctx, order::Column::DiscountAmount), "discount")
        .filter(counted.clone())
        .filter(with.clone())
        .into_tuple()
        .one(ctx.db_reports())
        .await?;
    let codes: Vec<(String, i64, i64, i64)> = order::Entity::find()
        .select_only()
        .column(order::Column::PromoCode)
        .column_as(order::Column::Id.count(), "orders")
        .column_as(sum(ctx, order::Column::DiscountAmount), "discount")
        .column_as(sum(ctx, order::Column::FinalAmount), "revenue")
        .filter(counted)
        .filter(with)
        .group_by(order::Column::PromoCode)
        .order_by(Func::count(Expr::col(order::Column::Id)), Order::Desc)
        .order_by_asc(order::Column::PromoCode)
        .limit(TOP_CODES)
        .into_tuple()
        .all(ctx.db_reports())
        .await?;
    let (orders_with_promo, discount) = sums.unwrap_or_default();
    Ok(PromoCodesReport {
        orders_with_promo,
        orders_without_promo,
        total_discount_given: Money::minor(discount),
        codes: codes
            .into_iter()
            .map(|(code, orders, discount, revenue)| PromoCodeUse {
                code,
                orders,
                discount: Money::minor(discount),
                revenue: Money::minor(revenue),
            })
            .collect(),
    })
}
