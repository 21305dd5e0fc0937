//! Документированные вызовы. Лишние ключи не замечаются, а чего не хватает, называет 400: так написано в описании прежней системы.

use axum::extract::{FromRequest, Request};
use garde::Validate;
use kernel::http::Valid;
use kernel::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::errors;

/// Длиннее имён событий и пропусков не бывает.
const MAX_EVENT_ID: usize = 100;

/// Тело вызова: объект с любыми ключами.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate)]
#[serde(transparent)]
pub struct Payload(#[garde(skip)] pub Map<String, Value>);

impl Payload {
    /// Все эти ключи есть и не пусты; иначе 400 называет недостающие.
    pub fn require(&self, keys: &[&'static str]) -> Result<()> {
        let is_missing = |key: &&&'static str| match self.0.get(**key) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            Some(_) => false,
        };
        let missing: Vec<&str> = keys.iter().filter(is_missing).copied().collect();
        if missing.is_empty() { Ok(()) } else { Err(errors::keys_required(&missing)) }
    }

    /// Строка; нет её — `None`, не строка — 400.
    pub fn text(&self, key: &'static str) -> Result<Option<&str>> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(errors::bad_key(key)),
        }
    }

    /// Обязательная строка.
    pub fn some_text(&self, key: &'static str) -> Result<&str> {
        self.text(key)?.ok_or_else(|| errors::keys_required(&[key]))
    }

    pub fn uuid(&self, key: &'static str) -> Result<Uuid> {
        uuid_of(key, self.some_text(key)?)
    }

    /// Как пришло: для журнала.
    pub fn raw(&self) -> Result<String> {
        Ok(serde_json::to_string(&self.0)?)
    }
}

/// Тело документированного вызова: не объект JSON — 400, как любой другой непонятый запрос.
pub struct Call(pub Payload);

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Call> {
        let parsed = Valid::<Payload>::from_request(request, state).await;
        parsed.map(|Valid(payload)| Call(payload)).map_err(|mut error| {
            if error.kind == Kind::Invalid {
                error.kind = Kind::Refused;
            }
            error
        })
    }
}

/// UUID или 400 с именем ключа.
pub fn uuid_of(key: &'static str, text: &str) -> Result<Uuid> {
    Uuid::parse_str(text.trim()).map_err(|_| errors::bad_key(key))
}

/// Новый сеанс; тело может быть пустым объектом.
#[derive(Debug, ToSchema)]
pub struct SessionStartIn {
    /// Адрес кампании; без него — кампания по умолчанию.
    pub campaign: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionStartOut {
    pub session_id: Uuid,
}

/// Просмотр актива; прочие ключи уходят в журнал как есть.
#[derive(Debug, ToSchema)]
pub struct ViewIn {
    pub session_id: Uuid,
    pub asset_slug: String,
    /// Имя события: повтор с тем же именем получит тот же ответ и не посчитается.
    pub event_id: Option<String>,
    /// Пропуск на просмотр, если кампания их требует.
    pub view_token: Option<String>,
}

/// Разобранный просмотр.
#[derive(Clone, Debug)]
pub struct View {
    pub session_id: Uuid,
    pub asset_slug: String,
    pub event_id: Option<String>,
    pub token: Option<String>,
    pub raw: String,
}

impl View {
    pub fn of(payload: &Payload) -> Result<View> {
        payload.require(&["session_id", "asset_slug"])?;
        let name = |key: &'static str| match payload.text(key)? {
            Some(text) if text.chars().count() > MAX_EVENT_ID || text.chars().any(char::is_control) => {
                Err(errors::bad_key(key))
            }
            text => Ok(text.map(str::to_owned)),
        };
        let token = name("view_token")?;
        Ok(View {
            session_id: payload.uuid("session_id")?,
            asset_slug: payload.some_text("asset_slug")?.to_owned(),
            // Пропуск одноразовый, поэтому он и есть имя события: повтор после потерянного ответа безвреден.
            event_id: name("event_id")?.or_else(|| token.clone()),
            token,
            raw: payload.raw()?,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViewOut {
    pub session_id: Uuid,
    pub asset_slug: String,
    /// 10 за первый просмотр актива в сеансе, потом 0.
    pub awarded_points: i64,
    pub session_score: i64,
    /// Только у просмотра, который собрал набор.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promo_code: Option<String>,
}

/// Открыть актив.
#[derive(Debug, ToSchema)]
pub struct ViewTokenIn {
    pub session_id: Uuid,
    pub asset_slug: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ViewTokenOut {
    pub view_token: String,
    /// Через сколько секунд просмотр засчитают.
    pub ready_in: u64,
}

#[derive(Debug, ToSchema)]
pub struct UserEmailIn {
    pub session_id: Uuid,
    pub email: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserEmailOut {
    pub session_id: Uuid,
    pub user_id: Uuid,
    pub email: String,
    pub user_total_score: i64,
}

/// Чей прогресс; назван сеанс — его.
#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProgressParams {
    #[garde(skip)]
    pub session_id: Option<String>,
    #[garde(skip)]
    pub user_id: Option<String>,
    /// Кампания, в которой считать прогресс человека.
    #[garde(skip)]
    pub campaign: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProgressOut {
    pub total_assets: i64,
    pub viewed_assets: i64,
    pub remaining_assets: i64,
    pub total_score: i64,
}

/// Чей код: первый названный из трёх.
#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PromoParams {
    #[garde(skip)]
    pub session_id: Option<String>,
    #[garde(skip)]
    pub user_id: Option<String>,
    #[garde(skip)]
    pub email: Option<String>,
}

/// Названное и не пустое.
pub fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromoOut {
    pub promo_code: String,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatsParams {
    /// Адрес кампании; без него — кампания по умолчанию.
    #[garde(skip)]
    pub campaign: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BestAsset {
    pub slug: String,
    pub name: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatsOut {
    /// `null` — просмотров ещё не было.
    pub best_asset: Option<BestAsset>,
    /// За нынешний день магазина.
    pub views_today: i64,
    pub views_all_time: i64,
}

/// Кампания для своей страницы: что показать.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShowcaseOut {
    pub slug: String,
    pub title: String,
    pub description: String,
    pub is_running: bool,
    /// Сколько секунд смотреть актив.
    pub min_dwell: i32,
    pub needs_view_token: bool,
    pub assets: Vec<ShowcaseAsset>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShowcaseAsset {
    pub slug: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub model_url: Option<String>,
    pub ios_model_url: Option<String>,
    pub preview_url: Option<String>,
}
