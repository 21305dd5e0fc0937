//! Корзина: показать, положить, изменить количество, убрать.

use axum::response::Response;
use cart::schemas::{CartItemOut, CartOut, Notice, NoticeCode};
use cart::{GuestToken, queries, services};
use kernel::http::PathParam;
use kernel::texts::{Lang, describe};
use kernel::{Ctx, Error, Kind, Result, Work};
use serde::Serialize;
use serde_json::json;

use super::base::{Base, Flash, Page};
use super::see;
use crate::forms::Fields;
use crate::render;
use crate::views::{LINE_WIDTH, narrow};
use crate::visitor::Visitor;

#[derive(Serialize)]
struct View {
    lines: Vec<Line>,
    notices: Vec<Flash>,
    sum: Sum,
    /// Почему нельзя оформить.
    blocked: Option<&'static str>,
}

/// Строка корзины или заказа.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub id: i64,
    pub slug: Option<String>,
    pub name: String,
    pub variant: String,
    pub price: i64,
    pub quantity: i64,
    pub sum: i64,
    pub picture: Option<String>,
    /// Что с волной предзаказа.
    pub wave: Option<String>,
    /// Магазин отменил строку: её волна не состоялась.
    pub is_cancelled: bool,
    /// Почему эту строку нельзя заказать.
    pub problem: Option<String>,
}

/// Итог; `delivery` — `None`, пока способ не выбран.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sum {
    pub count: i64,
    pub goods: i64,
    pub discount: i64,
    pub delivery: Option<i64>,
    pub total: i64,
    /// Сколько из этого платят потом, остатком после задатка.
    pub balance: i64,
}

impl Line {
    pub fn of(item: &CartItemOut, problem: Option<String>) -> Line {
        Line {
            id: item.id,
            slug: Some(item.product_slug.clone()),
            name: item.product_name.clone(),
            variant: item.variant_title.clone(),
            price: item.product_price.to_minor(),
            quantity: item.quantity,
            sum: item.amount.to_minor(),
            picture: item.image_url.as_deref().map(|url| narrow(url, LINE_WIDTH)),
            wave: None,
            is_cancelled: false,
            problem,
        }
    }
}

impl Sum {
    pub fn of(cart: &CartOut) -> Sum {
        let goods = cart.total_amount.to_minor();
        Sum { count: cart.total_items, goods, total: goods, ..Sum::default() }
    }

    pub fn with_discount(self, discount: i64) -> Sum {
        Sum { discount, total: self.goods - discount, ..self }
    }

    pub fn with_delivery(self, price: i64) -> Sum {
        Sum { delivery: Some(price), total: self.goods - self.discount + price, ..self }
    }
}

pub async fn show_cart(ctx: Ctx, visitor: Visitor) -> Result<Response> {
    show(&ctx, &visitor, None).await
}

async fn show(ctx: &Ctx, visitor: &Visitor, flash: Option<Flash>) -> Result<Response> {
    let cart = queries::cart_view(ctx, &visitor.cart).await?;
    let problem = |item: &CartItemOut| {
        let found =
            cart.notices.iter().find(|notice| notice.item_id == item.id && notice.code != NoticeCode::PriceChanged);
        found.map(|notice| words(ctx, notice, item))
    };
    let lines: Vec<Line> = cart.items.iter().map(|item| Line::of(item, problem(item))).collect();
    let blocked = lines.iter().any(|line| line.problem.is_some());
    let changed = cart.notices.iter().filter(|notice| notice.code == NoticeCode::PriceChanged);
    let notices = changed.filter_map(|notice| {
        let item = cart.items.iter().find(|item| item.id == notice.item_id)?;
        Some(Flash { kind: "warn", text: words(ctx, notice, item), link: None })
    });
    let view = View {
        notices: notices.collect(),
        sum: Sum::of(&cart),
        blocked: blocked.then_some("Сначала поправьте отмеченные строки."),
        lines,
    };
    let mut base = Base::of(ctx, visitor, Page::private("Корзина")).await?;
    base.flash = flash;
    render::html("cart.html", &base, &view)
}

/// Сообщение корзины по-русски, каким бы ни был язык браузера.
fn words(ctx: &Ctx, notice: &Notice, item: &CartItemOut) -> String {
    let product = match item.variant_title.as_str() {
        "" => item.product_name.clone(),
        variant => format!("{}, {variant}", item.product_name),
    };
    let args = json!({
        "product": product, "old_price": notice.old_price, "new_price": notice.new_price, "left": notice.available
    });
    ctx.texts().get(Lang::Ru, &format!("cart.notices.{}", notice.code.name()), &args)
}

/// Положить в корзину и вернуться к товару.
pub async fn add_item(ctx: Ctx, visitor: Visitor, fields: Fields) -> Result<Response> {
    let variant = fields.number("variant").ok_or_else(|| Error::invalid("variant", "catalog.size_required"))?;
    let quantity = fields.number("quantity").unwrap_or(1).clamp(1, services::MAX_QUANTITY);
    let owner = visitor.cart.clone();
    let added = ctx
        .atomic(&visitor.actor, async move |work: &mut Work| {
            services::add_item(work, &owner, variant, quantity).await.map(|added| added.new_token)
        })
        .await;
    match added {
        Ok(token) => {
            let mut response = see(&format!("{}?added=1", product_page(&fields)));
            remember(&ctx, &mut response, token)?;
            Ok(response)
        }
        Err(error) => excuse(&ctx, &visitor, error).await,
    }
}

/// Страница товара, с которой пришла форма; чужие адреса не годятся.
fn product_page(fields: &Fields) -> &str {
    let back = fields.get("back");
    let slug = back.strip_prefix("/p/").unwrap_or_default();
    let is_slug = !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_slug { back } else { "/cart" }
}

/// Новый ключ корзины гостя — в печенье.
fn remember(ctx: &Ctx, response: &mut Response, token: Option<GuestToken>) -> Result<()> {
    if let Some(token) = token {
        response.headers_mut().extend(token.headers(ctx)?);
    }
    Ok(())
}

/// Поставить количество: `step` — кнопки «−», «+» и «убрать», `quantity` — поле; 0 убирает строку.
pub async fn change_item(
    ctx: Ctx,
    visitor: Visitor,
    PathParam(item): PathParam<i64>,
    fields: Fields,
) -> Result<Response> {
    let wanted = fields.number("step").or(fields.number("quantity")).unwrap_or(1);
    let quantity = wanted.clamp(0, services::MAX_QUANTITY);
    let owner = visitor.cart.clone();
    let changed = ctx
        .atomic(&visitor.actor, async move |work: &mut Work| match quantity {
            0 => services::remove_item(work, &owner, item).await,
            quantity => services::change_quantity(work, &owner, item, quantity).await.map(|_| ()),
        })
        .await;
    match changed {
        Ok(()) => Ok(see("/cart")),
        // Строку уже убрала соседняя вкладка: корзина и так такая, какой её хотели.
        Err(error) if error.kind == Kind::NotFound => Ok(see("/cart")),
        Err(error) => excuse(&ctx, &visitor, error).await,
    }
}

/// Отказ по правилам показывает корзину с объяснением; остальное — страница ошибки.
async fn excuse(ctx: &Ctx, visitor: &Visitor, error: Error) -> Result<Response> {
    if error.kind != Kind::Refused {
        return Err(error);
    }
    let (text, _) = describe(ctx.texts(), Lang::Ru, &error);
    let mut response = show(ctx, visitor, Some(Flash { kind: "bad", text, link: None })).await?;
    *response.status_mut() = error.kind.status();
    Ok(response)
}
