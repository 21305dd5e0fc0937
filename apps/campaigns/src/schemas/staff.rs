//! Что видит и присылает сотрудник.

use catalog::schemas::given as sent;
use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use kernel::{Error, Money, Result, Timestamp};
use promos::models::{Kind, Percent};
use promos::schemas::{Moment, PromoCodeIn, percent_if_any, sum_if_any};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::BestAsset;
use crate::errors;
use crate::models::{asset, campaign, pool, progress, session, view_event};

/// Сколько дней берёт статистика, которой срок не назвали, и больше скольких не берёт.
const DEFAULT_DAYS: i64 = 30;
const MAX_DAYS: i64 = 366;

fn check_slug(slug: &str, _: &()) -> garde::Result {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !slug.is_empty() && slug.chars().all(fits) { Ok(()) } else { Err(garde::Error::new("bad_format")) }
}

fn check_slug_if_any(slug: &Option<String>, ctx: &()) -> garde::Result {
    slug.as_deref().map_or(Ok(()), |slug| check_slug(slug, ctx))
}

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
    /// Виды покупок; пусто — любые.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 20))]
    pub kinds: Vec<Kind>,
}

impl Reward {
    /// Ни процента, ни суммы — не награда.
    pub fn check(&self) -> Result<()> {
        let nothing =
            self.discount_percent.unwrap_or_default().is_zero() && self.discount_amount.unwrap_or_default().is_zero();
        if nothing { Err(errors::no_discount()) } else { Ok(()) }
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
            valid_until: self.valid_days.map(|days| Moment(now + chrono::TimeDelta::days(days))),
            kinds: self.kinds.clone(),
            ..PromoCodeIn::default()
        }
    }
}

/// Новая кампания.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignIn {
    #[garde(length(chars, max = 100), custom(check_slug))]
    pub slug: String,
    #[garde(length(chars, min = 1, max = 255))]
    pub title: String,
    #[serde(default)]
    #[garde(length(chars, max = 2000))]
    pub description: String,
    /// Пул активов; без поля — `default`.
    #[garde(length(chars, max = 100))]
    pub pool: Option<String>,
    #[garde(dive)]
    pub reward: Reward,
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub starts_at: Option<Moment>,
    /// Этот миг ещё входит.
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub ends_at: Option<Moment>,
    #[garde(skip)]
    pub is_active: Option<bool>,
    /// Отвечать вызовам, где кампания не названа; прежняя кампания по умолчанию перестаёт ею быть.
    #[serde(default)]
    #[garde(skip)]
    pub is_default: bool,
    /// Сколько секунд смотреть актив; 0 — сколько угодно.
    #[garde(range(min = 0, max = 3600))]
    pub min_dwell: Option<i32>,
    #[garde(range(min = 1))]
    pub views_per_minute: Option<i32>,
    #[garde(range(min = 1))]
    pub address_views_per_minute: Option<i32>,
    #[garde(range(min = 1))]
    pub address_sessions_per_hour: Option<i32>,
    #[serde(default)]
    #[garde(skip)]
    pub needs_view_token: bool,
}

/// Изменение кампании: только присланное; `null` в пределе или сроке снимает его.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignPatch {
    #[garde(length(chars, max = 100), custom(check_slug_if_any))]
    pub slug: Option<String>,
    #[garde(length(chars, min = 1, max = 255))]
    pub title: Option<String>,
    #[garde(length(chars, max = 2000))]
    pub description: Option<String>,
    #[garde(length(chars, max = 100))]
    pub pool: Option<String>,
    /// Новые условия целиком; выданных кодов не касаются.
    #[garde(dive)]
    pub reward: Option<Reward>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub starts_at: Option<Option<Moment>>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub ends_at: Option<Option<Moment>>,
    #[garde(skip)]
    pub is_active: Option<bool>,
    /// `true` — сделать кампанией по умолчанию; перестаёт ею быть та, когда назначат другую.
    #[garde(skip)]
    pub is_default: Option<bool>,
    #[garde(range(min = 0, max = 3600))]
    pub min_dwell: Option<i32>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<i32>)]
    #[garde(range(min = 1))]
    pub views_per_minute: Option<Option<i32>>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<i32>)]
    #[garde(range(min = 1))]
    pub address_views_per_minute: Option<Option<i32>>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<i32>)]
    #[garde(range(min = 1))]
    pub address_sessions_per_hour: Option<Option<i32>>,
    #[garde(skip)]
    pub needs_view_token: Option<bool>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignOut {
    pub id: i64,
    pub slug: String,
    pub title: String,
    pub description: String,
    pub pool: String,
    pub reward: Reward,
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub is_active: bool,
    pub is_default: bool,
    pub min_dwell: i32,
    pub views_per_minute: Option<i32>,
    pub address_views_per_minute: Option<i32>,
    pub address_sessions_per_hour: Option<i32>,
    pub needs_view_token: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl CampaignOut {
    pub fn of(row: campaign::Model, pool: &str) -> Result<CampaignOut> {
        Ok(CampaignOut {
            reward: serde_json::from_str(&row.reward)?,
            pool: pool.to_owned(),
            id: row.id,
            slug: row.slug,
            title: row.title,
            description: row.description,
            starts_at: row.starts_at.map(|at| at.and_utc()),
            ends_at: row.ends_at.map(|at| at.and_utc()),
            is_active: row.is_active,
            is_default: row.default_mark.is_some(),
            min_dwell: row.min_dwell,
            views_per_minute: row.views_per_minute,
            address_views_per_minute: row.address_views_per_minute,
            address_sessions_per_hour: row.address_sessions_per_hour,
            needs_view_token: row.needs_view_token,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignList {
    pub campaigns: Vec<CampaignOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Новый пул.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolIn {
    #[garde(length(chars, max = 100), custom(check_slug))]
    pub slug: String,
    #[garde(length(chars, min = 1, max = 255))]
    pub title: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PoolOut {
    pub id: i64,
    pub slug: String,
    pub title: String,
    pub created_at: DateTime<Utc>,
}

impl From<pool::Model> for PoolOut {
    fn from(row: pool::Model) -> PoolOut {
        PoolOut { id: row.id, slug: row.slug, title: row.title, created_at: row.created_at.and_utc() }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PoolList {
    pub pools: Vec<PoolOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Новый актив; файлы загружаются потом.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetIn {
    /// Один на весь магазин: по нему засчитывается просмотр.
    #[garde(length(chars, max = 50), custom(check_slug))]
    pub slug: String,
    #[garde(length(chars, min = 1, max = 255))]
    pub name: String,
    #[serde(rename = "type", default)]
    #[garde(length(chars, max = 50))]
    pub kind: String,
    /// Пул (в прежней системе поле звалось так же); без поля — `default`.
    #[garde(length(chars, max = 100))]
    pub campaign: Option<String>,
    #[serde(default)]
    #[schema(value_type = Object)]
    #[garde(skip)]
    pub meta: Map<String, Value>,
    #[serde(default)]
    #[garde(skip)]
    pub position: i32,
    #[garde(skip)]
    pub is_active: Option<bool>,
}

/// Изменение актива: только присланное.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetPatch {
    #[garde(length(chars, max = 50), custom(check_slug_if_any))]
    pub slug: Option<String>,
    #[garde(length(chars, min = 1, max = 255))]
    pub name: Option<String>,
    #[serde(rename = "type")]
    #[garde(length(chars, max = 50))]
    pub kind: Option<String>,
    #[garde(length(chars, max = 100))]
    pub campaign: Option<String>,
    #[schema(value_type = Option<Object>)]
    #[garde(skip)]
    pub meta: Option<Map<String, Value>>,
    #[garde(skip)]
    pub position: Option<i32>,
    #[garde(skip)]
    pub is_active: Option<bool>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssetOut {
    pub id: i64,
    pub slug: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// Пул.
    pub campaign: String,
    #[schema(value_type = Object)]
    pub meta: Value,
    pub position: i32,
    pub is_active: bool,
    pub model_url: Option<String>,
    pub ios_model_url: Option<String>,
    pub preview_url: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl AssetOut {
    pub fn of(row: asset::Model, pool: &str) -> Result<AssetOut> {
        Ok(AssetOut {
            meta: serde_json::from_str(&row.meta)?,
            campaign: pool.to_owned(),
            id: row.id,
            slug: row.slug,
            name: row.name,
            kind: row.kind,
            position: row.position,
            is_active: row.is_active,
            model_url: row.model_url,
            ios_model_url: row.ios_model_url,
            preview_url: row.preview_url,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssetList {
    pub assets: Vec<AssetOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssetFilter {
    /// Пул.
    #[garde(length(chars, max = 100))]
    pub campaign: Option<String>,
    #[garde(skip)]
    pub is_active: Option<bool>,
}

/// Отбор сеансов и кодов.
#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionFilter {
    #[garde(skip)]
    pub campaign_id: Option<i64>,
    /// Почта целиком.
    #[garde(length(chars, max = 254))]
    pub email: Option<String>,
    /// Собравшие набор.
    #[garde(skip)]
    pub is_completed: Option<bool>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionOut {
    pub id: Uuid,
    pub campaign_id: i64,
    pub user: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub last_seen: DateTime<Utc>,
    pub score: i64,
    pub pending_email: Option<String>,
    pub is_active: bool,
    pub completed_at: Option<DateTime<Utc>>,
    #[schema(value_type = Object)]
    pub metadata: Value,
}

impl SessionOut {
    pub fn of(row: session::Model, user: Option<Uuid>) -> Result<SessionOut> {
        Ok(SessionOut {
            metadata: object(&row.metadata)?,
            user,
            id: row.id,
            campaign_id: row.campaign_id,
            created_at: row.created_at.and_utc(),
            last_seen: row.last_seen.and_utc(),
            score: row.score,
            pending_email: row.pending_email,
            is_active: row.is_active,
            completed_at: row.completed_at.map(|at| at.and_utc()),
        })
    }
}

/// Объект из столбца; пустой столбец — пустой объект.
pub fn object(text: &Option<String>) -> Result<Value> {
    Ok(match text {
        Some(text) => serde_json::from_str(text)?,
        None => Value::Object(Map::new()),
    })
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionList {
    pub sessions: Vec<SessionOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Виденный актив.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProgressItem {
    pub id: i64,
    pub session: Uuid,
    pub asset: i64,
    pub viewed_at: DateTime<Utc>,
    pub times_viewed: i64,
}

impl From<progress::Model> for ProgressItem {
    fn from(row: progress::Model) -> ProgressItem {
        ProgressItem {
            id: row.id,
            session: row.session_id,
            asset: row.asset_id,
            viewed_at: row.viewed_at.and_utc(),
            times_viewed: row.times_viewed,
        }
    }
}

/// Событие журнала как есть.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ViewEventOut {
    pub id: i64,
    pub session: Uuid,
    pub asset: Option<i64>,
    pub event_type: String,
    pub timestamp: DateTime<Utc>,
    #[schema(value_type = Object)]
    pub raw_payload: Value,
    pub processed: bool,
}

impl ViewEventOut {
    pub fn of(row: view_event::Model) -> Result<ViewEventOut> {
        Ok(ViewEventOut {
            raw_payload: serde_json::from_str(&row.raw_payload)?,
            id: row.id,
            session: row.session_id,
            asset: row.asset_id,
            event_type: row.event_type,
            timestamp: row.occurred_at.and_utc(),
            processed: row.processed,
        })
    }
}

/// Сеанс целиком: виденное и журнал, последние события первыми.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionDetail {
    #[serde(flatten)]
    pub session: SessionOut,
    pub items: Vec<ProgressItem>,
    pub events: Vec<ViewEventOut>,
}

#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionPatch {
    /// `false` — просмотры этого сеанса больше не засчитываются.
    #[garde(skip)]
    pub is_active: bool,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CodeOut {
    pub id: i64,
    pub campaign_id: i64,
    pub code: String,
    pub session: Uuid,
    pub user: Option<Uuid>,
    pub email: Option<String>,
    pub issued_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    /// Когда код занял заказ; отменённый заказ его вернул — `null`.
    pub used_at: Option<DateTime<Utc>>,
    /// Товары этого заказа со скидкой.
    pub revenue: Option<Money>,
    pub discount: Option<Money>,
    #[schema(value_type = Object)]
    pub meta: Value,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CodeList {
    pub codes: Vec<CodeOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Человек, привязавший почту.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignUserOut {
    pub id: Uuid,
    pub email: Option<String>,
    pub is_verified: bool,
    pub verified_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub total_score: i64,
    #[schema(value_type = Object)]
    pub metadata: Value,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignUserList {
    pub users: Vec<CampaignUserOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Дни магазина, оба края входят; по умолчанию — последние 30.
#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DayFilter {
    #[garde(skip)]
    pub start_date: Option<NaiveDate>,
    #[garde(skip)]
    pub end_date: Option<NaiveDate>,
}

impl DayFilter {
    pub fn resolve(&self, today: NaiveDate) -> Result<(NaiveDate, NaiveDate)> {
        let end = self.end_date.unwrap_or(today);
        let start = self.start_date.unwrap_or(end - chrono::TimeDelta::days(DEFAULT_DAYS - 1));
        match (end - start).num_days() {
            0..MAX_DAYS => Ok((start, end)),
            _ => Err(Error::invalid("end_date", "out_of_range")),
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportParams {
    /// С меткой UTF-8 для Excel; по умолчанию — да.
    #[garde(skip)]
    pub bom: Option<bool>,
}

/// Воронка сеансов, начатых в один день (или во все): сколько из них дошло до каждого шага к этому мигу.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FunnelStep {
    pub sessions: i64,
    /// Посмотрели хоть что-нибудь.
    pub viewers: i64,
    /// Собрали набор и получили код.
    pub completed: i64,
    /// Привязали почту.
    pub emails: i64,
    pub codes_sent: i64,
    /// Коды, занятые действующими заказами.
    pub codes_used: i64,
    /// Товары этих заказов со скидкой, без доставки; отменённые не входят.
    pub revenue: Money,
    pub discount: Money,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FunnelDay {
    pub day: NaiveDate,
    #[serde(flatten)]
    pub step: FunnelStep,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssetViews {
    pub slug: String,
    pub name: String,
    pub views_today: i64,
    /// В скольких сеансах видели.
    pub first_views: i64,
    pub views_all_time: i64,
}

/// Статистика кампании.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatisticsOut {
    pub start_date: NaiveDate,
    pub end_date: NaiveDate,
    pub total: FunnelStep,
    pub days: Vec<FunnelDay>,
    /// За всё время, по порядку пула.
    pub assets: Vec<AssetViews>,
    pub best_asset: Option<BestAsset>,
    pub views_today: i64,
    pub views_all_time: i64,
}
