//! Отказы приложения; слова — в `texts/*.toml`.

use kernel::{Ctx, Error, Lang, Money};

pub const NOT_FOUND: &str = "payments.not_found";

pub fn unknown_provider(code: &str) -> Error {
    Error::refused("payments.unknown_provider").with("provider", code)
}

pub fn bad_amount() -> Error {
    Error::refused("payments.bad_amount")
}

/// За предмет уже платят на других условиях, и тот платёж меняют прямо сейчас.
pub fn already_open() -> Error {
    Error::conflict("payments.already_open")
}

pub fn already_paid() -> Error {
    Error::refused("payments.already_paid")
}

pub fn needs_attention() -> Error {
    Error::refused("payments.needs_attention")
}

pub fn not_in_attention() -> Error {
    Error::refused("payments.not_in_attention")
}

pub fn not_pending() -> Error {
    Error::refused("payments.not_pending")
}

pub fn not_cash() -> Error {
    Error::refused("payments.not_cash")
}

pub fn nothing_to_capture() -> Error {
    Error::refused("payments.nothing_to_capture")
}

/// Больше полученного; `left` — сколько ещё можно вернуть.
pub fn refund_too_big(left: Money) -> Error {
    Error::refused("payments.refund_too_big").with("left", left.to_string())
}

/// Платёж за несколько заказов, а чью долю вернуть, не сказано.
pub fn refund_needs_part() -> Error {
    Error::refused("payments.refund_needs_part").field("subject_id", "required")
}

pub fn refund_over_limit(limit: Money) -> Error {
    Error::refused("payments.refund_over_limit").with("limit", limit.to_string())
}

/// С этим ключом уже возвращали другую сумму.
pub fn refund_key_reused() -> Error {
    Error::conflict("payments.refund_key_reused")
}

/// Провайдер молчит: итог неизвестен, повторить с тем же ключом.
pub fn provider_unavailable(why: String) -> Error {
    Error::unavailable("payments.provider_unavailable", 5).with("why", why)
}

/// Провайдер не признал ключи магазина: чинит администратор (`megashop config check`).
pub fn provider_misconfigured(why: String) -> Error {
    Error::unavailable("payments.provider_misconfigured", 60).with("why", why)
}

/// Провайдер платёж не принял; повторять бесполезно.
pub fn provider_refused(ctx: &Ctx, reason: Option<&str>) -> Error {
    let words = reason.and_then(|code| reason_words(ctx, ctx.lang(), code));
    Error::refused("payments.provider_refused").with("reason", words.unwrap_or_default())
}

/// Код причины словами для человека; незнакомого кода — нет.
pub fn reason_words(ctx: &Ctx, lang: Lang, code: &str) -> Option<String> {
    ctx.texts().find(lang, &format!("payments.reasons.{code}"), &serde_json::json!({}))
}

pub fn forged_notification() -> Error {
    Error::new(kernel::Kind::Unauthorized, "payments.forged_notification")
}

/// Страница эмулятора закрыта: оплачено, отменено или время вышло.
pub fn emulator_closed() -> Error {
    Error::refused("payments.emulator_closed")
}

pub fn faults_off() -> Error {
    Error::refused("payments.faults_off")
}
