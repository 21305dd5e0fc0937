//! Платёжные системы: один договор, по файлу на систему.

pub mod cash;
pub mod yookassa;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use kernel::{Ctx, Error, Money, Result, Timestamp};
use uuid::Uuid;

use crate::receipts::Receipt;
use crate::settings::PaymentSettings;
use crate::{emulator, errors};

/// Все провайдеры программы. Новый — файл рядом и строка здесь.
static ALL: [&dyn Provider; 3] = [&emulator::Emulator, &cash::Cash, &yookassa::YooKassa];

/// Что нужно провайдеру, чтобы завести платёж.
#[derive(Clone, Debug)]
pub struct CreateRequest {
    /// Один и тот же при всех повторах.
    pub idempotence_key: String,
    /// Наш `public_id`; провайдер хранит его в метаданных и возвращает при чтении.
    pub reference: Uuid,
    pub amount: Money,
    pub currency: String,
    pub description: String,
    pub return_url: String,
    pub two_stage: bool,
    /// Что ещё положить рядом со ссылкой: `order_id`, `order_number`.
    pub metadata: Vec<(String, String)>,
    pub receipt: Option<Receipt>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// Что нужно провайдеру для возврата.
#[derive(Clone, Debug)]
pub struct RefundRequest {
    pub idempotence_key: String,
    /// Наш номер возврата.
    pub refund_id: i64,
    pub provider_payment_id: String,
    pub amount: Money,
    pub currency: String,
    pub reason: String,
    pub receipt: Option<Receipt>,
    pub created_at: Timestamp,
}

/// Второй чек: предоплаченное передано.
#[derive(Clone, Debug)]
pub struct SettlementRequest {
    pub idempotence_key: String,
    pub provider_payment_id: String,
    pub currency: String,
    pub receipt: Receipt,
}

/// Платёж глазами провайдера.
#[derive(Clone, Debug)]
pub struct Remote {
    pub id: String,
    pub status: RemoteStatus,
    pub amount: Money,
    pub refunded: Money,
    pub currency: String,
    /// Наш `public_id`, каким провайдер его помнит.
    pub reference: Option<Uuid>,
    pub confirmation_url: Option<String>,
    /// Почему это, похоже, не наш платёж, хотя номер наш: чужой магазин, проверочный платёж в настоящем магазине.
    pub doubt: Option<&'static str>,
    /// Что с чеком; `None` — чека нет.
    pub receipt: Option<OperationStatus>,
}

/// Состояние у провайдера. Незнакомое слово остаётся текстом и зовёт человека.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteStatus {
    Pending,
    WaitingForCapture,
    Succeeded,
    /// С кодом причины.
    Cancelled(String),
    Unknown(String),
}

impl RemoteStatus {
    /// Деньги ещё могут прийти.
    pub fn is_live(&self) -> bool {
        matches!(self, RemoteStatus::Pending | RemoteStatus::WaitingForCapture)
    }
}

/// Возврат или чек глазами провайдера.
#[derive(Clone, Debug)]
pub struct RemoteOperation {
    pub id: String,
    pub status: OperationStatus,
    /// Что с чеком возврата; `None` — чека нет.
    pub receipt: Option<OperationStatus>,
}

impl RemoteOperation {
    /// Сделано сразу, чека нет.
    pub fn done(id: String) -> RemoteOperation {
        RemoteOperation { id, status: OperationStatus::Succeeded, receipt: None }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationStatus {
    Pending,
    Succeeded,
    /// С кодом причины.
    Cancelled(String),
}

/// Почему не вышло.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProviderError {
    /// Итог неизвестен (нет связи, 429, 5xx): повторить с тем же ключом.
    #[error("provider is unavailable: {0}")]
    Unavailable(String),
    /// Провайдер не признал магазин: ключи не те. Ничего не решено; починят — повторить.
    #[error("provider does not accept the keys: {0}")]
    Misconfigured(String),
    /// Окончательный отказ: повторять бесполезно.
    #[error("provider refused: {code}: {message}")]
    Refused { code: String, message: String },
}

impl ProviderError {
    pub fn refused(code: &str, message: &str) -> ProviderError {
        ProviderError::Refused { code: code.to_owned(), message: message.to_owned() }
    }
}

impl From<ProviderError> for Error {
    #[track_caller]
    fn from(error: ProviderError) -> Error {
        match error {
            ProviderError::Unavailable(why) => errors::provider_unavailable(why),
            ProviderError::Misconfigured(why) => {
                tracing::error!(why, "payment provider does not accept the shop's keys: run `megashop config check`");
                errors::provider_misconfigured(why)
            }
            refused => Error::internal(refused),
        }
    }
}

/// Уведомление, как оно пришло: подпись считается по сырым байтам.
#[derive(Clone, Debug)]
pub struct RawNotification {
    pub headers: HeaderMap,
    /// Адрес с учётом доверенных прокси.
    pub client_ip: Option<std::net::IpAddr>,
    pub body: Bytes,
}

/// О чём уведомление. Состоянию и суммам из него не верят — только перечитанным.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// По этому узнаётся повтор; нет своего номера — событие, объект и состояние.
    pub event_id: String,
    /// Платёж (для уведомления о возврате — тот, который возвращали).
    pub provider_payment_id: String,
}

pub type Answer<T> = std::result::Result<T, ProviderError>;

/// Договор с платёжной системой. Вызывается всегда вне транзакции; каждый вызов, двигающий деньги, повторяется с тем же ключом
/// и обязан дать тот же итог.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Имя в настройках и в столбце `provider`.
    fn code(&self) -> &'static str;

    /// `false` — деньги приходят мимо программы, говорить не с кем.
    fn is_online(&self) -> bool {
        true
    }

    /// Выдаёт ли чеки 54-ФЗ: тогда платежу нужен `Receipt`.
    fn issues_receipts(&self, _: &Ctx) -> bool {
        false
    }

    /// Умеет ли отменить ещё не оплаченное; не умеет — оно отменится у него само.
    fn cancels_pending(&self) -> bool {
        true
    }

    /// Для `megashop config check`: пробует ключи.
    async fn check(&self, _: &Ctx) -> anyhow::Result<String> {
        Ok(format!("provider {} needs no keys", self.code()))
    }

    /// Заводит платёж или находит заведённый с этим же ключом.
    async fn create(&self, ctx: &Ctx, request: &CreateRequest) -> Answer<Remote>;

    async fn status(&self, ctx: &Ctx, provider_payment_id: &str) -> Answer<Remote>;

    /// Платежи, заведённые у него с этого момента; не умеет перечислить — пусто.
    async fn started_since(&self, _: &Ctx, _since: Timestamp) -> Answer<Vec<Remote>> {
        Ok(Vec::new())
    }

    /// Списывает удержанное целиком.
    async fn capture(&self, ctx: &Ctx, provider_payment_id: &str, key: &str) -> Answer<Remote>;

    /// Отменяет неоплаченное или удержанное; не может — `Refused`.
    async fn cancel(&self, ctx: &Ctx, provider_payment_id: &str, key: &str) -> Answer<Remote>;

    async fn refund(&self, ctx: &Ctx, request: &RefundRequest) -> Answer<RemoteOperation>;

    async fn refund_status(&self, ctx: &Ctx, provider_refund_id: &str) -> Answer<RemoteOperation>;

    /// Выдаёт второй чек.
    async fn settle(&self, _: &Ctx, _: &SettlementRequest) -> Answer<RemoteOperation> {
        Err(ProviderError::refused("not_supported", "this provider issues no receipts"))
    }

    async fn settlement_status(&self, _: &Ctx, _provider_receipt_id: &str) -> Answer<RemoteOperation> {
        Err(ProviderError::refused("not_supported", "this provider issues no receipts"))
    }

    /// О чём уведомление; `Err` — тело не читается, слова для журнала.
    fn read_notification(&self, raw: &RawNotification) -> std::result::Result<Notice, String>;

    /// Мог ли это прислать провайдер: подпись или адрес.
    fn is_authentic(&self, ctx: &Ctx, raw: &RawNotification) -> bool;
}

/// Провайдер по имени, даже выключенный: начатое надо довести.
pub fn find(code: &str) -> Option<&'static dyn Provider> {
    ALL.iter().find(|provider| provider.code() == code).copied()
}

/// То же, но только тот, с кем есть о чём говорить.
pub fn online(code: &str) -> Option<&'static dyn Provider> {
    find(code).filter(|provider| provider.is_online())
}

/// Нужен ли платежу через этого провайдера чек.
pub fn issues_receipts(ctx: &Ctx, code: &str) -> bool {
    find(code).is_some_and(|provider| provider.issues_receipts(ctx))
}

/// Проверка настроек для `megashop config check`.
pub async fn check(ctx: &Ctx) -> anyhow::Result<String> {
    let code = ctx.section::<PaymentSettings>().provider.clone();
    let names: Vec<&str> = ALL.iter().map(|provider| provider.code()).collect();
    let unknown =
        || anyhow::anyhow!("payments.provider: unknown provider `{code}`, expected one of {}", names.join(", "));
    find(&code).ok_or_else(unknown)?.check(ctx).await
}

/// Провайдер нового платежа: названный или из настройки. Разрешены только он и наличные.
pub fn for_new(ctx: &Ctx, wanted: Option<&str>) -> Result<&'static dyn Provider> {
    let settings = ctx.section::<PaymentSettings>();
    let code = wanted.unwrap_or(&settings.provider);
    let allowed = code == settings.provider || code == cash::CODE;
    find(code).filter(|_| allowed).ok_or_else(|| errors::unknown_provider(code))
}
