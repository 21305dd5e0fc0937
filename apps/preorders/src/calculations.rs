//! Кому сколько мест: чистые функции.

use catalog::models::product::OrderType;
use catalog::services::waves::WavesView;
use kernel::{Money, Timestamp};

use crate::models::wave;

/// Места волны, доступные покупателю.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub product_id: i64,
    pub wave_id: i64,
    pub wave_number: i32,
    pub free: i64,
    /// Своя цена штуки; `None` — цена товара.
    pub price: Option<Money>,
    /// Задаток, процентов цены.
    pub deposit_percent: Option<i32>,
}

impl Place {
    /// Свободные места волны; `own` — отложенные этому покупателю.
    pub fn of(wave: &wave::Model, own: i64) -> Place {
        Place {
            product_id: wave.product_id,
            wave_id: wave.id,
            wave_number: wave.wave_number,
            free: wave.free() + own,
            price: wave.price,
            deposit_percent: wave.deposit_percent,
        }
    }
}

/// Часть строки заказа, попавшая в одну волну.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub product_id: i64,
    pub wave_id: i64,
    pub wave_number: i32,
    pub quantity: i64,
    /// За штуку.
    pub price: Money,
    /// Задаток, процентов цены; `None` — платят сразу всё.
    pub deposit_percent: Option<i32>,
}

impl Share {
    pub fn amount(&self) -> Money {
        self.price.times(self.quantity).unwrap_or(Money::MAX)
    }
}

/// Раздаёт места по порядку волн и вычитает их из `places`; `price` — цена штуки в волне без своей. Не хватает (а без дележа — не хватает в первой волне) — `None`, и ничего не
/// вычтено.
pub fn take(places: &mut [Place], quantity: i64, price: Money, may_split: bool) -> Option<Vec<Share>> {
    if sellable(places, may_split) < quantity {
        return None;
    }
    let (mut left, mut shares) = (quantity, Vec::new());
    for place in places.iter_mut().filter(|place| place.free > 0) {
        let part = place.free.min(left);
        if part == 0 {
            break;
        }
        place.free -= part;
        left -= part;
        shares.push(Share {
            product_id: place.product_id,
            wave_id: place.wave_id,
            wave_number: place.wave_number,
            quantity: part,
            price: place.price.unwrap_or(price),
            deposit_percent: place.deposit_percent,
        });
    }
    Some(shares)
}

/// Сколько мест можно взять одной строкой.
pub fn sellable(places: &[Place], may_split: bool) -> i64 {
    let free = places.iter().map(|place| place.free).filter(|free| *free > 0);
    if may_split { free.sum() } else { free.take(1).sum() }
}

/// Что показывает карточка товара: волны даны по порядку номеров. Открыта первая, где есть место; все полны — номер за последней, как у
/// старых клиентов.
pub fn view(waves: &[wave::Model], before: OrderType, now: Timestamp) -> WavesView {
    let total = waves.last().map_or(0, |wave| i64::from(wave.wave_number));
    let open = waves.iter().find(|wave| wave.is_open(now));
    WavesView {
        total,
        capacity: open.or(waves.last()).map_or(0, |wave| wave.capacity),
        current_wave: open.map_or(total + 1, |wave| i64::from(wave.wave_number)),
        current_count: open.map_or(0, |wave| wave.current_count),
        order_type: match (before, open) {
            (OrderType::Order, _) => OrderType::Order,
            (_, Some(_)) => OrderType::Preorder,
            (_, None) => OrderType::Waiting,
        },
    }
}
