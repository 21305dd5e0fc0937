//! Что приходит и что уходит.

use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{Money, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::models::{Status, WaitingStatus, waiting, wave};

const MAX_CAPACITY: i64 = 1_000_000_000;
const MAX_WAITING: i64 = 1000;

fn positive(price: &Option<Money>, _: &()) -> garde::Result {
    match price {
        Some(price) if *price <= Money::ZERO => Err(garde::Error::new("out_of_range")),
        _ => Ok(()),
    }
}

fn positive_if_given(price: &Option<Option<Money>>, ctx: &()) -> garde::Result {
    positive(&price.flatten(), ctx)
}

fn in_range(number: &Option<Option<i64>>, _: &()) -> garde::Result {
    match number.flatten() {
        Some(number) if !(1..=MAX_CAPACITY).contains(&number) => Err(garde::Error::new("out_of_range")),
        _ => Ok(()),
    }
}

/// Присланное поле отличается от отсутствующего: `null` очищает.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Новая волна; номер — следующий.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaveIn {
    #[garde(skip)]
    pub product_id: i64,
    #[garde(range(min = 1, max = MAX_CAPACITY))]
    pub capacity: i64,
    /// Своя цена штуки; без неё — цена товара.
    #[garde(custom(positive))]
    pub price: Option<Money>,
    /// Задаток, процентов цены: остальное платят, когда вещи готовы. Без него платят сразу всё.
    #[garde(inner(range(min = 1, max = 99)))]
    pub deposit_percent: Option<i32>,
    /// Меньше этого не шьём: волна, не набравшая столько к `closes_at`, закрывается и в производство не идёт; пустая — отменяется.
    #[garde(inner(range(min = 1, max = MAX_CAPACITY)))]
    pub min_count: Option<i64>,
    /// До каких пор набираем.
    #[garde(skip)]
    pub closes_at: Option<DateTime<Utc>>,
    /// Обещанное начало отправки.
    #[garde(skip)]
    pub ships_at: Option<DateTime<Utc>>,
}

/// Правка волны: только присланное, `null` очищает.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WavePatch {
    #[garde(inner(range(min = 1, max = MAX_CAPACITY)))]
    pub capacity: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Money>)]
    #[garde(custom(positive_if_given))]
    pub price: Option<Option<Money>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    #[garde(inner(inner(range(min = 1, max = 99))))]
    pub deposit_percent: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    #[garde(custom(in_range))]
    pub min_count: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub closes_at: Option<Option<DateTime<Utc>>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub ships_at: Option<Option<DateTime<Utc>>>,
}

/// Перевод волны в другое состояние.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaveStatusIn {
    #[garde(skip)]
    pub status: Status,
    /// Слова покупателям: попадут в письмо и в заказ.
    #[garde(length(chars, max = 1000))]
    #[serde(default)]
    pub message: String,
    /// Согласие вернуть деньги всем покупателям: без него занятую волну не отменить.
    #[garde(skip)]
    #[serde(default)]
    pub refund: bool,
}

#[derive(Clone, Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BulkStatusParams {
    /// `production`, `tracking`, `shipping` или имена старых клиентов: `PRODUCTION`, `TRACKING_FORMATION`, `SHIPPING`.
    #[garde(skip)]
    pub status: Status,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkStatusOut {
    pub message: String,
    pub updated_count: u64,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WaveFilter {
    #[garde(skip)]
    pub product_id: Option<i64>,
}

fn utc(at: Option<Timestamp>) -> Option<DateTime<Utc>> {
    at.map(|at| at.and_utc())
}

/// Волна, какой её видит сотрудник.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaveOut {
    pub id: i64,
    pub product_id: i64,
    pub wave_number: i32,
    pub capacity: i64,
    /// Занято мест, вместе с предложенными листу ожидания.
    pub current_count: i64,
    pub status: Status,
    pub status_message: Option<String>,
    pub is_completed: bool,
    pub price: Option<Money>,
    /// Задаток, процентов цены.
    pub deposit_percent: Option<i32>,
    pub min_count: Option<i64>,
    pub closes_at: Option<DateTime<Utc>>,
    pub ships_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub completed_at: Option<DateTime<Utc>>,
    /// Куда её можно перевести.
    pub next_statuses: Vec<Status>,
}

impl From<wave::Model> for WaveOut {
    fn from(wave: wave::Model) -> WaveOut {
        let next = crate::models::MOVES.iter().filter(|(from, _)| *from == wave.status).map(|(_, to)| *to);
        WaveOut {
            next_statuses: next.collect(),
            id: wave.id,
            product_id: wave.product_id,
            wave_number: wave.wave_number,
            capacity: wave.capacity,
            current_count: wave.current_count,
            status: wave.status,
            status_message: Some(wave.status_message).filter(|text| !text.is_empty()),
            is_completed: wave.is_completed,
            price: wave.price,
            deposit_percent: wave.deposit_percent,
            min_count: wave.min_count,
            closes_at: utc(wave.closes_at),
            ships_at: utc(wave.ships_at),
            created_at: wave.created_at.and_utc(),
            updated_at: wave.updated_at.and_utc(),
            completed_at: utc(wave.completed_at),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaveList {
    pub waves: Vec<WaveOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Волна глазами покупателя.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicWave {
    pub wave_number: i32,
    pub capacity: i64,
    /// Свободных мест; волна, которая не набирает, их не имеет.
    pub free: i64,
    pub status: Status,
    pub price: Option<Money>,
    /// Задаток, процентов цены: столько платят сразу, остальное — когда вещи готовы. `null` — платят сразу всё.
    pub deposit_percent: Option<i32>,
    pub closes_at: Option<DateTime<Utc>>,
    pub ships_at: Option<DateTime<Utc>>,
}

impl PublicWave {
    pub fn of(wave: &wave::Model, now: Timestamp) -> PublicWave {
        PublicWave {
            wave_number: wave.wave_number,
            capacity: wave.capacity,
            free: if wave.is_collecting(now) { wave.free() } else { 0 },
            status: wave.status,
            price: wave.price,
            deposit_percent: wave.deposit_percent,
            closes_at: utc(wave.closes_at),
            ships_at: utc(wave.ships_at),
        }
    }
}

/// Предзаказ товара: какая волна набирается и сколько в ней мест.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreorderOut {
    pub product_id: i64,
    /// `null` — все волны полны: можно встать в лист ожидания.
    pub current_wave: Option<i32>,
    pub waves: Vec<PublicWave>,
}

/// Встать в лист ожидания; тело необязательно.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitingIn {
    /// Сколько мест нужно; без него — одно.
    #[garde(inner(range(min = 1, max = MAX_WAITING)))]
    pub quantity: Option<i64>,
}

/// Запись в листе ожидания.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitingOut {
    pub product_id: i64,
    pub quantity: i64,
    pub status: WaitingStatus,
    /// До каких пор места отложены для вас.
    pub offered_until: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl From<waiting::Model> for WaitingOut {
    fn from(row: waiting::Model) -> WaitingOut {
        WaitingOut {
            product_id: row.product_id,
            quantity: row.quantity,
            status: row.status,
            offered_until: utc(row.offered_until),
            created_at: row.created_at.and_utc(),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitingList {
    pub waiting: Vec<WaitingOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}
