//! Ссылка на оплату: страница эмулятора («чужая» касса внутри магазина) или переход к настоящей.

use axum::response::Response;
use kernel::http::PathParam;
use kernel::{Ctx, Error, Kind, OrNotFound, Result};
use orders::models::order::BALANCE;
use payments::emulator::{self, GatewayStatus, PageView};
use payments::models::payment;
use serde::Serialize;
use uuid::Uuid;

use super::base::{Base, Page};
use super::{local_path, see};
use crate::format::Moment;
use crate::forms::Fields;
use crate::render;
use crate::visitor::Visitor;

#[derive(Serialize)]
struct View {
    payment: PaymentView,
}

#[derive(Serialize)]
struct PaymentView {
    id: Uuid,
    amount: i64,
    description: String,
    order_url: String,
    open: bool,
    /// Остаток после задатка: отказ заказа не отменит.
    is_balance: bool,
    paid: bool,
    status_text: &'static str,
    expires: Option<Moment>,
}

async fn find(ctx: &Ctx, id: Uuid) -> Result<payment::Model> {
    payments::queries::by_public_id(ctx.db_fresh(), id).await?.or_not_found("payments.not_found")
}

pub async fn show_payment(ctx: Ctx, visitor: Visitor, PathParam(id): PathParam<String>) -> Result<Response> {
    let id = parse(&id)?;
    let found = find(&ctx, id).await?;
    if found.provider != emulator::CODE {
        return leave(&ctx, &visitor, &found).await;
    }
    match emulator::view(&ctx, id).await {
        Ok(page) => show(&ctx, &visitor, &found, page).await,
        // Отменённый или просроченный платёж: на странице заказа видно, что с ним.
        Err(error) if error.kind == Kind::Refused => Ok(see(&local_path(&ctx, &found.return_url))),
        Err(error) => Err(error),
    }
}

#[derive(Serialize)]
struct Leaving {
    url: String,
}

/// К настоящей кассе. Не перенаправлением: сюда попадают с формы оформления, а её политика (`form-action`) чужих адресов не пускает.
async fn leave(ctx: &Ctx, visitor: &Visitor, found: &payment::Model) -> Result<Response> {
    let url = match payments::services::pay_page(ctx, found.id).await {
        Ok(url) => url,
        // Платёж не принят: на странице заказа видно, что с ним и чем ещё заплатить.
        Err(error) if error.kind == Kind::Refused => found.return_url.clone(),
        Err(error) => return Err(error),
    };
    if url == found.return_url {
        return Ok(see(&local_path(ctx, &url)));
    }
    let page = Page { leave: Some(url.clone()), ..Page::private("Переходим к оплате") };
    render::html("leaving.html", &Base::of(ctx, visitor, page).await?, &Leaving { url })
}

fn parse(id: &str) -> Result<Uuid> {
    Uuid::parse_str(id).map_err(|_| Error::not_found("payments.not_found"))
}

async fn show(ctx: &Ctx, visitor: &Visitor, found: &payment::Model, page: PageView) -> Result<Response> {
    let offset = ctx.shop_offset();
    let paid = matches!(page.status, GatewayStatus::Succeeded | GatewayStatus::WaitingForCapture);
    let payment = PaymentView {
        id: page.public_id,
        amount: page.amount.to_minor(),
        description: page.description,
        order_url: local_path(ctx, &page.return_url),
        open: page.is_open,
        is_balance: found.subject_kind == BALANCE,
        paid,
        status_text: match page.status {
            _ if paid => "Оплата прошла.",
            GatewayStatus::Canceled => "Оплата отклонена.",
            _ => "Время оплаты вышло.",
        },
        expires: page.expires_at.map(|at| Moment::new(at, offset)),
    };
    let base = Base::of(ctx, visitor, Page::private("Тестовая оплата")).await?;
    render::html("pay.html", &base, &View { payment })
}

/// Покупатель нажал «Оплатить» или «Отказать» и возвращается в магазин.
pub async fn pay(ctx: Ctx, PathParam(id): PathParam<String>, fields: Fields) -> Result<Response> {
    let id = parse(&id)?;
    let found = find(&ctx, id).await?;
    let acted = match fields.get("action") {
        "pay" => emulator::pay(&ctx, id, &[]).await,
        "refuse" => emulator::refuse(&ctx, id).await,
        _ => return Err(Error::invalid("action", "bad_value")),
    };
    match acted {
        Ok(_) => {}
        // Второе нажатие: платёж уже закрыт, заказ покажет чем.
        Err(error) if error.kind == Kind::Refused => {}
        Err(error) => return Err(error),
    }
    // Уведомление кассы может задержаться: вернувшийся покупатель — повод перечитать платёж.
    if let Err(error) = payments::services::sync(&ctx, found.id).await {
        tracing::warn!(payment.id = found.id, %error, "cannot re-read the payment of a returned buyer");
    }
    Ok(see(&local_path(&ctx, &found.return_url)))
}
