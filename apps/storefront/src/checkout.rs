//! Выбор при оформлении: чем привезти, сколько это стоит, чем платить.

use delivery::calculations::PriceRule;
use delivery::models::{Kind, city_price, pickup_point};
use delivery::queries::{Offer, active_points, city_prices_of, offers};
use kernel::texts::format_roubles;
use kernel::{Ctx, Money, Result};
use payments::providers::{self, cash};
use payments::settings::PaymentSettings;
use serde::Serialize;

use crate::format::plural;
use crate::forms::Form;

/// Город, которого нет в таблице цен: адрес целиком пишут в одну строку.
const OTHER_CITY: &str = "";

/// Способ доставки в форме. Цены — для суммы этой корзины.
#[derive(Clone, Debug, Serialize)]
pub struct Way {
    pub code: String,
    /// Что спросить: `address`, `point` или `cdek`.
    pub kind: &'static str,
    pub icon: &'static str,
    pub name: String,
    pub note: String,
    /// Копейки; у курьера с городами — цена выбранного города.
    pub price: i64,
    pub price_text: String,
    pub cities: Vec<City>,
    pub points: Vec<Point>,
}

#[derive(Clone, Debug, Serialize)]
pub struct City {
    pub value: String,
    pub name: String,
    pub price: i64,
    pub note: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Point {
    pub code: String,
    pub name: String,
    pub address: String,
}

/// Способ оплаты в форме.
#[derive(Clone, Debug, Serialize)]
pub struct PayWay {
    pub code: String,
    pub icon: &'static str,
    pub name: &'static str,
    pub note: &'static str,
}

/// Способы доставки, которые годятся для товаров на эту сумму.
pub async fn ways(ctx: &Ctx, goods: Money, form: &Form) -> Result<Vec<Way>> {
    use sea_orm::QueryOrder;
    let offers = offers(ctx.db(), &[]).await?;
    let ids: Vec<i64> = offers.iter().map(|offer| offer.method.id).collect();
    let mut prices = city_prices_of(ctx.db(), ids).await?;
    // Первый город отмечен сам: это тот, который магазин завёл первым, а не первый по алфавиту.
    prices.sort_by_key(|price| price.id);
    let points = active_points(None).order_by_asc(pickup_point::Column::Id).all(ctx.db()).await?;
    let mut ways: Vec<Way> = offers.iter().filter_map(|offer| way(offer, &prices, &points, goods, form)).collect();
    if ways.is_empty() {
        ways.push(agreed());
    }
    Ok(ways)
}

/// Магазин ещё не завёл способов: адрес примем, цену назовёт менеджер.
fn agreed() -> Way {
    Way {
        code: String::new(),
        kind: "address",
        icon: "truck",
        name: "Доставка по адресу".to_owned(),
        note: "Стоимость назовёт менеджер".to_owned(),
        price: 0,
        price_text: String::new(),
        cities: Vec::new(),
        points: Vec::new(),
    }
}

fn way(
    offer: &Offer,
    prices: &[city_price::Model],
    points: &[pickup_point::Model],
    goods: Money,
    form: &Form,
) -> Option<Way> {
    let method = &offer.method;
    delivery::calculations::check_sum(method.min_sum, method.max_sum, goods).ok()?;
    let own = offer.rule();
    let cities = cities(prices.iter().filter(|price| price.method_id == method.id), own, goods);
    let points = points.iter().map(|point| Point {
        code: point.id.to_string(),
        name: point.title.clone(),
        address: point.address.clone(),
    });
    let way = Way {
        code: method.code.clone(),
        kind: kind(method.kind),
        icon: icon(method.kind),
        name: method.title.clone(),
        note: note(offer),
        price: 0,
        price_text: String::new(),
        cities: if method.kind == Kind::Courier { cities } else { Vec::new() },
        points: if method.kind == Kind::Pickup { points.collect() } else { Vec::new() },
    };
    let chosen = way.cities.iter().find(|city| form.value("city") == Some(&city.value)).or(way.cities.first());
    let price = match chosen {
        Some(city) => city.price,
        None => own?.price_for(goods).to_minor(),
    };
    let is_empty = way.kind == "point" && way.points.is_empty();
    (!is_empty).then(|| Way { price, price_text: price_text(price), ..way })
}

fn cities<'a>(prices: impl Iterator<Item = &'a city_price::Model>, own: Option<PriceRule>, goods: Money) -> Vec<City> {
    let city = |value: &str, name: &str, rule: PriceRule| {
        let price = rule.price_for(goods).to_minor();
        City { value: value.to_owned(), name: name.to_owned(), price, note: price_text(price) }
    };
    let mut cities: Vec<City> = prices
        .map(|row| city(&row.city, &row.city, PriceRule { price: row.price, free_from: row.free_from }))
        .collect();
    if let Some(rule) = own.filter(|_| !cities.is_empty()) {
        cities.push(city(OTHER_CITY, "Другой город", rule));
    }
    cities
}

fn price_text(kopecks: i64) -> String {
    if kopecks == 0 { "бесплатно".to_owned() } else { format_roubles(Money::minor(kopecks)) }
}

/// Описание сотрудника, а без него — срок.
fn note(offer: &Offer) -> String {
    let days = |n: i32| format!("{n}\u{a0}{}", plural(i64::from(n), "рабочий день", "рабочих дня", "рабочих дней"));
    match (offer.method.description.as_str(), offer.days()) {
        ("", (Some(from), Some(to))) if from < to => format!("{from}–{}", days(to)),
        ("", (_, Some(to))) => days(to),
        (text, _) => text.to_owned(),
    }
}

/// Что спрашивает способ с этим кодом; незнакомому откажет сама доставка.
pub async fn asks(ctx: &Ctx, code: &str) -> Result<&'static str> {
    let offers = offers(ctx.db(), &[]).await?;
    let found = offers.iter().find(|offer| offer.method.code == code);
    Ok(found.map_or("address", |offer| kind(offer.method.kind)))
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Courier => "address",
        Kind::Pickup => "point",
        Kind::Cdek => "cdek",
    }
}

/// Значок способа доставки.
pub fn icon(kind: Kind) -> &'static str {
    match kind {
        Kind::Courier => "truck",
        Kind::Pickup => "shop",
        Kind::Cdek => "box",
    }
}

/// Чем можно заплатить: провайдер магазина, если он принимает деньги в сети, и наличные.
pub fn pay_ways(ctx: &Ctx) -> Vec<PayWay> {
    let provider = ctx.section::<PaymentSettings>().provider.clone();
    let online = providers::online(&provider).map(|_| PayWay {
        icon: "card",
        name: "Картой онлайн",
        note: match provider == payments::emulator::CODE {
            true => "Тестовая оплата: деньги не списываются",
            false => "Сразу после оформления",
        },
        code: provider,
    });
    let cash = PayWay {
        code: cash::CODE.to_owned(),
        icon: "box",
        name: "При получении",
        note: "Наличными или картой, когда заказ будет у вас",
    };
    online.into_iter().chain([cash]).collect()
}
