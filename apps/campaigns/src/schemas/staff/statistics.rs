//! Статистика и выгрузки.

use chrono::NaiveDate;
use garde::Validate;
use kernel::{Error, Money, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::schemas::BestAsset;

/// Сколько дней берёт статистика, которой срок не назвали, и больше скольких не берёт.
const DEFAULT_DAYS: i64 = 30;
const MAX_DAYS: i64 = 366;

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
