//! Заказ: состояние, история, повторная оплата, отмена; список своих заказов.

use axum::response::Response;
use chrono::TimeDelta;
use kernel::http::PathParam;
use kernel::texts::{Lang, describe};
use kernel::{Ctx, Error, Kind, OrNotFound, Result, Work};
use orders::models::{PaymentStatus, Status, order};
use orders::queries::{Viewer, by_token, detail, orders_of, siblings};
use orders::schemas::{OrderDetailOut, OrderHistoryOut, OrderItemOut, OrderPreorderOut};
use sea_orm::QuerySelect;
use serde::Serialize;
use serde_json::json;

use super::base::{Base, Flash, Page};
use super::cart::{Line, Sum};
use super::{local_path, see};
use crate::format::Moment;
use crate::order_words::Step;
use crate::order_words::{Look, look, payment_words, status_words, steps};
use crate::render;
use crate::views::{LINE_WIDTH, narrow};
use crate::visitor::Visitor;

/// Сколько своих заказов показать.
const LIST: u64 = 100;
/// Через сколько секунд перечитать заказ, пока деньги в пути.
const REFRESH: u32 = 2;

#[derive(Serialize)]
struct View {
    order: OrderView,
    lines: Vec<Line>,
    sum: Sum,
    history: Vec<Event>,
}

#[derive(Serialize)]
struct OrderView {
    url: String,
    number: String,
    created: Moment,
    #[serde(flatten)]
    look: Look,
    steps: Vec<Step>,
    full_name: String,
    phone: String,
    email: String,
    delivery_name: String,
    delivery_text: String,
    tracking: Option<String>,
    payment_text: String,
    promo_code: Option<String>,
    comment: Option<String>,
    can_pay: bool,
    /// Сколько платят сейчас, копейки.
    to_pay: i64,
    /// Это остаток после задатка.
    is_balance: bool,
    can_cancel: bool,
}

#[derive(Serialize)]
struct Event {
    at: Moment,
    text: String,
    note: Option<String>,
}

/// Адрес страницы заказа.
pub fn order_page(token: &str) -> String {
    format!("/orders/{token}")
}

pub async fn show_order(ctx: Ctx, visitor: Visitor, PathParam(token): PathParam<String>) -> Result<Response> {
    show(&ctx, &visitor, &token, None).await
}

/// Смешанная корзина стала двумя заказами: страница одного ведёт к другому.
async fn about_sibling(ctx: &Ctx, order: &order::Model) -> Result<Option<Flash>> {
    let sibling = siblings(ctx.db_fresh(), order).await?.into_iter().next();
    Ok(sibling.map(|sibling| Flash {
        kind: "info",
        text: format!("Остальное из корзины поедет отдельно: это заказ {}.", sibling.number),
        link: Some((order_page(&sibling.access_token), "Открыть")),
    }))
}

async fn find(ctx: &Ctx, token: &str) -> Result<order::Model> {
    by_token(ctx.db_fresh(), token).await?.or_not_found("orders.not_found")
}

async fn show(ctx: &Ctx, visitor: &Visitor, token: &str, flash: Option<Flash>) -> Result<Response> {
    let found = find(ctx, token).await?;
    catch_up(ctx, &found).await?;
    let is_checking = money_is_on_the_way(ctx, &found).await?;
    let full = detail(ctx, found.clone(), Viewer::Buyer).await?;
    let offset = ctx.shop_offset();
    let view = View {
        order: order_view(ctx, &found, &full, is_checking, offset),
        lines: full.order.items.iter().map(|item| line(ctx, item)).collect(),
        sum: sum(&full),
        history: full.history.iter().rev().map(|row| event(ctx, row, offset)).collect(),
    };
    let refresh = is_checking.then_some(REFRESH);
    let page = Page { refresh, ..Page::private(format!("Заказ {}", found.number)) };
    let mut base = Base::of(ctx, visitor, page).await?;
    base.flash = match flash {
        None => about_sibling(ctx, &found).await?,
        some => some,
    };
    render::html("order.html", &base, &view)
}

/// Покупатель мог вернуться с чужой страницы оплаты раньше её уведомления: это повод перечитать платёж.
async fn catch_up(ctx: &Ctx, order: &order::Model) -> Result<()> {
    if !can_pay(order) {
        return Ok(());
    }
    let open = orders::queries::open_payment(ctx, order.id).await?;
    if let Some(payment) = open.filter(|payment| payment.provider_payment_id.is_some()) {
        payments::services::refresh(ctx, payment.id).await?;
    }
    Ok(())
}

/// Платёж уже закончился, а заказ ещё об этом не знает: новость в очереди задач.
async fn money_is_on_the_way(ctx: &Ctx, order: &order::Model) -> Result<bool> {
    if order.paid_at.is_some() || order.status != Status::Pending {
        return Ok(false);
    }
    use payments::models::Status::{Cancelled, Succeeded};
    let payments = payments::queries::of_subject(ctx.db_fresh(), &order.first_subject()).await?;
    Ok(payments.first().is_some_and(|newest| matches!(newest.status, Succeeded | Cancelled)))
}

fn order_view(ctx: &Ctx, row: &order::Model, full: &OrderDetailOut, is_checking: bool, offset: TimeDelta) -> OrderView {
    let order = &full.order;
    let moment = |at: kernel::Timestamp| Moment::new(at, offset);
    let reason = order.cancel_reason.as_deref().map(|code| reason(ctx, code));
    OrderView {
        url: order_page(&row.access_token),
        number: order.order_number.clone(),
        created: moment(row.created_at),
        look: look(row, reason, is_checking, row.expires_at.map(moment)),
        steps: steps(row),
        full_name: row.contact_name.clone(),
        phone: row.contact_phone.clone(),
        email: row.contact_email.clone(),
        delivery_name: match row.delivery_title.as_str() {
            "" => "Доставка".to_owned(),
            title => title.to_owned(),
        },
        delivery_text: match (&row.cdek_point, row.delivery_address.as_str()) {
            (Some(point), _) => format!("Пункт СДЭК {point}"),
            (None, "") => "По договорённости".to_owned(),
            (None, address) => address.to_owned(),
        },
        tracking: order.tracking_number.clone(),
        payment_text: payment_words(row, row.paid_at.map(moment)),
        promo_code: order.promo_code.clone(),
        comment: order.comment.clone(),
        can_pay: can_pay(row) && !is_checking,
        to_pay: if row.paid_at.is_none() { row.due_now() } else { row.balance_due() }.to_minor(),
        is_balance: row.paid_at.is_some(),
        can_cancel: full.can_cancel && !is_checking,
    }
}

/// Заплатить в сети можно за живой неоплаченный заказ или остаток после задатка.
fn can_pay(order: &order::Model) -> bool {
    if !order.balance_due().is_zero() {
        return !order.is_cash();
    }
    let waits = matches!(order.payment_status, PaymentStatus::Pending | PaymentStatus::Failed);
    order.status == Status::Pending && order.paid_at.is_none() && waits && !order.is_cash()
}

/// «Волна 2: изготавливаем. Нитки приехали.»
fn wave_words(ctx: &Ctx, number: i32, wave: &OrderPreorderOut) -> String {
    let status = ctx.texts().get(Lang::Ru, &format!("preorders.statuses.{}", wave.status.code()), &json!({}));
    let message = wave.message.as_deref().map(|text| format!(" {text}")).unwrap_or_default();
    format!("Волна {number}: {}.{message}", status.to_lowercase())
}

fn line(ctx: &Ctx, item: &OrderItemOut) -> Line {
    Line {
        id: item.id,
        slug: None,
        name: item.product_name.clone(),
        variant: item.variant_title.clone(),
        price: item.price.to_minor(),
        quantity: item.quantity,
        sum: item.amount.to_minor(),
        picture: item.image_url.as_deref().map(|url| narrow(url, LINE_WIDTH)),
        is_cancelled: item.cancelled_at.is_some(),
        wave: item.preorder_wave.zip(item.preorder.as_ref()).map(|(number, wave)| wave_words(ctx, number, wave)),
        problem: None,
    }
}

fn sum(full: &OrderDetailOut) -> Sum {
    let order = &full.order;
    Sum {
        count: order.items.iter().filter(|item| !item.is_dropped).map(|item| item.quantity).sum(),
        goods: order.items_amount.to_minor(),
        discount: order.discount_amount.to_minor(),
        delivery: Some(order.delivery_amount.to_minor()),
        total: order.final_amount.to_minor(),
        balance: order.balance_amount.to_minor(),
    }
}

fn event(ctx: &Ctx, row: &OrderHistoryOut, offset: TimeDelta) -> Event {
    let words = row.reason.as_deref().map(|code| reason(ctx, code));
    let moved = row.to_status.filter(|_| row.from_status.is_some()).map(status_words);
    let (text, note) = match (moved, words) {
        // «Заказ оплачен» уже всё сказал.
        (Some(status), _) if row.reason.as_deref() == Some("payment_received") => (status.to_owned(), None),
        (Some(status), words) => (status.to_owned(), words),
        (None, Some(words)) => (words, None),
        (None, None) => ("Заказ изменён".to_owned(), None),
    };
    let note = [note, row.note.clone()].into_iter().flatten().collect::<Vec<_>>().join(". ");
    Event {
        at: Moment::new(row.created_at.naive_utc(), offset),
        text,
        note: Some(note).filter(|note| !note.is_empty()),
    }
}

/// Причина словами, по-русски при любом языке браузера.
fn reason(ctx: &Ctx, code: &str) -> String {
    ctx.texts().get(Lang::Ru, &format!("orders.reasons.{code}"), &json!({}))
}

/// Заплатить ещё раз: открытый платёж или новый.
pub async fn pay_order(ctx: Ctx, visitor: Visitor, PathParam(token): PathParam<String>) -> Result<Response> {
    let order = find(&ctx, &token).await?;
    let started = ctx
        .atomic(&visitor.actor, async move |work: &mut Work| {
            let payment = orders::services::start_payment(work, &order, None).await?;
            Ok(payment.pay_url(work.ctx()))
        })
        .await;
    match started {
        Ok(Some(url)) => Ok(see(&local_path(&ctx, &url))),
        Ok(None) => Ok(see(&order_page(&token))),
        Err(error) => excuse(&ctx, &visitor, &token, error).await,
    }
}

/// Отменить: пока за заказ не взялись.
pub async fn cancel_order(ctx: Ctx, visitor: Visitor, PathParam(token): PathParam<String>) -> Result<Response> {
    let order = find(&ctx, &token).await?;
    let cancelled = ctx
        .atomic(&visitor.actor, async move |work: &mut Work| {
            orders::services::cancel_by_owner(work, &order, "").await.map(|_| ())
        })
        .await;
    match cancelled {
        Ok(()) => Ok(see(&order_page(&token))),
        Err(error) => excuse(&ctx, &visitor, &token, error).await,
    }
}

/// Отказ по правилам — на странице заказа, какой он теперь.
async fn excuse(ctx: &Ctx, visitor: &Visitor, token: &str, error: Error) -> Result<Response> {
    if !matches!(error.kind, Kind::Refused | Kind::Conflict) {
        return Err(error);
    }
    let (text, _) = describe(ctx.texts(), Lang::Ru, &error);
    let mut response = show(ctx, visitor, token, Some(Flash { kind: "bad", text, link: None })).await?;
    *response.status_mut() = error.kind.status();
    Ok(response)
}

#[derive(Serialize)]
struct ListView {
    orders: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    url: String,
    number: String,
    created: Moment,
    title: String,
    tone: &'static str,
    total: i64,
}

pub async fn list_orders(ctx: Ctx, visitor: Visitor) -> Result<Response> {
    let user_id = visitor.actor.require_user()?;
    let rows = orders_of(user_id).limit(LIST).all(ctx.db_fresh()).await?;
    let offset = ctx.shop_offset();
    let row = |order: order::Model| {
        let look = look(&order, None, false, None);
        Row {
            url: order_page(&order.access_token),
            number: order.number,
            created: Moment::new(order.created_at, offset),
            title: look.title,
            tone: look.tone,
            total: order.final_amount.to_minor(),
        }
    };
    let view = ListView { orders: rows.into_iter().map(row).collect() };
    let base = Base::of(&ctx, &visitor, Page::private("Мои заказы")).await?;
    render::html("orders.html", &base, &view)
}
