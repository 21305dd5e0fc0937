//! Что приходит и что уходит.

use garde::Validate;
use kernel::{Money, RUB};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::models::{Kind, city_price, method, pickup_point};
use crate::queries::Offer;
use crate::services::Quote;

/// Куда везти. Без `method` способ выбирается по адресу: пункт выдачи, пункт СДЭК, адрес.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryIn {
    /// Код способа из `GET /delivery/methods/`.
    #[garde(length(chars, max = 50))]
    pub method: Option<String>,
    #[garde(length(chars, max = 500))]
    pub address: Option<String>,
    #[garde(length(chars, max = 200))]
    pub city: Option<String>,
    #[garde(length(chars, max = 12))]
    pub postal_code: Option<String>,
    #[garde(skip)]
    pub pickup_point_id: Option<i64>,
    /// Код пункта СДЭК, например `MSK0001`.
    #[garde(inner(length(chars, max = 50)), custom(check_cdek_point))]
    pub cdek_point: Option<String>,
}

/// Код пункта СДЭК: буквы, цифры, дефис; старые клиенты присылают и название с пробелами.
pub fn check_cdek_point(text: &Option<String>, _: &()) -> garde::Result {
    let fits = |c: char| c.is_alphanumeric() || " -_.,№#/".contains(c);
    match text.as_deref().map(str::trim) {
        Some(text) if !text.is_empty() && !text.chars().all(fits) => Err(garde::Error::new("bad_format")),
        _ => Ok(()),
    }
}

/// Запрос цены.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteIn {
    #[garde(dive)]
    pub delivery: DeliveryIn,
    /// Сумма товаров.
    #[garde(custom(not_negative))]
    #[serde(default)]
    pub subtotal: Money,
}

fn not_negative(sum: &Money, _: &()) -> garde::Result {
    if sum.is_negative() { Err(garde::Error::new("out_of_range")) } else { Ok(()) }
}

fn not_negative_if_any(sum: &Option<Money>, ctx: &()) -> garde::Result {
    sum.map_or(Ok(()), |sum| not_negative(&sum, ctx))
}

fn check_code(text: &String, _: &()) -> garde::Result {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if text.chars().all(fits) { Ok(()) } else { Err(garde::Error::new("bad_format")) }
}

/// Посчитанная доставка.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuoteOut {
    /// `null` — способ и цену согласует менеджер.
    pub method: Option<String>,
    pub kind: Option<Kind>,
    pub title: String,
    pub price: Money,
    pub currency: String,
    /// С какой суммы товаров бесплатно.
    pub free_from: Option<Money>,
    pub days_min: Option<i32>,
    pub days_max: Option<i32>,
    pub address: Option<String>,
    pub postal_code: Option<String>,
    pub cdek_point: Option<String>,
    pub pickup_point_id: Option<i64>,
}

impl From<Quote> for QuoteOut {
    fn from(quote: Quote) -> QuoteOut {
        QuoteOut {
            method: quote.method_code,
            kind: quote.kind,
            title: quote.title,
            price: quote.price,
            currency: RUB.to_owned(),
            free_from: quote.free_from,
            days_min: quote.days_min,
            days_max: quote.days_max,
            address: Some(quote.address).filter(|address| !address.is_empty()),
            postal_code: quote.postal_code,
            cdek_point: quote.cdek_point,
            pickup_point_id: quote.pickup_point_id,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MethodFilter {
    /// Город покупателя: цены будут для него.
    #[garde(length(chars, max = 200))]
    pub city: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PointFilter {
    #[garde(length(chars, max = 200))]
    pub city: Option<String>,
}

/// Способ доставки, каким его видит покупатель. Цена — для названного города.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MethodOut {
    pub code: String,
    pub kind: Kind,
    pub title: String,
    pub description: String,
    /// `null` — в этот город не возим.
    pub price: Option<Money>,
    pub currency: String,
    pub free_from: Option<Money>,
    pub min_sum: Option<Money>,
    pub max_sum: Option<Money>,
    pub days_min: Option<i32>,
    pub days_max: Option<i32>,
}

impl From<Offer> for MethodOut {
    fn from(offer: Offer) -> MethodOut {
        let rule = offer.rule();
        let (days_min, days_max) = offer.days();
        MethodOut {
            price: rule.map(|rule| rule.price),
            free_from: rule.and_then(|rule| rule.free_from),
            days_min,
            days_max,
            code: offer.method.code,
            kind: offer.method.kind,
            title: offer.method.title,
            description: offer.method.description,
            currency: RUB.to_owned(),
            min_sum: offer.method.min_sum,
            max_sum: offer.method.max_sum,
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MethodList {
    pub methods: Vec<MethodOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Цена способа в городе.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CityPriceIn {
    #[garde(length(chars, min = 1, max = 200))]
    pub city: String,
    #[garde(custom(not_negative))]
    pub price: Money,
    #[garde(custom(not_negative_if_any))]
    pub free_from: Option<Money>,
    #[garde(inner(range(min = 0, max = 1000)))]
    pub days_min: Option<i32>,
    #[garde(inner(range(min = 0, max = 1000)), custom(not_before(&self.days_min)))]
    pub days_max: Option<i32>,
}

/// Верхняя граница не ниже нижней.
fn not_before<T: PartialOrd + Copy>(low: &Option<T>) -> impl FnOnce(&Option<T>, &()) -> garde::Result + '_ {
    move |high, _| match (low, high) {
        (Some(low), Some(high)) if high < low => Err(garde::Error::new("out_of_range")),
        _ => Ok(()),
    }
}

impl From<city_price::Model> for CityPriceIn {
    fn from(row: city_price::Model) -> CityPriceIn {
        CityPriceIn {
            city: row.city,
            price: row.price,
            free_from: row.free_from,
            days_min: row.days_min,
            days_max: row.days_max,
        }
    }
}

/// Способ доставки целиком; `PUT` заменяет его вместе с ценами городов.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MethodIn {
    #[garde(length(chars, min = 1, max = 50), custom(check_code))]
    pub code: String,
    #[garde(skip)]
    pub kind: Kind,
    #[garde(length(chars, min = 1, max = 200))]
    pub title: String,
    #[garde(length(chars, max = 1000))]
    #[serde(default)]
    pub description: String,
    /// `null` — возим только в перечисленные города.
    #[garde(custom(not_negative_if_any))]
    pub price: Option<Money>,
    #[garde(custom(not_negative_if_any))]
    pub free_from: Option<Money>,
    #[garde(custom(not_negative_if_any))]
    pub min_sum: Option<Money>,
    #[garde(custom(not_negative_if_any), custom(not_before(&self.min_sum)))]
    pub max_sum: Option<Money>,
    #[garde(inner(range(min = 0, max = 1000)))]
    pub days_min: Option<i32>,
    #[garde(inner(range(min = 0, max = 1000)), custom(not_before(&self.days_min)))]
    pub days_max: Option<i32>,
    #[garde(skip)]
    #[serde(default = "yes")]
    pub is_active: bool,
    #[garde(range(min = 0, max = 1_000_000))]
    #[serde(default)]
    pub position: i32,
    #[garde(length(max = 2000), dive)]
    #[serde(default)]
    pub cities: Vec<CityPriceIn>,
}

fn yes() -> bool {
    true
}

/// Способ доставки, каким его видит сотрудник.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MethodAdminOut {
    pub id: i64,
    pub code: String,
    pub kind: Kind,
    pub title: String,
    pub description: String,
    pub price: Option<Money>,
    pub currency: String,
    pub free_from: Option<Money>,
    pub min_sum: Option<Money>,
    pub max_sum: Option<Money>,
    pub days_min: Option<i32>,
    pub days_max: Option<i32>,
    pub is_active: bool,
    pub position: i32,
    pub cities: Vec<CityPriceIn>,
}

impl MethodAdminOut {
    pub fn of(method: method::Model, cities: Vec<city_price::Model>) -> MethodAdminOut {
        MethodAdminOut {
            id: method.id,
            code: method.code,
            kind: method.kind,
            title: method.title,
            description: method.description,
            price: method.price,
            currency: RUB.to_owned(),
            free_from: method.free_from,
            min_sum: method.min_sum,
            max_sum: method.max_sum,
            days_min: method.days_min,
            days_max: method.days_max,
            is_active: method.is_active,
            position: method.position,
            cities: cities.into_iter().map(CityPriceIn::from).collect(),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MethodAdminList {
    pub methods: Vec<MethodAdminOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Пункт выдачи; `PUT` заменяет его целиком.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PickupPointIn {
    #[garde(length(chars, min = 1, max = 50), custom(check_code))]
    pub code: String,
    #[garde(length(chars, min = 1, max = 200))]
    pub title: String,
    #[garde(length(chars, max = 200))]
    #[serde(default)]
    pub city: String,
    #[garde(length(chars, min = 1, max = 500))]
    pub address: String,
    #[garde(length(chars, max = 20))]
    #[serde(default)]
    pub phone: String,
    /// Часы работы, по строке на правило.
    #[garde(length(max = 7), inner(length(chars, min = 1, max = 70)))]
    #[serde(default)]
    pub worktime: Vec<String>,
    /// Долгота и широта.
    #[garde(custom(check_coordinate))]
    pub coordinate: Option<[f64; 2]>,
    #[garde(skip)]
    #[serde(default = "yes")]
    pub is_active: bool,
    #[garde(range(min = 0, max = 1_000_000))]
    #[serde(default)]
    pub position: i32,
}

fn check_coordinate(place: &Option<[f64; 2]>, _: &()) -> garde::Result {
    match place {
        Some([longitude, latitude]) if longitude.abs() > 180.0 || latitude.abs() > 90.0 => {
            Err(garde::Error::new("out_of_range"))
        }
        _ => Ok(()),
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PickupPointOut {
    pub id: i64,
    pub code: String,
    pub title: String,
    pub city: String,
    pub address: String,
    pub phone: String,
    pub worktime: Vec<String>,
    /// Долгота и широта.
    pub coordinate: Option<[f64; 2]>,
    pub is_active: bool,
    pub position: i32,
}

impl From<pickup_point::Model> for PickupPointOut {
    fn from(row: pickup_point::Model) -> PickupPointOut {
        PickupPointOut {
            id: row.id,
            code: row.code,
            title: row.title,
            city: row.city,
            address: row.address,
            phone: row.phone,
            worktime: row.worktime.lines().map(str::to_owned).collect(),
            coordinate: row.longitude.zip(row.latitude).map(|(longitude, latitude)| [longitude, latitude]),
            is_active: row.is_active,
            position: row.position,
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PickupPointList {
    pub pickup_points: Vec<PickupPointOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}
