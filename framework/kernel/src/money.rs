//! Деньги: целое число копеек. Дробей с плавающей точкой в расчётах нет нигде.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Сумма в копейках (минимальных единицах валюты). Валюта хранится рядом, в поле `currency`.
///
/// В JSON — число рублей не более чем с двумя знаками (`2500`, `19.99`); на входе принимается и строка.
/// Предел ±10 триллионов рублей: внутри него JSON-число передаёт копейки без потерь.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Валюта магазина по умолчанию, ISO 4217.
pub const RUB: &str = "RUB";

/// Почему сумма не принята. Текст — код ошибки поля.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("not_a_number")]
    NotANumber,
    #[error("too_many_decimals")]
    TooManyDecimals,
    #[error("out_of_range")]
    OutOfRange,
}

impl Money {
    pub const ZERO: Money = Money(0);
    /// Наибольшая допустимая сумма.
    pub const MAX: Money = Money(1_000_000_000_000_000);

    /// Сумма из копеек.
    pub const fn minor(kopecks: i64) -> Self {
        Money(kopecks)
    }

    /// Сумма из целых рублей.
    pub const fn rub(roubles: i64) -> Self {
        Money(roubles * 100)
    }

    /// Копейки: так сумма хранится в базе.
    pub const fn to_minor(self) -> i64 {
        self.0
    }

    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Цена за количество. `None` — переполнение или выход за предел.
    pub fn times(self, quantity: i64) -> Option<Money> {
        let total = self.0.checked_mul(quantity)?;
        (total.unsigned_abs() <= Self::MAX.0.unsigned_abs()).then_some(Money(total))
    }

    /// Сложение с проверкой предела.
    pub fn plus(self, other: Money) -> Option<Money> {
        let total = self.0.checked_add(other.0)?;
        (total.unsigned_abs() <= Self::MAX.0.unsigned_abs()).then_some(Money(total))
    }

    /// Доля в сотых процента (`1250` = 12,5 %), округление половины вверх.
    pub fn basis_points(self, points: i64) -> Money {
        let exact = i128::from(self.0) * i128::from(points);
        Money(((exact + 5_000).div_euclid(10_000)) as i64)
    }

    /// Делит сумму в меру весов: доли в сумме равны ей до копейки, и доля не больше своего веса, если сумма не больше суммы весов.
    ///
    /// Доли округляются вниз, оставшиеся копейки получают те, у кого отброшено больше; при равных — больший вес, потом первый.
    pub fn spread(self, weights: &[Money]) -> Vec<Money> {
        let total: i128 = weights.iter().map(|weight| i128::from(weight.0)).sum();
        if total == 0 {
            return vec![Money::ZERO; weights.len()];
        }
        let exact = |weight: Money| i128::from(self.0) * i128::from(weight.0);
        let mut shares: Vec<i64> = weights.iter().map(|weight| (exact(*weight) / total) as i64).collect();
        let left = self.0 - shares.iter().sum::<i64>();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse((exact(weights[*index]) % total, weights[*index])));
        for index in order.into_iter().take(usize::try_from(left).unwrap_or_default()) {
            shares[index] += 1;
        }
        shares.into_iter().map(Money).collect()
    }
}

impl fmt::Display for Money {
    /// `-12.05`: рубли и ровно два знака.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let abs = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", abs / 100, abs % 100)
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Разбирает `1234`, `1234.5`, `1234.50`, `-3`, `1234,50`. Лишние знаки после копеек — ошибка, если они не нули.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
        let only_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !only_digits(whole) || !only_digits(fraction) {
            return Err(MoneyError::NotANumber);
        }
        let (cents, rest) = fraction.split_at(fraction.len().min(2));
        if rest.bytes().any(|b| b != b'0') {
            return Err(MoneyError::TooManyDecimals);
        }
        if whole.trim_start_matches('0').len() > 15 {
            return Err(MoneyError::OutOfRange);
        }
        let roubles: i64 = whole.parse().map_err(|_| MoneyError::OutOfRange)?;
        let kopecks: i64 = match cents.len() {
            0 => 0,
            1 => cents.parse::<i64>().map_err(|_| MoneyError::NotANumber)? * 10,
            _ => cents.parse().map_err(|_| MoneyError::NotANumber)?,
        };
        let total = roubles * 100 + kopecks;
        if total > Money::MAX.0 {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Money(if negative { -total } else { total }))
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            return serializer.serialize_i64(self.0 / 100);
        }
        // В пределах Money::MAX кратчайшая запись f64 даёт ровно эти два знака (см. свойство в тестах).
        serializer.serialize_f64(self.0 as f64 / 100.0)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MoneyVisitor)
    }
}

struct MoneyVisitor;

impl de::Visitor<'_> for MoneyVisitor {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an amount of roubles with at most two decimals")
    }

    fn visit_i64<E: de::Error>(self, roubles: i64) -> Result<Money, E> {
        self.visit_str(&roubles.to_string())
    }

    fn visit_u64<E: de::Error>(self, roubles: u64) -> Result<Money, E> {
        self.visit_str(&roubles.to_string())
    }

    fn visit_f64<E: de::Error>(self, roubles: f64) -> Result<Money, E> {
        self.visit_str(&roubles.to_string())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Money, E> {
        text.trim().parse().map_err(|e: MoneyError| E::custom(format!("money: {e}")))
    }
}

impl utoipa::PartialSchema for Money {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Number)
            .description(Some("Сумма в рублях, не более двух знаков после точки"))
            .examples([serde_json::json!(2500.5)])
            .into()
    }
}

impl utoipa::ToSchema for Money {
    fn name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }
}

impl From<Money> for sea_orm::Value {
    fn from(money: Money) -> Self {
        sea_orm::Value::BigInt(Some(money.0))
    }
}

impl sea_orm::TryGetable for Money {
    fn try_get_by<I: sea_orm::ColIdx>(row: &sea_orm::QueryResult, index: I) -> Result<Self, sea_orm::TryGetError> {
        i64::try_get_by(row, index).map(Money)
    }
}

impl sea_orm::sea_query::ValueType for Money {
    fn try_from(value: sea_orm::Value) -> Result<Self, sea_orm::sea_query::ValueTypeErr> {
        <i64 as sea_orm::sea_query::ValueType>::try_from(value).map(Money)
    }

    fn type_name() -> String {
        "Money".to_owned()
    }

    fn array_type() -> sea_orm::sea_query::ArrayType {
        sea_orm::sea_query::ArrayType::BigInt
    }

    fn column_type() -> sea_orm::sea_query::ColumnType {
        sea_orm::sea_query::ColumnType::BigInteger
    }
}

impl sea_orm::sea_query::Nullable for Money {
    fn null() -> sea_orm::Value {
        sea_orm::Value::BigInt(None)
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        *self = *self - other;
    }
}

impl Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(self.0.saturating_neg())
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(iter: I) -> Money {
        iter.fold(Money::ZERO, Add::add)
    }
}
