//! Что приходит и что уходит. Незнакомые поля не замечаются: это адреса старого контракта, его клиенты шлют лишнее.

use catalog::schemas::given;
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use garde::Validate;
use kernel::texts::format_roubles;
use kernel::{Ctx, Error, Money, RUB, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::models::{Kind, Percent, TargetKind, promo_code, target};

/// Товаров (и разделов) у одного кода.
const MAX_TARGETS: usize = 1000;

/// Момент: RFC 3339, а без зоны — UTC, как писали клиенты старой системы.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let zoned = DateTime::parse_from_rfc3339(&text).map(|at| at.naive_utc());
        let bare = || NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f");
        let at = zoned.or_else(|_| bare()).map_err(|_| serde::de::Error::custom("expected a moment of time"))?;
        Ok(Moment(at.trunc_subsecs(6)))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.and_utc().serialize(serializer)
    }
}

fn check_code(code: &str, _: &()) -> garde::Result {
    match code.trim() {
        "" => Err(garde::Error::new("required")),
        code if code.chars().any(char::is_control) => Err(garde::Error::new("bad_format")),
        _ => Ok(()),
    }
}

fn check_code_if_any(code: &Option<String>, ctx: &()) -> garde::Result {
    code.as_deref().map_or(Ok(()), |code| check_code(code, ctx))
}

/// Процент от нуля до ста, если назван.
pub fn percent_if_any(percent: &Option<Percent>, _: &()) -> garde::Result {
    match percent {
        Some(percent) if *percent < Percent::ZERO || *percent > Percent::MAX => Err(garde::Error::new("out_of_range")),
        _ => Ok(()),
    }
}

/// Сумма не меньше нуля, если названа.
pub fn sum_if_any(sum: &Option<Money>, _: &()) -> garde::Result {
    match sum {
        Some(sum) if sum.is_negative() => Err(garde::Error::new("out_of_range")),
        _ => Ok(()),
    }
}

fn given_sum(sum: &Option<Option<Money>>, ctx: &()) -> garde::Result {
    sum.as_ref().map_or(Ok(()), |sum| sum_if_any(sum, ctx))
}

/// Новый промокод. Нужна хотя бы одна скидка; когда названы обе, действует процент.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
pub struct PromoCodeIn {
    /// Регистр не важен.
    #[garde(length(chars, max = 50), custom(check_code))]
    pub code: String,
    #[garde(length(chars, max = 500))]
    pub description: Option<String>,
    /// Процент, до двух знаков после запятой.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    #[garde(custom(percent_if_any))]
    pub discount_percent: Option<Percent>,
    #[garde(custom(sum_if_any))]
    pub discount_amount: Option<Money>,
    /// Сколько заказов всего; без поля — сколько угодно.
    #[garde(range(min = 1))]
    pub max_uses: Option<i64>,
    /// Сколько заказов одного покупателя; без поля — сколько угодно.
    #[garde(range(min = 1))]
    pub max_uses_per_customer: Option<i64>,
    /// С какой суммы товаров действует.
    #[garde(custom(sum_if_any))]
    pub min_sum: Option<Money>,
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub valid_from: Option<Moment>,
    /// Этот миг ещё входит.
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub valid_until: Option<Moment>,
    #[garde(skip)]
    pub is_active: Option<bool>,
    /// Товары и разделы (с вложенными), на которые действует; ни тех, ни других — на все.
    #[garde(length(max = MAX_TARGETS))]
    #[serde(default)]
    pub product_ids: Vec<i64>,
    #[garde(length(max = MAX_TARGETS))]
    #[serde(default)]
    pub category_ids: Vec<i64>,
    /// Виды покупок, на которые действует; пусто — на все.
    #[garde(length(max = 20))]
    #[serde(default)]
    pub kinds: Vec<Kind>,
}

/// Изменение промокода: только присланное; `null` в пределе или сроке снимает его.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
pub struct PromoCodePatch {
    #[garde(length(chars, max = 50), custom(check_code_if_any))]
    pub code: Option<String>,
    #[garde(length(chars, max = 500))]
    pub description: Option<String>,
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    #[garde(custom(percent_if_any))]
    pub discount_percent: Option<Percent>,
    #[garde(custom(sum_if_any))]
    pub discount_amount: Option<Money>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    #[garde(range(min = 1))]
    pub max_uses: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    #[garde(range(min = 1))]
    pub max_uses_per_customer: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Money>)]
    #[garde(custom(given_sum))]
    pub min_sum: Option<Option<Money>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub valid_from: Option<Option<Moment>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub valid_until: Option<Option<Moment>>,
    #[garde(skip)]
    pub is_active: Option<bool>,
    /// Новый список целиком; `[]` — на все товары.
    #[garde(length(max = MAX_TARGETS))]
    pub product_ids: Option<Vec<i64>>,
    #[garde(length(max = MAX_TARGETS))]
    pub category_ids: Option<Vec<i64>>,
    #[garde(length(max = 20))]
    pub kinds: Option<Vec<Kind>>,
}

/// Новый код — это изменение пустого: названо всё, и чего не прислали, того нет.
impl From<PromoCodeIn> for PromoCodePatch {
    fn from(input: PromoCodeIn) -> PromoCodePatch {
        PromoCodePatch {
            code: Some(input.code),
            description: Some(input.description.unwrap_or_default()),
            discount_percent: Some(input.discount_percent.unwrap_or_default()),
            discount_amount: Some(input.discount_amount.unwrap_or_default()),
            max_uses: Some(input.max_uses),
            max_uses_per_customer: Some(input.max_uses_per_customer),
            min_sum: Some(input.min_sum),
            valid_from: Some(input.valid_from),
            valid_until: Some(input.valid_until),
            is_active: Some(input.is_active.unwrap_or(true)),
            // У нового кода снимать нечего: пустые списки не трогают таблицу.
            product_ids: Some(input.product_ids).filter(|ids| !ids.is_empty()),
            category_ids: Some(input.category_ids).filter(|ids| !ids.is_empty()),
            kinds: Some(input.kinds),
        }
    }
}

/// Отбор списка.
#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PromoCodeFilter {
    #[garde(skip)]
    pub is_active: Option<bool>,
    /// Код целиком, регистр не важен.
    #[garde(length(chars, max = 50))]
    pub code: Option<String>,
}

/// Промокод, каким его видит сотрудник.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromoCodeOut {
    pub id: i64,
    pub code: String,
    pub description: String,
    /// Важнее суммы: пока он не ноль, сумма не действует.
    #[schema(value_type = f64)]
    pub discount_percent: Percent,
    pub discount_amount: Money,
    pub currency: String,
    /// `null` — сколько угодно.
    pub max_uses: Option<i64>,
    pub max_uses_per_customer: Option<i64>,
    /// Сколько заказов занято сейчас; отменённые возвращают своё.
    pub current_uses: i64,
    pub min_sum: Option<Money>,
    pub valid_from: Option<DateTime<Utc>>,
    pub valid_until: Option<DateTime<Utc>>,
    pub is_active: bool,
    pub product_ids: Vec<i64>,
    pub category_ids: Vec<i64>,
    pub kinds: Vec<Kind>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl PromoCodeOut {
    pub fn of(row: promo_code::Model, targets: &[target::Model]) -> PromoCodeOut {
        let ids = |kind: TargetKind| {
            let own = targets.iter().filter(|target| target.promo_id == row.id && target.kind == kind);
            own.map(|target| target.target_id).collect()
        };
        PromoCodeOut {
            product_ids: ids(TargetKind::Product),
            category_ids: ids(TargetKind::Category),
            kinds: Kind::split(&row.kinds),
            id: row.id,
            code: row.code,
            description: row.description,
            discount_percent: row.discount_percent,
            discount_amount: row.discount_amount,
            currency: RUB.to_owned(),
            max_uses: row.max_uses,
            max_uses_per_customer: row.max_uses_per_customer,
            current_uses: row.current_uses,
            min_sum: row.min_sum,
            valid_from: row.valid_from.map(|at| at.and_utc()),
            valid_until: row.valid_until.map(|at| at.and_utc()),
            is_active: row.is_active,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromoCodeList {
    pub promo_codes: Vec<PromoCodeOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Проверка кода для товаров.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
pub struct PromoCheckIn {
    #[garde(skip)]
    pub code: String,
    /// Код годится, если действует хотя бы на один из них.
    #[garde(length(max = MAX_TARGETS))]
    pub product_ids: Vec<i64>,
}

/// Годится ли код; о негодном — только почему.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromoCheckOut {
    pub is_valid: bool,
    pub message: String,
    #[schema(value_type = f64)]
    pub discount_percent: Percent,
    pub discount_amount: Money,
}

impl PromoCheckOut {
    pub fn valid(ctx: &Ctx, promo: &promo_code::Model) -> PromoCheckOut {
        let message = match promo.min_sum.filter(|sum| !sum.is_zero()) {
            Some(sum) => ctx.texts().get(ctx.lang(), "promos.valid_from_sum", &json!({"sum": format_roubles(sum)})),
            None => ctx.texts().get(ctx.lang(), "promos.valid", &json!({})),
        };
        PromoCheckOut {
            is_valid: true,
            message,
            discount_percent: promo.discount_percent,
            discount_amount: promo.discount_amount,
        }
    }

    pub fn refused(ctx: &Ctx, refusal: &Error) -> PromoCheckOut {
        let message = ctx.texts().get(ctx.lang(), refusal.code, &refusal.args);
        PromoCheckOut { is_valid: false, message, discount_percent: Percent::ZERO, discount_amount: Money::ZERO }
    }
}
