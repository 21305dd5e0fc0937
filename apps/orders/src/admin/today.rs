//! Плитки главной: заказы и деньги по дням магазина. Складывает база, одним запросом на плитку.

use admin::{Cell, Figures, Tile};
use chrono::TimeDelta;
use kernel::data::sum_i64;
use kernel::{Ctx, Money, Result, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{
    Alias, CaseStatement, Expr, ExprTrait as _, Func, Query, SelectStatement, SimpleExpr, UnionType,
};

use crate::models::*;
use crate::permissions::VIEW_ORDER;

/// Дней на рисунках.
const DAYS: i32 = 14;

/// Плитка «Заказы сегодня».
pub fn placed_today() -> Tile {
    Tile {
        words: ("Заказов сегодня", "Orders today"),
        permission: VIEW_ORDER,
        url: "/admin/orders/order",
        load: |ctx| Box::pin(figures(ctx, placed, Cell::from)),
    }
}

/// Плитка «Оплачено сегодня»: задаток считается в день, когда пришёл он, остаток — когда пришёл остаток.
pub fn revenue_today() -> Tile {
    Tile {
        words: ("Оплачено сегодня", "Revenue today"),
        permission: VIEW_ORDER,
        url: "/admin/orders/order?payment_status=succeeded",
        load: |ctx| Box::pin(figures(ctx, money, |kopecks| Money::minor(kopecks).into())),
    }
}

/// Дни плитки и сегодняшний — числом.
async fn figures(ctx: &Ctx, came: fn(Timestamp) -> SelectStatement, show: fn(i64) -> Cell) -> Result<Figures> {
    let bars = by_day(ctx, came).await?;
    Ok(Figures { value: show(bars.last().copied().unwrap_or_default()), note: Cell::Empty, bars })
}

/// Оформленные, каждый за единицу.
fn placed(since: Timestamp) -> SelectStatement {
    came(order::Column::CreatedAt, Expr::value(1_i64), since)
}

/// Первые платежи и остатки.
fn money(since: Timestamp) -> SelectStatement {
    let first = Func::coalesce([Expr::col(order::Column::DepositAmount), Expr::col(order::Column::FinalAmount)]);
    let balances = came(order::Column::BalancePaidAt, Expr::col(order::Column::BalanceAmount), since);
    came(order::Column::PaidAt, first.into(), since).union(UnionType::All, balances).to_owned()
}

/// Что и когда случилось с этого мига.
fn came(at: order::Column, amount: SimpleExpr, since: Timestamp) -> SelectStatement {
    Query::select()
        .expr_as(Expr::col(at), "came_at")
        .expr_as(amount, "amount")
        .from(Order)
        .and_where(Expr::col(at).gte(since))
        .to_owned()
}

/// Суммы по дням магазина, последний — сегодня. Границы дней считает программа: у баз свои слова для дня.
async fn by_day(ctx: &Ctx, came: fn(Timestamp) -> SelectStatement) -> Result<Vec<i64>> {
    let today = (ctx.now().naive_utc() + ctx.shop_offset()).date();
    let start = |day: i32| {
        let day = today - TimeDelta::days((DAYS - 1 - day).into());
        day.and_hms_opt(0, 0, 0).unwrap_or_default() - ctx.shop_offset()
    };
    let came_at = || Expr::col(Alias::new("came_at"));
    let mut day = CaseStatement::new();
    for number in 1..DAYS {
        day = day.case(came_at().lt(start(number)), number - 1);
    }
    let sum = Query::select()
        .expr_as(day.finally(DAYS - 1), "day_number")
        .expr_as(sum_i64(ctx.db_handle().engine, Expr::col(Alias::new("amount"))), "total")
        .from_subquery(came(start(0)), "came")
        .group_by_col(Alias::new("day_number"))
        .to_owned();
    let mut bars = vec![0; DAYS as usize];
    for row in ctx.db().query_all(&sum).await? {
        let number: i32 = row.try_get("", "day_number")?;
        if let Some(bar) = usize::try_from(number).ok().and_then(|number| bars.get_mut(number)) {
            *bar = row.try_get("", "total")?;
        }
    }
    Ok(bars)
}
