//! Сколько стоит доставка. Только свои правила: ни один внешний сервис не может сорвать оформление заказа.

use kernel::{Ctx, Money, Result};
use sea_orm::ConnectionTrait;

use crate::calculations::{check_sum, possible_cities};
use crate::errors;
use crate::known_offers;
use crate::models::{Kind, pickup_point};
use crate::queries::{self, Offer};
use crate::schemas::DeliveryIn;

/// Посчитанная доставка; заказ хранит её снимок.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// `None` — способ согласует менеджер (адрес старых клиентов, для которого нет своих правил).
    pub method_id: Option<i64>,
    pub method_code: Option<String>,
    pub kind: Option<Kind>,
    pub title: String,
    pub price: Money,
    pub free_from: Option<Money>,
    pub days_min: Option<i32>,
    pub days_max: Option<i32>,
    /// Адрес одной строкой; пусто, если его не назвали.
    pub address: String,
    pub postal_code: Option<String>,
    pub cdek_point: Option<String>,
    pub pickup_point_id: Option<i64>,
}

/// Считает доставку для суммы товаров `subtotal`.
///
/// Названный способ обязан подойти, иначе отказ `delivery.*`. Без способа берётся первый подходящий своего вида, а если такого нет —
/// доставка «по договорённости» за 0: так заказывают клиенты старых систем, которые шлют только адрес.
pub async fn quote(ctx: &Ctx, db: &impl ConnectionTrait, input: &DeliveryIn, subtotal: Money) -> Result<Quote> {
    let place = Place::of(db, input).await?;
    let Some(kind) = place.kind() else {
        return match input.method {
            Some(_) => named(ctx, db, input, &place, subtotal).await,
            None => Ok(place.agreed(None)),
        };
    };
    if input.method.is_some() {
        return named(ctx, db, input, &place, subtotal).await;
    }
    let offers = known_offers::offers(ctx, db, &place.cities).await?;
    let suitable =
        offers.iter().filter(|offer| offer.method.kind == kind).find_map(|offer| place.price(offer, subtotal).ok());
    Ok(suitable.unwrap_or_else(|| place.agreed(Some(kind))))
}

async fn named(
    ctx: &Ctx,
    db: &impl ConnectionTrait,
    input: &DeliveryIn,
    place: &Place,
    subtotal: Money,
) -> Result<Quote> {
    let offers = known_offers::offers(ctx, db, &place.cities).await?;
    let code = input.method.as_deref().map(str::trim);
    let offer =
        offers.iter().find(|offer| Some(offer.method.code.as_str()) == code).ok_or_else(errors::unknown_method)?;
    place.price(offer, subtotal)
}

/// Разобранный адрес.
struct Place {
    address: String,
    postal_code: Option<String>,
    cdek_point: Option<String>,
    point: Option<pickup_point::Model>,
    cities: Vec<String>,
}

impl Place {
    async fn of(db: &impl ConnectionTrait, input: &DeliveryIn) -> Result<Place> {
        let filled =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let (address, city) = (filled(&input.address), filled(&input.city));
        let point = match input.pickup_point_id {
            Some(id) => Some(queries::active_point(db, id).await?.ok_or_else(errors::unknown_pickup_point)?),
            None => None,
        };
        let cities = match &point {
            Some(point) => vec![point.city_normalized.clone()],
            None => possible_cities(city.as_deref(), address.as_deref()),
        };
        Ok(Place {
            address: full_address(city, address),
            postal_code: filled(&input.postal_code),
            cdek_point: filled(&input.cdek_point).map(|code| code.to_uppercase()),
            point,
            cities,
        })
    }

    /// Какого вида этот адрес; `None` — не назван никакой.
    fn kind(&self) -> Option<Kind> {
        match self {
            Place { point: Some(_), .. } => Some(Kind::Pickup),
            Place { cdek_point: Some(_), .. } => Some(Kind::Cdek),
            Place { address, .. } => (!address.is_empty()).then_some(Kind::Courier),
        }
    }

    /// Цена данного способа по этому адресу или отказ.
    fn price(&self, offer: &Offer, subtotal: Money) -> Result<Quote> {
        let method = &offer.method;
        match method.kind {
            Kind::Courier if self.address.is_empty() => return Err(errors::address_required()),
            Kind::Cdek if self.cdek_point.is_none() => return Err(errors::cdek_point_required()),
            Kind::Pickup if self.point.is_none() => return Err(errors::pickup_point_required()),
            _ => {}
        }
        check_sum(method.min_sum, method.max_sum, subtotal)?;
        let city = self.cities.first().map(String::as_str).unwrap_or_default();
        let rule = offer.rule().ok_or_else(|| errors::city_not_served(city))?;
        let (days_min, days_max) = offer.days();
        Ok(Quote {
            method_id: Some(method.id),
            method_code: Some(method.code.clone()),
            title: method.title.clone(),
            price: rule.price_for(subtotal),
            free_from: rule.free_from,
            days_min,
            days_max,
            ..self.agreed(Some(method.kind))
        })
    }

    /// Доставка, о которой договорится менеджер: адрес есть, цены нет.
    fn agreed(&self, kind: Option<Kind>) -> Quote {
        let to_point = kind == Some(Kind::Pickup);
        let point = self.point.as_ref().filter(|_| to_point);
        Quote {
            method_id: None,
            method_code: None,
            kind,
            title: String::new(),
            price: Money::ZERO,
            free_from: None,
            days_min: None,
            days_max: None,
            address: point.map_or_else(|| self.address.clone(), |point| format!("{}, {}", point.title, point.address)),
            postal_code: self.postal_code.clone(),
            cdek_point: self.cdek_point.clone().filter(|_| kind == Some(Kind::Cdek)),
            pickup_point_id: point.map(|point| point.id),
        }
    }
}

/// Город впереди адреса, если его там ещё нет.
fn full_address(city: Option<String>, address: Option<String>) -> String {
    match (city, address) {
        (Some(city), Some(address)) if !address.to_lowercase().contains(&city.to_lowercase()) => {
            format!("{city}, {address}")
        }
        (city, address) => address.or(city).unwrap_or_default(),
    }
}
