//! Срок отчёта: начало входит, конец нет.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use garde::Validate;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Столько дней берёт отчёт, которому срок не назвали.
const DEFAULT_DAYS: i64 = 30;

/// Срок, как его прислали.
#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct PeriodFilter {
    /// Дата или время, входит. По умолчанию — 30 дней назад.
    #[garde(length(max = 40))]
    #[param(example = "2026-05-01")]
    pub start_date: Option<String>,
    /// Дата (весь этот день) или время, не входит. По умолчанию — сейчас.
    #[garde(length(max = 40))]
    #[param(example = "2026-05-31")]
    pub end_date: Option<String>,
}

/// Срок отчёта, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Period {
    /// Входит.
    pub start: DateTime<Utc>,
    /// Не входит.
    pub end: DateTime<Utc>,
}

impl PeriodFilter {
    pub fn resolve(&self, now: DateTime<Utc>) -> Result<Period> {
        let end = self.end()?.unwrap_or(through(now));
        let start = self.start()?.unwrap_or(end - TimeDelta::days(DEFAULT_DAYS));
        if start > end {
            return Err(Error::invalid("end_date", "analytics.ends_before_start"));
        }
        Ok(Period { start, end })
    }

    /// `None` — срок не назвали вовсе.
    pub fn resolve_given(&self, now: DateTime<Utc>) -> Result<Option<Period>> {
        match (&self.start_date, &self.end_date) {
            (None, None) => Ok(None),
            (None, Some(_)) => {
                Ok(Some(Period { start: DateTime::UNIX_EPOCH, end: self.end()?.unwrap_or(through(now)) }))
            }
            _ => self.resolve(now).map(Some),
        }
    }

    fn start(&self) -> Result<Option<DateTime<Utc>>> {
        self.start_date.as_deref().map(|text| moment("start_date", text, TimeDelta::zero())).transpose()
    }

    fn end(&self) -> Result<Option<DateTime<Utc>>> {
        self.end_date.as_deref().map(|text| moment("end_date", text, TimeDelta::days(1))).transpose()
    }
}

/// Срок «до сейчас» берёт и нынешнюю секунду.
fn through(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::seconds(1)
}

/// Время со смещением, без него (UTC) или дата; к дате прибавляется `whole_day`.
fn moment(field: &str, text: &str, whole_day: TimeDelta) -> Result<DateTime<Utc>> {
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(date.and_time(chrono::NaiveTime::MIN).and_utc() + whole_day);
    }
    if let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
        return Ok(time.and_utc());
    }
    let time = DateTime::parse_from_rfc3339(text);
    time.map(|time| time.to_utc()).map_err(|_| Error::invalid(field, "analytics.not_a_moment"))
}
