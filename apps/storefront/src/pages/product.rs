//! Страница товара.

use axum::response::Response;
use catalog::queries::{ProductAddress, Viewer, categories, find_detail, similar};
use delivery::queries::{Offer, city_prices_of, offers};
use http::Uri;
use kernel::http::PathParam;
use kernel::texts::format_roubles;
use kernel::{Ctx, Kind, Money, Result, Work};
use serde::Serialize;

use super::base::{Base, Crumb, Flash, Page, crumbs};
use super::see;
use crate::checkout::icon;
use crate::forms::Fields;
use crate::preorder::{Preorder, preorder};
use crate::render;
use crate::views::{CARD_WIDTH, Card, Product};
use crate::visitor::Visitor;

/// Сколько похожих товаров показать.
const SIMILAR: usize = 4;

#[derive(Serialize)]
struct View {
    product: Product,
    preorder: Option<Preorder>,
    promises: Vec<Promise>,
    crumbs: Vec<Crumb>,
    similar: Vec<Card>,
}

/// Строка под кнопкой: чем и почём привезём.
#[derive(Serialize)]
struct Promise {
    icon: &'static str,
    text: String,
}

pub async fn show_product(
    ctx: Ctx,
    visitor: Visitor,
    PathParam(slug): PathParam<String>,
    uri: Uri,
) -> Result<Response> {
    let query = Fields::of_query(&uri)?;
    let now = ctx.now().naive_utc();
    let detail = find_detail(ctx.db(), &ProductAddress::Slug(slug), Viewer::Public, now).await?;
    let all = categories(ctx.db(), Viewer::Public).await?;
    let near = similar(ctx.db(), detail.product.id, now).await?;
    let mut product = Product::of(&detail, query.number("variant"));
    let preorder = preorder(&ctx, visitor.actor.user_id(), &detail, &mut product).await?;
    let view = View {
        product,
        preorder,
        promises: promises(&ctx).await?,
        crumbs: crumbs(&all, detail.product.category_id),
        similar: near.iter().take(SIMILAR).map(|product| Card::of(product, CARD_WIDTH)).collect(),
    };
    let page = Page {
        section: detail.category.as_ref().map(|category| category.slug.clone()),
        description: view.product.summary.clone(),
        ..Page::public(detail.product.name.clone())
    };
    let mut base = Base::of(&ctx, &visitor, page).await?;
    base.flash = flash(&query);
    render::html("product.html", &base, &view)
}

fn flash(query: &Fields) -> Option<Flash> {
    let good = |text: &str, link| Some(Flash { kind: "good", text: text.to_owned(), link });
    if query.get("added") == "1" {
        return good("Добавили в корзину.", Some(("/cart".to_owned(), "Открыть корзину")));
    }
    match query.get("wait") {
        "joined" => good("Вы в листе ожидания. Напишем, как только освободится место.", None),
        "left" => good("Вы больше не ждёте этот товар.", None),
        "no" => Some(Flash {
            kind: "info", text: "Места уже есть: закажите сейчас.".to_owned(), link: None
        }),
        _ => None,
    }
}

/// Встать в лист ожидания или уйти из него.
pub async fn wait_for_product(
    ctx: Ctx,
    visitor: Visitor,
    PathParam(slug): PathParam<String>,
    fields: Fields,
) -> Result<Response> {
    let Some(user_id) = visitor.actor.user_id() else { return Ok(see("/login")) };
    let now = ctx.now().naive_utc();
    let detail = find_detail(ctx.db(), &ProductAddress::Slug(slug.clone()), Viewer::Public, now).await?;
    let (id, leaves) = (detail.product.id, fields.get("leave") == "1");
    let done = ctx
        .atomic(&visitor.actor, async move |work: &mut Work| match leaves {
            true => preorders::services::leave_waiting_list(work, id, user_id).await,
            false => preorders::services::join_waiting_list(work, id, user_id, 1).await.map(|_| ()),
        })
        .await;
    let word = match done {
        Ok(()) if leaves => "left",
        Ok(()) => "joined",
        Err(error) if matches!(error.kind, Kind::Refused | Kind::NotFound) => "no",
        Err(error) => return Err(error),
    };
    Ok(see(&format!("/p/{slug}?wait={word}")))
}

async fn promises(ctx: &Ctx) -> Result<Vec<Promise>> {
    let offers = offers(ctx.db(), &[]).await?;
    let ids: Vec<i64> = offers.iter().map(|offer| offer.method.id).collect();
    let prices = city_prices_of(ctx.db(), ids).await?;
    let line = |offer: &Offer| {
        let own = offer.rule().map(|rule| rule.price);
        let cities = prices.iter().filter(|price| price.method_id == offer.method.id).map(|price| price.price);
        let cheapest = cities.clone().chain(own).min()?;
        let from = cities.chain(own).any(|price| price != cheapest);
        Some(Promise {
            icon: icon(offer.method.kind),
            text: format!("{}: {}", offer.method.title, price(cheapest, from)),
        })
    };
    Ok(offers.iter().filter_map(line).collect())
}

fn price(price: Money, from: bool) -> String {
    match (price.is_zero(), from) {
        (true, false) => "бесплатно".to_owned(),
        (true, true) => "бывает бесплатно".to_owned(),
        (false, false) => format_roubles(price),
        (false, true) => format!("от\u{a0}{}", format_roubles(price)),
    }
}
