//! Отказы приложения; слова — в `texts/`. Слова некоторых — часть документированного ответа, на обоих языках одни и те же.

use axum::extract::rejection::BytesRejection;
use http::StatusCode;
use kernel::{Error, Kind, Timestamp};

pub const SESSION_NOT_FOUND: &str = "campaigns.session_not_found";
pub const ASSET_NOT_FOUND: &str = "campaigns.asset_not_found";
pub const CAMPAIGN_NOT_FOUND: &str = "campaigns.campaign_not_found";
pub const CODE_NOT_FOUND: &str = "campaigns.code_not_found";
pub const POOL_NOT_FOUND: &str = "campaigns.pool_not_found";
pub const USER_NOT_FOUND: &str = "campaigns.user_not_found";
/// Человека с такой почтой нет: документированное `not_found`.
pub const EMAIL_NOT_FOUND: &str = "campaigns.email_not_found";
pub const TOO_MANY_VIEWS: &str = "campaigns.too_many_views";
pub const TOO_MANY_SESSIONS: &str = "campaigns.too_many_sessions";
pub const TOO_MANY_EMAILS: &str = "campaigns.too_many_emails";

/// Нет обязательных ключей: 400, как у прежней системы.
pub fn keys_required(keys: &[&str]) -> Error {
    let refusal = Error::refused("campaigns.keys_required").with("keys", keys.join(", "));
    keys.iter().fold(refusal, |error, key| error.field(key, "required"))
}

/// Тело не прочесть: слишком велико или оборвано.
pub fn unread(rejection: BytesRejection) -> Error {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(Kind::TooLarge, "request.too_large"),
        _ => bad_key("body"),
    }
}

/// Ключ есть, но такого значения у него не бывает.
pub fn bad_key(key: &str) -> Error {
    Error::refused("campaigns.bad_key").with("key", key).field(key, "bad_value")
}

/// Набор ещё не собран: документированное `not_completed`.
pub fn not_completed() -> Error {
    Error::not_found("campaigns.not_completed")
}

/// Код сеанса уже использован, второго не будет.
pub fn already_used() -> Error {
    Error::not_found("campaigns.already_used")
}

/// Код занят заказом: ни отозвать, ни послать снова.
pub fn code_used() -> Error {
    Error::refused("campaigns.code_used")
}

/// Отозванный код не шлют.
pub fn code_revoked() -> Error {
    Error::refused("campaigns.code_revoked")
}

/// По почте и человеку этот магазин кодов не называет.
pub fn ask_by_session() -> Error {
    Error::refused("campaigns.ask_by_session")
}

/// Кампания не идёт: ещё не началась, кончилась или выключена.
pub fn not_running() -> Error {
    Error::refused("campaigns.not_running")
}

/// Почту к коду не привязали: слать некуда.
pub fn no_email() -> Error {
    Error::refused("campaigns.no_email")
}

/// Сеанс остановил сотрудник.
pub fn session_stopped() -> Error {
    Error::refused("campaigns.session_stopped")
}

/// Событие с этим именем было о другом активе.
pub fn event_reused() -> Error {
    Error::refused("campaigns.event_reused").field("event_id", "campaigns.event_reused")
}

/// Пропуска на просмотр нет или он не на это.
pub fn bad_token() -> Error {
    Error::refused("campaigns.bad_token").field("view_token", "campaigns.bad_token")
}

/// Смотреть надо дольше.
pub fn too_soon(now: Timestamp, ready_at: Timestamp) -> Error {
    let millis = (ready_at - now).num_milliseconds().max(1);
    Error::too_many("campaigns.too_soon", u64::try_from((millis + 999) / 1000).unwrap_or(1))
}

/// Имя в адресе занято.
pub fn slug_taken() -> Error {
    Error::refused("campaigns.slug_taken").field("slug", "campaigns.slug_taken")
}

/// Ни процента, ни суммы.
pub fn no_discount() -> Error {
    Error::invalid("reward.discount_percent", "promos.no_discount")
}

/// Кампанию по умолчанию не снимают, её назначают другую.
pub fn default_needed() -> Error {
    Error::refused("campaigns.default_needed").field("is_default", "campaigns.default_needed")
}

/// Актив смотрели: его выключают, а не удаляют.
pub fn asset_in_use() -> Error {
    Error::refused("campaigns.asset_in_use")
}
