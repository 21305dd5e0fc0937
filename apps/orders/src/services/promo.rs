//! Промокод заказа: не подбирают ли его, что он даст и каким строкам.

use kernel::{Actor, Ctx, Result};
use promos::services::{Buyer, Line, Quote};
use sea_orm::ConnectionTrait;

use super::basket::Basket;
use super::place_order::{Contact, NewOrder};

/// Зовётся до оформления и до расчёта, вне транзакции: перебор кодов через заказы — 429, как и через проверку кода.
pub async fn check_promo_guess(ctx: &Ctx, actor: &Actor, new: &NewOrder) -> Result<()> {
    match &new.promo_code {
        Some(code) => promos::services::check_guess(ctx, actor, code).await,
        None => Ok(()),
    }
}

/// Кто покупает, глазами промокода.
pub(super) fn buyer_of(new: &NewOrder, contact: &Contact) -> Buyer {
    Buyer { user_id: new.user_id, phone: contact.phone.clone(), email: contact.email.clone() }
}

/// Раскладывает скидку названного кода по строкам; негодный код — отказ, а не полная цена. `None` — кода не назвали.
pub(super) async fn apply_promo(
    ctx: &Ctx,
    db: &impl ConnectionTrait,
    new: &NewOrder,
    basket: &mut Basket,
) -> Result<Option<Quote>> {
    let Some(code) = &new.promo_code else { return Ok(None) };
    let lines: Vec<Line> = basket.lines.iter().map(|line| Line::of(&line.good, line.amount())).collect();
    let quote = promos::services::quote(ctx, db, code, &lines).await?;
    for (line, share) in basket.lines.iter_mut().zip(&quote.shares) {
        line.discount = *share;
    }
    Ok(Some(quote))
}
