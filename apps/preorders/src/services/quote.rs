//! Что дадут: места по волнам, доступные покупателю. Ничего не занимает.

use std::collections::HashMap;

use catalog::models::product::OrderType;
use catalog::queries::Sellable;
use kernel::{Ctx, Money, Result, Timestamp};
use sea_orm::ConnectionTrait;

use crate::calculations::{self, Place, Share};
use crate::queries::{self, Waves};
use crate::settings::PreorderSettings;

/// Места по товарам, по порядку волн.
#[derive(Clone, Debug, Default)]
pub struct Places {
    by_product: HashMap<i64, Vec<Place>>,
    /// Цены вариантов до того, как их переменила волна.
    prices: HashMap<i64, Money>,
    waves: Waves,
    has_offers: bool,
    may_split: bool,
}

/// Места для этих товаров; продаваемые со склада не спрашиваются вовсе. Отложенное покупателю из листа ожидания — его.
pub async fn quote(ctx: &Ctx, db: &impl ConnectionTrait, user_id: Option<i64>, goods: &[Sellable]) -> Result<Places> {
    let mut products: Vec<i64> =
        goods.iter().filter(|good| good.order_type != OrderType::Order).map(|good| good.product_id).collect();
    let may_split = ctx.section::<PreorderSettings>().split;
    if products.is_empty() {
        return Ok(Places { may_split, ..Places::default() });
    }
    products.sort_unstable();
    products.dedup();
    let now = ctx.now().naive_utc();
    let queries::Collecting { waves, has_offers } = queries::collecting(db, products.clone(), user_id, now).await?;
    let offered = match user_id.filter(|_| has_offers) {
        Some(user_id) => offered_to(db, user_id, products, now).await?,
        None => HashMap::new(),
    };
    let mut by_product: HashMap<i64, Vec<Place>> = HashMap::new();
    for wave in &waves {
        let own = offered.get(&wave.id).copied().unwrap_or_default();
        by_product.entry(wave.product_id).or_default().push(Place::of(wave, own));
    }
    let prices = goods.iter().map(|good| (good.variant_id, good.price)).collect();
    let waves = waves.into_iter().map(|wave| ((wave.product_id, wave.wave_number), wave)).collect();
    Ok(Places { by_product, prices, waves, has_offers: !offered.is_empty(), may_split })
}

/// Отложенное покупателю по волнам.
async fn offered_to(
    db: &impl ConnectionTrait,
    user_id: i64,
    products: Vec<i64>,
    now: Timestamp,
) -> Result<HashMap<i64, i64>> {
    let offers = queries::offers_to(db, user_id, products, now).await?;
    let mut by_wave = HashMap::new();
    for seat in queries::offered_seats(db, &offers).await? {
        *by_wave.entry(seat.wave_id).or_default() += seat.quantity;
    }
    Ok(by_wave)
}

impl Places {
    /// Товар глазами этого покупателя: `available` — сколько мест можно взять разом, цена — текущей волны. Кому отложено место, для того
    /// товар из `waiting` снова становится предзаказом.
    pub fn fit(&self, good: &mut Sellable) {
        if good.order_type == OrderType::Order {
            return;
        }
        let places = self.of(good.product_id);
        good.available = calculations::sellable(places, self.may_split);
        if good.available == 0 {
            return;
        }
        good.order_type = OrderType::Preorder;
        let first = places.iter().find(|place| place.free > 0);
        good.price = first.and_then(|place| place.price).unwrap_or(good.price);
    }

    /// Раздаёт места строке; не хватает — `None`. Взятое одной строкой другой уже не достанется.
    pub fn take(&mut self, good: &Sellable, quantity: i64) -> Option<Vec<Share>> {
        let price = self.prices.get(&good.variant_id).copied().unwrap_or(good.price);
        let places = self.by_product.get_mut(&good.product_id)?;
        calculations::take(places, quantity, price, self.may_split)
    }

    /// Набирающие волны этих товаров, какими их видел расчёт.
    pub fn waves(&self) -> &Waves {
        &self.waves
    }

    /// Отложены ли покупателю места: тогда покупка тратит предложение.
    pub fn has_offers(&self) -> bool {
        self.has_offers
    }

    fn of(&self, product_id: i64) -> &[Place] {
        self.by_product.get(&product_id).map_or(&[], Vec::as_slice)
    }
}
