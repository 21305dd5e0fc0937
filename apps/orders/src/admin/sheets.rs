//! Листы на печать: сборочный (без цен) и заказ с деньгами.

use std::sync::LazyLock;

use admin::{Document, badge};
use kernel::texts::format_roubles;
use kernel::{Ctx, Error, Lang, Money, OrNotFound, Result};
use minijinja::value::Serde;
use minijinja::{Environment, context};
use sea_orm::ActiveEnum;
use serde::Serialize;

use super::STATUSES;
use crate::models::*;
use crate::permissions::VIEW_ORDER;
use crate::{errors, queries};

#[expect(clippy::expect_used, reason = "шаблон вшит: ошибка в нём видна в первом же тесте")]
static SHEET: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.add_template("sheet.html", include_str!("../../templates/sheet.html")).expect("the sheet is broken");
    environment
});

/// Сборочный лист: что положить и куда везти; едет и в коробке, поэтому без цен.
pub(super) fn packing() -> Document {
    Document::sheet("packing", ("Сборочный лист", "Packing slip"), VIEW_ORDER, |ctx, id| {
        Box::pin(draw(ctx, id, false))
    })
}

/// Заказ с ценами, скидкой и оплатой.
pub(super) fn invoice() -> Document {
    Document::sheet("invoice", ("Заказ на печать", "Order sheet"), VIEW_ORDER, |ctx, id| {
        Box::pin(draw(ctx, id, true))
    })
}

#[derive(Serialize)]
struct View {
    number: String,
    placed: String,
    status: String,
    lines: Vec<Line>,
    quantity: i64,
    delivery: Vec<String>,
    contact: Vec<String>,
    comment: String,
    /// Название → сумма; в сборочном листе пусто.
    sums: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct Line {
    title: String,
    article: String,
    quantity: i64,
    price: String,
    amount: String,
}

async fn draw(ctx: &Ctx, id: i64, with_money: bool) -> Result<String> {
    let order = queries::order_by_id(ctx.db_fresh(), id).await?.or_not_found(errors::NOT_FOUND)?;
    let items = queries::items_of(ctx.db_fresh(), vec![id]).await?;
    let live = items.into_iter().filter(|item| item.cancelled_at.is_none());
    // В коробку не кладут того, что уже не поедет.
    let live = live.map(|item| match with_money {
        true => item,
        false => order_item::Model { quantity: item.quantity - item.restocked_quantity, ..item },
    });
    let live: Vec<_> = live.filter(|item| item.quantity > 0).collect();
    let is_russian = ctx.lang() == Lang::Ru;
    let view = View {
        sums: if with_money { sums(&order, is_russian) } else { Vec::new() },
        quantity: live.iter().map(|item| item.quantity).sum(),
        lines: live.into_iter().map(|item| line(item, is_russian)).collect(),
        placed: (order.created_at + ctx.shop_offset()).format("%d.%m.%Y %H:%M").to_string(),
        status: words(&order, is_russian),
        delivery: filled([order.delivery_title, order.delivery_address, order.cdek_point.unwrap_or_default()]),
        contact: filled([order.contact_name, order.contact_phone, order.contact_email]),
        comment: order.comment,
        number: order.number,
    };
    let template = SHEET.get_template("sheet.html").map_err(Error::internal)?;
    let page = context! { lang => ctx.lang().code(), ru => is_russian, with_money, ..Serde(&view) };
    template.render(page).map_err(Error::internal)
}

fn line(item: order_item::Model, is_russian: bool) -> Line {
    let refunded = match (item.refunded_quantity, is_russian) {
        (0, _) => String::new(),
        (pieces, true) => format!(" (возвращено {pieces})"),
        (pieces, false) => format!(" ({pieces} refunded)"),
    };
    Line {
        title: item.title() + &refunded,
        price: format_roubles(item.price),
        amount: format_roubles(item.amount - item.discount_amount),
        article: item.article,
        quantity: item.quantity,
    }
}

fn sums(order: &order::Model, is_russian: bool) -> Vec<(&'static str, String)> {
    let say = |ru: &'static str, en: &'static str| if is_russian { ru } else { en };
    let all = [
        (say("Товары", "Goods"), order.items_amount),
        (say("Скидка", "Discount"), order.discount_amount),
        (say("Доставка", "Delivery"), order.delivery_amount),
        (say("К оплате", "Total"), order.final_amount),
        (say("Получено", "Received"), order.received()),
        (say("Возвращено", "Refunded"), order.refunded_amount),
        (say("Остаток к доплате", "Balance due"), order.balance_due()),
    ];
    let shown = |sum: &(&'static str, Money)| !sum.1.is_zero() || sum.0 == say("К оплате", "Total");
    all.into_iter().filter(shown).map(|(words, sum)| (words, format_roubles(sum))).collect()
}

fn words(order: &order::Model, is_russian: bool) -> String {
    match badge(STATUSES, &order.status.to_value()) {
        admin::Cell::Badge(words, _) => if is_russian { words.0 } else { words.1 }.to_owned(),
        _ => String::new(),
    }
}

fn filled<const N: usize>(lines: [String; N]) -> Vec<String> {
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}
