//! Предзаказ на странице товара: открытая волна, лист ожидания, отложенное посетителю место.

use catalog::models::product::OrderType;
use catalog::queries::sellable;
use catalog::schemas::ProductDetail;
use chrono::TimeDelta;
use kernel::{Ctx, Result};
use preorders::models::WaitingStatus;
use preorders::models::wave;
use serde::Serialize;

use crate::format::Moment;
use crate::views::Product;

#[derive(Clone, Debug, Serialize)]
pub struct Preorder {
    /// Открытая волна; нет — все полны.
    wave: Option<OpenWave>,
    /// До каких пор место отложено этому посетителю.
    offered_until: Option<Moment>,
    is_waiting: bool,
    /// В лист ожидания встают вошедшие: письмо уйдёт на проверенный адрес.
    signed_in: bool,
}

#[derive(Clone, Debug, Serialize)]
struct OpenWave {
    number: i32,
    left: i64,
    capacity: i64,
    /// Задаток, процентов цены.
    deposit: Option<i32>,
    ships: Option<Moment>,
    closes: Option<Moment>,
}

/// Предзаказ этого посетителя; товару со склада — `None`. Заодно ставит странице места вместо остатка и цену волны.
pub async fn preorder(
    ctx: &Ctx,
    user_id: Option<i64>,
    detail: &ProductDetail,
    page: &mut Product,
) -> Result<Option<Preorder>> {
    if detail.product.order_type == OrderType::Order {
        return Ok(None);
    }
    let (id, now) = (detail.product.id, ctx.now().naive_utc());
    fit(ctx, user_id, page).await?;
    let waves = preorders::queries::waves_of(ctx.db_fresh(), id).await?;
    let entry = match user_id {
        Some(user_id) => preorders::queries::waiting_of(ctx.db_fresh(), id, user_id).await?,
        None => None,
    };
    let offset = ctx.shop_offset();
    let open = waves.iter().find(|wave| wave.is_open(now));
    Ok(Some(Preorder {
        wave: open.map(|wave| open_wave(wave, offset)),
        offered_until: entry.as_ref().and_then(|entry| entry.offered_until).map(|at| Moment::new(at, offset)),
        is_waiting: entry.is_some_and(|entry| entry.status == WaitingStatus::Waiting),
        signed_in: user_id.is_some(),
    }))
}

async fn fit(ctx: &Ctx, user_id: Option<i64>, page: &mut Product) -> Result<()> {
    let ids: Vec<i64> = page.variants.iter().map(|variant| variant.id).collect();
    let mut goods = sellable(ctx.db(), &ids).await?;
    let places = preorders::services::quote(ctx, ctx.db_fresh(), user_id, &goods).await?;
    goods.iter_mut().for_each(|good| places.fit(good));
    for variant in &mut page.variants {
        let good = goods.iter().find(|good| good.variant_id == variant.id);
        variant.stock = good.map_or(0, |good| good.available);
    }
    page.card.stock = page.variants.iter().map(|variant| variant.stock).max().unwrap_or(0);
    page.card.price = goods.iter().map(|good| good.price.to_minor()).min().unwrap_or(page.card.price);
    Ok(())
}

fn open_wave(wave: &wave::Model, offset: TimeDelta) -> OpenWave {
    OpenWave {
        number: wave.wave_number,
        left: wave.free(),
        capacity: wave.capacity,
        deposit: wave.deposit_percent,
        ships: wave.ships_at.map(|at| Moment::new(at, offset)),
        closes: wave.closes_at.map(|at| Moment::new(at, offset)),
    }
}
