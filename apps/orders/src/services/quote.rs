//! Расчёт заказа без оформления: ничего не занимает и не меняет.

use cart::services::CartLine;
use delivery::schemas::DeliveryIn;
use kernel::{Ctx, Error, Money, Result};
use sea_orm::QueryOrder;

use super::basket::{Basket, Goods};
use super::place_order::NewOrder;
use crate::calculations::{Totals, totals};
use crate::errors;
use crate::settings::OrderSettings;

/// Посчитанный заказ. `problems` пуст — его можно оформить.
#[derive(Debug)]
pub struct Quoted {
    pub basket: Basket,
    pub delivery: Option<delivery::services::Quote>,
    pub totals: Totals,
    pub problems: Vec<Error>,
}

/// Считает. Незнакомый товар или размер — отказ сразу: строки нет, считать нечего.
pub async fn quote(ctx: &Ctx, new: &NewOrder) -> Result<Quoted> {
    let basket = read_basket(ctx, new).await?;
    let mut problems = basket.problems(ctx.now().naive_utc());
    if new.promo_code.is_some() {
        problems.push(errors::promo_unavailable());
    }
    let items = basket.items_amount()?;
    let delivery = match quote_delivery(ctx, &new.delivery, items).await {
        Ok(quote) => Some(quote),
        Err(refusal) if refusal.kind == kernel::Kind::Refused => {
            problems.push(refusal);
            None
        }
        Err(error) => return Err(error),
    };
    let price = delivery.as_ref().map_or(Money::ZERO, |quote| quote.price);
    let totals = totals(items, price, Money::ZERO).ok_or_else(errors::too_expensive)?;
    Ok(Quoted { basket, delivery, totals, problems })
}

async fn read_basket(ctx: &Ctx, new: &NewOrder) -> Result<Basket> {
    match &new.goods {
        Goods::Lines(wanted) => Basket::of_wanted(ctx, ctx.db(), new.user_id, wanted).await,
        Goods::Cart(owner) => {
            let items =
                cart::queries::own_items(owner).order_by_asc(cart::models::cart_item::Column::Id).all(ctx.db()).await?;
            let lines: Vec<CartLine> =
                items.iter().map(|item| CartLine { variant_id: item.variant_id, quantity: item.quantity }).collect();
            Basket::of_cart(ctx, ctx.db(), new.user_id, &lines).await
        }
    }
}

async fn quote_delivery(ctx: &Ctx, input: &DeliveryIn, items: Money) -> Result<delivery::services::Quote> {
    let quote = delivery::services::quote(ctx, ctx.db_fresh(), input, items).await?;
    if quote.kind.is_none() && ctx.section::<OrderSettings>().delivery_required {
        return Err(errors::delivery_required());
    }
    Ok(quote)
}
