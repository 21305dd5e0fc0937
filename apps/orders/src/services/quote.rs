//! Расчёт заказа без оформления: ничего не занимает и не меняет.

use cart::services::CartLine;
use delivery::schemas::DeliveryIn;
use kernel::{Ctx, Error, Money, Result};
use sea_orm::QueryOrder;

use super::basket::{Basket, Goods};
use super::place_order::NewOrder;
use super::promo::{apply_promo, buyer_of};
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
    let mut basket = read_basket(ctx, new).await?;
    let mut problems = basket.problems(ctx.now().naive_utc());
    let items = basket.items_amount()?;
    let (_, refusal) = refusal_of(quote_promo(ctx, new, &mut basket).await)?;
    problems.extend(refusal);
    let (delivery, refusal) = refusal_of(quote_delivery(ctx, &new.delivery, items).await)?;
    problems.extend(refusal);
    let price = delivery.as_ref().map_or(Money::ZERO, |quote| quote.price);
    let totals = totals(items, price, basket.discount()).ok_or_else(errors::too_expensive)?;
    Ok(Quoted { basket, delivery, totals, problems })
}

/// Расчёт ничего не занимает, поэтому о пределах кода спрашивает сам. Роздан — скидки нет и в расчёте.
async fn quote_promo(ctx: &Ctx, new: &NewOrder, basket: &mut Basket) -> Result<()> {
    let Some(quote) = apply_promo(ctx, ctx.db_fresh(), new, basket).await? else { return Ok(()) };
    let buyer = buyer_of(new, &new.contact);
    promos::services::check_limits(ctx, ctx.db_fresh(), &quote.promo, &buyer)
        .await
        .inspect_err(|_| basket.clear_discount())
}

/// Отказ по правилам — беда заказа, а не расчёта; прочие ошибки остаются ошибками.
fn refusal_of<T>(result: Result<T>) -> Result<(Option<T>, Option<Error>)> {
    match result {
        Ok(value) => Ok((Some(value), None)),
        Err(refusal) if refusal.kind == kernel::Kind::Refused => Ok((None, Some(refusal))),
        Err(error) => Err(error),
    }
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
