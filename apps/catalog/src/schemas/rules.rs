//! Правила полей. Возвращают код; слова — в текстах.

use kernel::Money;

/// Цена больше нуля.
pub fn positive(price: &Money, _: &()) -> garde::Result {
    if *price > Money::ZERO { Ok(()) } else { Err(garde::Error::new("not_positive")) }
}

pub fn positive_if_some(price: &Option<Money>, ctx: &()) -> garde::Result {
    price.as_ref().map_or(Ok(()), |price| positive(price, ctx))
}

pub fn not_negative_if_some(price: &Option<Money>, _: &()) -> garde::Result {
    match price {
        Some(price) if price.is_negative() => Err(garde::Error::new("too_small:0")),
        _ => Ok(()),
    }
}

/// Не одни пробелы.
pub fn not_blank(text: &str, _: &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("required")) } else { Ok(()) }
}

pub fn not_blank_if_some(text: &Option<String>, ctx: &()) -> garde::Result {
    text.as_deref().map_or(Ok(()), |text| not_blank(text, ctx))
}

/// Часть адреса: латиница, цифры, дефисы внутри.
pub fn slug(text: &str, _: &()) -> garde::Result {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let framed = text.starts_with('-') || text.ends_with('-');
    if !text.is_empty() && !framed && text.chars().all(good) { Ok(()) } else { Err(garde::Error::new("bad_format")) }
}

pub fn slug_if_some(text: &Option<String>, ctx: &()) -> garde::Result {
    text.as_deref().map_or(Ok(()), |text| slug(text, ctx))
}

/// Адрес картинки или файла: свой путь или http(s). `javascript:`, `data:` и прочее в страницу не попадут.
pub fn media_url(url: &str, _: &()) -> garde::Result {
    let scheme = url.split(['/', '?', '#']).next().and_then(|head| head.split_once(':')).map(|(scheme, _)| scheme);
    let known = scheme.is_none_or(|s| s.eq_ignore_ascii_case("http") || s.eq_ignore_ascii_case("https"));
    let clean = !url.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\'));
    if known && clean && !url.is_empty() { Ok(()) } else { Err(garde::Error::new("bad_url")) }
}

pub fn media_url_if_some(url: &Option<String>, ctx: &()) -> garde::Result {
    url.as_deref().map_or(Ok(()), |url| media_url(url, ctx))
}

pub fn media_urls(urls: &Vec<String>, ctx: &()) -> garde::Result {
    urls.iter().try_for_each(|url| {
        if url.chars().count() > 500 { Err(garde::Error::new("too_long:500")) } else { media_url(url, ctx) }
    })
}

/// Ставки НДС, какие бывают в чеке (54-ФЗ), процентов.
const VAT_RATES: [i32; 6] = [0, 5, 7, 10, 20, 22];

pub fn vat_rate(rate: &Option<i32>, _: &()) -> garde::Result {
    match rate {
        Some(rate) if !VAT_RATES.contains(rate) => Err(garde::Error::new("bad_value")),
        _ => Ok(()),
    }
}

/// Структура не больше `max` байт в записи JSON.
pub fn json_size(max: usize) -> impl FnOnce(&Option<serde_json::Map<String, serde_json::Value>>, &()) -> garde::Result {
    move |map, _| {
        let size = map.as_ref().map_or(Ok(0), |map| serde_json::to_string(map).map(|text| text.len()));
        match size {
            Ok(size) if size <= max => Ok(()),
            _ => Err(garde::Error::new(format!("too_long:{max}"))),
        }
    }
}

pub fn tags(tags: &Vec<String>, _: &()) -> garde::Result {
    let good = |tag: &String| (1..=50).contains(&tag.chars().count());
    if tags.len() <= 50 && tags.iter().all(good) { Ok(()) } else { Err(garde::Error::new("too_long:50")) }
}

/// Правило для поля, которое могли не прислать (см. `patch::given`).
pub fn given<T>(rule: impl FnOnce(&T, &()) -> garde::Result) -> impl FnOnce(&Option<T>, &()) -> garde::Result {
    move |field, ctx| field.as_ref().map_or(Ok(()), |value| rule(value, ctx))
}
