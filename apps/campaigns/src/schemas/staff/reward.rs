//! Награда кампании.

use garde::Validate;
use kernel::{Error, Money, Result, Timestamp};
use promos::models::{Kind, Percent};
use promos::schemas::{Moment, PromoCodeIn, percent_if_any, sum_if_any};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::errors;

/// Чем награждают: условия промокода, который получит каждый собравший набор. Код у каждого свой и на один заказ.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reward {
    /// Процент, до двух знаков после запятой; важнее суммы.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    #[garde(custom(percent_if_any))]
    pub discount_percent: Option<Percent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(custom(sum_if_any))]
    pub discount_amount: Option<Money>,
    /// С какой суммы товаров действует.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(custom(sum_if_any))]
    pub min_sum: Option<Money>,
    /// Сколько дней действует с выдачи; без поля — бессрочно.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 3650))]
    pub valid_days: Option<i64>,
    /// С какого мига и до какого (он ещё входит) действует, когда бы код ни выдали; с `valid_days` — до того, что раньше.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub valid_from: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub valid_until: Option<Moment>,
    /// Виды покупок; пусто — любые.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 20))]
    pub kinds: Vec<Kind>,
    /// Товары и разделы (с вложенными), на которые действует; ни тех, ни других — на все.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 1000))]
    pub product_ids: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 1000))]
    pub category_ids: Vec<i64>,
}

impl Reward {
    /// Ни процента, ни суммы — не награда.
    pub fn check(&self) -> Result<()> {
        let nothing =
            self.discount_percent.unwrap_or_default().is_zero() && self.discount_amount.unwrap_or_default().is_zero();
        if nothing {
            return Err(errors::no_discount());
        }
        match (self.valid_from, self.valid_until) {
            (Some(from), Some(until)) if until.0 < from.0 => Err(Error::invalid("reward.valid_until", "out_of_range")),
            _ => Ok(()),
        }
    }

    /// До какого мига действует код, выданный сейчас.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let days = self.valid_days.map(|days| now + chrono::TimeDelta::days(days));
        let end = self.valid_until.map(|until| until.0);
        days.into_iter().chain(end).min()
    }

    /// Действует не на всё.
    pub fn is_limited(&self) -> bool {
        !(self.product_ids.is_empty() && self.category_ids.is_empty())
    }

    /// Промокод с этими условиями.
    pub fn promo(&self, code: &str, description: String, now: Timestamp) -> PromoCodeIn {
        PromoCodeIn {
            code: code.to_owned(),
            description: Some(description),
            discount_percent: self.discount_percent,
            discount_amount: self.discount_amount,
            min_sum: self.min_sum,
            max_uses: Some(1),
            valid_from: self.valid_from,
            valid_until: self.until(now).map(Moment),
            kinds: self.kinds.clone(),
            product_ids: self.product_ids.clone(),
            category_ids: self.category_ids.clone(),
            ..PromoCodeIn::default()
        }
    }
}
