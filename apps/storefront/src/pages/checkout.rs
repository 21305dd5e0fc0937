//! Оформление заказа.

use accounts::contacts::Email;
use accounts::phones;
use accounts::queries::user_by_id;
use axum::body::Body;
use axum::extract::FromRequest;
use axum::response::Response;
use http::{Request, StatusCode, header};
use kernel::http::Once;
use kernel::texts::describe;
use kernel::{Actor, Ctx, Error, Kind, Lang, Result, Work};
use orders::schemas::OrderIn;
use orders::services::{NewOrder, check_promo_guess, quote};
use serde::Serialize;
use serde_json::{Value, json};

use super::base::{Base, Page};
use super::cart::{Line, Sum};
use super::order::order_page;
use super::{local_path, see};
use crate::StorefrontSettings;
use crate::checkout::{PayWay, Way, asks, pay_ways, ways};
use crate::demo::demo_promo_codes;
use crate::forms::{Fields, Form};
use crate::render;
use crate::visitor::Visitor;

#[derive(Serialize)]
struct View {
    form: Form,
    deliveries: Vec<Way>,
    payments: Vec<PayWay>,
    lines: Vec<Line>,
    sum: Sum,
    /// Подсказка под полем промокода.
    promo_hint: String,
}

/// Поля и отказы служб → поля формы.
const KNOWN: [(&str, &str); 7] = [
    ("contact.name", "full_name"),
    ("contact.phone", "phone"),
    ("contact.email", "email"),
    ("delivery.address", "address"),
    ("delivery.cdek_point", "cdek_point"),
    ("comment", "comment"),
    ("promo_code", "promo_code"),
];

/// Отказы доставки поля не называют: здесь известно, что об этом спрашивало.
const BY_CODE: [(&str, &str); 8] = [
    ("delivery.unknown_method", "delivery"),
    ("delivery.address_required", "address"),
    ("delivery.cdek_point_required", "cdek_point"),
    ("delivery.pickup_point_required", "point"),
    ("delivery.unknown_pickup_point", "point"),
    ("delivery.city_not_served", "city"),
    ("orders.delivery_required", "address"),
    ("payments.unknown_provider", "payment"),
];

pub async fn show_checkout(ctx: Ctx, visitor: Visitor) -> Result<Response> {
    let form = prefill(&ctx, &visitor).await?;
    show(&ctx, &visitor, form).await
}

/// Новая форма: что известно о вошедшем, первые способы отмечены.
async fn prefill(ctx: &Ctx, visitor: &Visitor) -> Result<Form> {
    let mut form = Form { attempt: ctx.random().token(), ..Form::default() };
    if let Some(payment) = pay_ways(ctx).first() {
        form = form.with("payment", payment.code.as_str());
    }
    let Some(user_id) = visitor.actor.user_id() else { return Ok(form) };
    let Some(user) = user_by_id(ctx.db(), user_id).await? else { return Ok(form) };
    let name = match user.full_name.as_str() {
        "" => format!("{} {}", user.first_name, user.last_name).trim().to_owned(),
        full => full.to_owned(),
    };
    Ok(form
        .with("full_name", name)
        .with("phone", user.phone.unwrap_or_default())
        .with("email", user.email.unwrap_or_default())
        .with("address", user.address)
        .with("cdek_point", user.cdek_point))
}

async fn show(ctx: &Ctx, visitor: &Visitor, mut form: Form) -> Result<Response> {
    let cart = cart::queries::cart_view(ctx, &visitor.cart).await?;
    if cart.items.is_empty() || cart.items.iter().any(|item| !item.is_available) {
        return Ok(see("/cart"));
    }
    let deliveries = ways(ctx, cart.total_amount, &form).await?;
    if form.value("delivery").is_none()
        && let Some(first) = deliveries.first()
    {
        form = form.with("delivery", first.code.as_str());
    }
    let (discount, balance) = counted(ctx, visitor, &mut form).await?;
    let chosen = deliveries.iter().find(|way| form.value("delivery") == Some(&way.code));
    let sum = Sum::of(&cart).with_discount(discount).with_delivery(chosen.map_or(0, |way| way.price));
    let sum = Sum { balance, ..sum };
    let lines = cart.items.iter().map(|item| Line::of(item, None)).collect();
    let status = if form.is_good() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = View { form, deliveries, payments: pay_ways(ctx), lines, sum, promo_hint: promo_hint(ctx) };
    let base = Base::of(ctx, visitor, Page::private("Оформление заказа")).await?;
    let mut response = render::html("checkout.html", &base, &view)?;
    *response.status_mut() = status;
    Ok(response)
}

/// Скидка по коду из формы и остаток после задатка, копейки; негодный код подписывает своё поле.
async fn counted(ctx: &Ctx, visitor: &Visitor, form: &mut Form) -> Result<(i64, i64)> {
    let code = form.value("promo_code").unwrap_or_default().trim().to_owned();
    let code = Some(code).filter(|code| !code.is_empty() && !form.errors.contains_key("promo_code"));
    let mut new = new_order(visitor, code)?;
    match check_promo_guess(ctx, &visitor.actor, &new).await {
        Err(error) if error.kind == Kind::TooManyRequests => {
            form.error("promo_code", words(ctx, &error));
            new.promo_code = None;
        }
        other => other?,
    }
    let quoted = quote(ctx, &new).await?;
    if let Some(refusal) = quoted.problems.iter().find(|problem| is_about_promo(problem)) {
        form.error("promo_code", words(ctx, refusal));
    }
    Ok((quoted.totals.discount.to_minor(), quoted.basket.balance().to_minor()))
}

/// Корзина, может быть, с промокодом: для расчёта хватит этого.
fn new_order(visitor: &Visitor, promo_code: Option<String>) -> Result<NewOrder> {
    let input = OrderIn { from_cart: true, promo_code, ..OrderIn::default() };
    input.into_order(visitor.actor.user_id(), visitor.cart.clone(), Lang::Ru)
}

fn is_about_promo(error: &Error) -> bool {
    error.code.starts_with("promos.")
}

fn words(ctx: &Ctx, error: &Error) -> String {
    describe(ctx.texts(), Lang::Ru, error).0
}

/// В учебном магазине коды можно подсказать.
fn promo_hint(ctx: &Ctx) -> String {
    match ctx.section::<StorefrontSettings>().demo {
        true => format!("В учебном магазине действуют {}", demo_promo_codes().join(", ")),
        false => String::new(),
    }
}

pub async fn place_order(ctx: Ctx, visitor: Visitor, fields: Fields) -> Result<Response> {
    if fields.get("action") == "promo" {
        let form = Form { attempt: fields.get("attempt").to_owned(), ..Form::keep(&fields) };
        return show(&ctx, &visitor, form).await;
    }
    let asked = asks(&ctx, fields.get("delivery")).await?;
    let form = check(&visitor, &fields, asked);
    if !form.is_good() {
        return show(&ctx, &visitor, form).await;
    }
    if let Some(changed) = prices_changed(&ctx, &visitor, &fields).await? {
        return show(&ctx, &visitor, Form { problem: Some(changed), ..form }).await;
    }
    match place(&ctx, &visitor, &fields).await {
        Ok(placed) => Ok(see(&placed)),
        // Корзину оформила другая вкладка: показываем, что она пуста.
        Err(error) if error.code == "orders.cart_empty" => Ok(see("/cart")),
        Err(error) if is_about_promo(&error) => {
            show(&ctx, &visitor, form.refused(&ctx, &error, &KNOWN, Some("promo_code"))).await
        }
        Err(error) if matches!(error.kind, Kind::Refused | Kind::Invalid | Kind::Conflict) => {
            let field = BY_CODE.iter().find(|(code, _)| *code == error.code).map(|(_, field)| *field);
            show(&ctx, &visitor, form.refused(&ctx, &error, &KNOWN, field)).await
        }
        Err(error) => Err(error),
    }
}

/// Покупатель платит то, что видел: если товары за это время подорожали или подешевели, а скидка стала меньше, он увидит новый итог.
/// Пустая корзина — повтор уже принятой формы, его разберёт ключ от повторов.
async fn prices_changed(ctx: &Ctx, visitor: &Visitor, fields: &Fields) -> Result<Option<String>> {
    let cart = cart::queries::cart_view(ctx, &visitor.cart).await?;
    let same = fields.number("seen").is_none_or(|seen| seen == cart.total_amount.to_minor())
        && !discount_shrank(ctx, visitor, fields).await?;
    let words = "Цены изменились, пока вы заполняли форму. Проверьте итог и нажмите «Заказать» ещё раз.";
    Ok((!same && !cart.items.is_empty()).then(|| words.to_owned()))
}

/// Стала ли показанная скидка меньше. Код, который ещё не применяли, ничего не обещал.
async fn discount_shrank(ctx: &Ctx, visitor: &Visitor, fields: &Fields) -> Result<bool> {
    match fields.number("seen_discount") {
        Some(seen) if seen > 0 => Ok(counted(ctx, visitor, &mut Form::keep(fields)).await?.0 < seen),
        _ => Ok(false),
    }
}

/// Обязательные поля; остальное проверят службы. `asked` — что спрашивает выбранный способ доставки.
fn check(visitor: &Visitor, fields: &Fields, asked: &str) -> Form {
    let mut form = Form { attempt: fields.get("attempt").to_owned(), ..Form::keep(fields) };
    if fields.get("full_name").is_empty() {
        form.error("full_name", "Напишите, кому передать заказ");
    }
    match fields.get("phone") {
        "" => form.error("phone", "Нужен телефон: без него курьер не дозвонится"),
        phone if phones::parse(phone).is_none() => {
            form.error("phone", "Такого номера не бывает. Нужен номер вида +7 916 123-45-67");
        }
        _ => {}
    }
    match fields.get("email") {
        "" if visitor.actor.user_id().is_some() => {}
        "" => form.error("email", "Нужна почта: на неё придёт заказ"),
        email if Email::parse(email).is_none() => form.error("email", "Проверьте адрес почты"),
        _ => {}
    }
    if asked == "address" && fields.get("address").is_empty() {
        form.error("address", "Напишите улицу, дом и квартиру");
    }
    if asked == "cdek" && fields.get("cdek_point").is_empty() {
        form.error("cdek_point", "Напишите код пункта, где заберёте заказ");
    }
    if fields.get("payment").is_empty() {
        form.error("payment", "Выберите, как заплатите");
    }
    form
}

/// Оформляет и говорит, куда идти дальше. Номер попытки — ключ от повторов: двойное нажатие вернёт тот же заказ.
async fn place(ctx: &Ctx, visitor: &Visitor, fields: &Fields) -> Result<String> {
    let once = once(ctx, fields).await?;
    let new = once.input.clone().into_order(visitor.actor.user_id(), visitor.cart.clone(), Lang::Ru)?;
    check_promo_guess(ctx, &visitor.actor, &new).await?;
    let actor: Actor = visitor.actor.clone();
    let scope = format!("storefront:{}", visitor.cart.label());
    let run = once.run(ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, _: &OrderIn| {
        let placed = orders::services::place_orders(work, &new).await?;
        let first = placed.first().ok_or_else(|| Error::refused("orders.cart_empty"))?;
        let page = order_page(&first.order.access_token);
        // Корзина стала двумя заказами — платёж всё равно один, а страница первого заказа ведёт ко второму.
        Ok(json!({"order": page, "pay": first.pay_url}))
    });
    let body = axum::body::to_bytes(run.await?.into_body(), 10_000).await.map_err(Error::internal)?;
    let placed: Value = serde_json::from_slice(&body)?;
    let url = placed["pay"].as_str().or(placed["order"].as_str()).unwrap_or_default();
    Ok(local_path(ctx, url))
}

/// Форма тем же телом, каким заказывают клиенты API, с ключом от повторов.
async fn once(ctx: &Ctx, fields: &Fields) -> Result<Once<OrderIn>> {
    let way = fields.filled("delivery");
    let mut delivery = json!({"method": way});
    match asks(ctx, fields.get("delivery")).await? {
        "point" => delivery["pickup_point_id"] = fields.number("point").into(),
        "cdek" => delivery["cdek_point"] = fields.filled("cdek_point").into(),
        _ => {
            delivery["city"] = fields.filled("city").into();
            delivery["address"] = fields.filled("address").into();
        }
    }
    let body = json!({
        "from_cart": true,
        "delivery": delivery,
        "contact": {
            "name": fields.get("full_name"),
            "phone": fields.get("phone"),
            "email": fields.filled("email"),
        },
        "comment": fields.filled("comment"),
        "promo_code": fields.filled("promo_code"),
        "payment_provider": fields.get("payment"),
    });
    let mut request = Request::post("/checkout").header(header::CONTENT_TYPE, "application/json");
    if let Some(attempt) = fields.filled("attempt") {
        request = request.header("idempotency-key", attempt);
    }
    let request = request.body(Body::from(body.to_string())).map_err(|_| Error::invalid_body())?;
    Once::from_request(request, &()).await
}
