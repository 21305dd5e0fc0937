//! Сборка ответов.

use std::collections::HashMap;

use delivery::schemas::QuoteOut;
use kernel::http::Paging;
use kernel::texts::describe;
use kernel::{Ctx, Error, Result, Work};
use payments::models::{Payment, payment};
use preorders::queries::{Waves, waves_named};
use sea_orm::entity::prelude::*;
use sea_orm::{QuerySelect, Select};

use super::{history_of, items_of, stages_of};
use crate::models::*;
use crate::schemas::*;
use crate::services::{Line, Placed, Quoted};
use crate::settings::OrderSettings;

/// Для кого собирается ответ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Покупатель или гость с ключом.
    Buyer,
    Staff,
}

/// Ссылки на оплату ждущих денег заказов: один запрос на страницу, и ни одного, если никто не ждёт.
async fn pay_urls(ctx: &Ctx, db: &impl ConnectionTrait, orders: &[order::Model]) -> Result<HashMap<i64, String>> {
    let keys: HashMap<i64, String> = orders.iter().filter_map(|order| Some((order.id, waits_for(order)?))).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let open = Payment::find().filter(payment::Column::OpenSubject.is_in(keys.values().cloned())).all(db).await?;
    let payable = open.into_iter().filter(|payment| payment.status.is_open());
    let urls: HashMap<String, String> =
        payable.filter_map(|payment| Some((payment.open_subject.clone()?, payment.pay_url(ctx)?))).collect();
    Ok(keys.into_iter().filter_map(|(id, key)| Some((id, urls.get(&key)?.clone()))).collect())
}

/// Ключ платежа, которого заказ ждёт в интернете.
fn waits_for(order: &order::Model) -> Option<String> {
    if order.is_cash() {
        return None;
    }
    match order.status {
        Status::Pending => Some(payment::open_key(&order.first_subject())),
        _ => (!order.balance_due().is_zero()).then(|| payment::open_key(&order.balance_subject())),
    }
}

/// Волны, в которых лежат эти строки; нет предзаказов — нет и запроса.
pub(crate) async fn waves_of(db: &impl ConnectionTrait, items: &[order_item::Model]) -> Result<Waves> {
    let names = items.iter().filter_map(|item| Some((item.product_id, item.preorder_wave?)));
    waves_named(db, names).await
}

/// Страница списка: три запроса и счётчик, сколько бы заказов на ней ни было.
pub async fn order_list(ctx: &Ctx, find: Select<Order>, paging: &Paging) -> Result<OrderList> {
    let total = find.clone().count(ctx.db_fresh()).await?;
    let orders = find.offset(paging.offset).limit(paging.limit).all(ctx.db_fresh()).await?;
    let mut urls = pay_urls(ctx, ctx.db_fresh(), &orders).await?;
    let mut items: HashMap<i64, Vec<order_item::Model>> = HashMap::new();
    let rows = items_of(ctx.db_fresh(), orders.iter().map(|order| order.id).collect()).await?;
    let waves = waves_of(ctx.db_fresh(), &rows).await?;
    for item in rows {
        items.entry(item.order_id).or_default().push(item);
    }
    let out = |order: order::Model| {
        let (own, url) = (items.remove(&order.id).unwrap_or_default(), urls.remove(&order.id));
        OrderOut::of(order, own, url).with_waves(ctx, &waves)
    };
    Ok(OrderList { orders: orders.into_iter().map(out).collect(), total, page: paging.page(), page_size: paging.limit })
}

/// Заказ со всем, что о нём известно.
pub async fn detail(ctx: &Ctx, order: order::Model, viewer: Viewer) -> Result<OrderDetailOut> {
    read_detail(ctx, ctx.db_fresh(), order, viewer).await
}

/// То же внутри транзакции, которая заказ изменила.
pub async fn detail_in(work: &Work, order: order::Model, viewer: Viewer) -> Result<OrderDetailOut> {
    read_detail(work.ctx(), work.db(), order, viewer).await
}

async fn read_detail(
    ctx: &Ctx,
    db: &impl ConnectionTrait,
    order: order::Model,
    viewer: Viewer,
) -> Result<OrderDetailOut> {
    let url = pay_urls(ctx, db, std::slice::from_ref(&order)).await?.into_values().next();
    let items = items_of(db, vec![order.id]).await?;
    let waves = waves_of(db, &items).await?;
    let history = history_of(db, order.id).await?;
    let stages = match ctx.section::<OrderSettings>().stages.is_empty() {
        true => Vec::new(),
        false => stages_of(db, order.id).await?,
    };
    let out = assemble(ctx, order, items, url, history, &stages, viewer);
    Ok(OrderDetailOut { order: out.order.with_waves(ctx, &waves), ..out })
}

/// Только что оформленное: без единого запроса.
pub fn placed_out(ctx: &Ctx, placed: Vec<Placed>) -> PlacedOut {
    let mut orders: Vec<OrderDetailOut> = placed.into_iter().map(|placed| one_placed(ctx, placed)).collect();
    match orders.len() {
        1 => PlacedOut::One(Box::new(orders.remove(0))),
        _ => PlacedOut::Many(orders),
    }
}

fn one_placed(ctx: &Ctx, placed: Placed) -> OrderDetailOut {
    let out = assemble(ctx, placed.order, placed.items, placed.pay_url, Vec::new(), &[], Viewer::Buyer);
    OrderDetailOut { order: out.order.with_waves(ctx, &placed.waves), ..out }
}

fn assemble(
    ctx: &Ctx,
    order: order::Model,
    items: Vec<order_item::Model>,
    url: Option<String>,
    rows: Vec<history::Model>,
    stages: &[stage::Model],
    viewer: Viewer,
) -> OrderDetailOut {
    let mut history = vec![OrderHistoryOut::placed(ctx, &order)];
    if order.is_free() {
        history.push(OrderHistoryOut::free(ctx, &order));
    }
    history.extend(rows.into_iter().map(|row| OrderHistoryOut::of(ctx, row, order.user_id)));
    let next =
        || MOVES.iter().filter(|step| step.from == order.status && order.status.can_become(step.to, order.is_cash()));
    let is_staff = viewer == Viewer::Staff;
    OrderDetailOut {
        access_token: (!is_staff).then(|| order.access_token.clone()),
        can_cancel: order.status.owner_may_cancel(),
        next_statuses: is_staff.then(|| next().map(|step| step.to).collect()),
        stages: OrderStageOut::all(ctx, stages),
        history,
        order: OrderOut::of(order, items, url),
    }
}

/// Расчёт словами ответа.
pub fn quote_out(ctx: &Ctx, quoted: Quoted) -> OrderQuoteOut {
    let line = |line: &Line| QuoteLineOut {
        product_id: line.good.product_id,
        variant_id: line.good.variant_id,
        product_name: line.good.product_name.clone(),
        size: line.good.size.clone(),
        quantity: line.quantity,
        price: line.good.price,
        amount: line.amount(),
        discount_amount: line.discount,
        balance_amount: line.balance(),
        available: line.good.available,
    };
    OrderQuoteOut {
        lines: quoted.basket.lines.iter().map(line).collect(),
        currency: quoted.basket.currency().to_owned(),
        delivery: quoted.delivery.map(QuoteOut::from),
        items_amount: quoted.totals.items,
        delivery_amount: quoted.totals.delivery,
        total_amount: quoted.totals.total,
        discount_amount: quoted.totals.discount,
        final_amount: quoted.totals.to_pay,
        balance_amount: quoted.basket.balance(),
        problems: quoted.problems.iter().map(|problem| problem_out(ctx, problem)).collect(),
    }
}

fn problem_out(ctx: &Ctx, error: &Error) -> OrderProblem {
    let (message, _) = describe(ctx.texts(), ctx.lang(), error);
    OrderProblem { field: error.fields.first().map(|field| field.field.clone()), code: error.code.to_owned(), message }
}
