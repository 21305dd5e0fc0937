//! Платёж: записанное намерение получить деньги за предмет, о котором мы ничего не знаем.

use kernel::{Ctx, Money, Result, Subject, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::providers;
use crate::receipts::{Receipt, ReceiptLine};
use crate::settings::PaymentSettings;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Имя платежа снаружи: в ответах, в адресе страницы оплаты, в метаданных у провайдера.
    pub public_id: Uuid,
    pub subject_kind: String,
    pub subject_id: String,
    /// Как предмет зовут люди: номер заказа.
    pub subject_number: Option<String>,
    /// Предмет, пока платёж открыт: UNIQUE не даст завести второй открытый и взять деньги дважды.
    pub open_subject: Option<String>,
    pub user_id: Option<i64>,
    pub provider: String,
    /// Имя платежа у провайдера; появляется после регистрации.
    pub provider_payment_id: Option<String>,
    /// Ключ от повторов; записан до первого обращения к провайдеру и не меняется.
    pub idempotence_key: String,
    pub status: Status,
    /// Код причины отмены, отказа или внимания.
    pub reason: Option<String>,
    pub amount: Money,
    pub captured: Money,
    /// Возвращено и обещано к возврату.
    pub refunded: Money,
    /// ISO 4217.
    pub currency: String,
    pub description: String,
    /// Куда провайдер вернёт покупателя.
    pub return_url: String,
    /// Страница оплаты у провайдера, если она у него своя.
    pub confirmation_url: Option<String>,
    /// Начали регистрировать: провайдер мог узнать о платеже, даже если ответа мы не увидели.
    pub register_attempted_at: Option<Timestamp>,
    pub capture_requested_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    /// Когда сверка перечитает платёж у провайдера; NULL — больше незачем.
    pub next_check_at: Option<Timestamp>,
    pub checks: i32,
    /// Когда последний раз перечитывали по просьбе покупателя.
    pub synced_at: Option<Timestamp>,
    /// `Vec<ReceiptLine>` в JSON; `None` — чеков провайдер не выдаёт.
    pub receipt_lines: Option<String>,
    /// Куда слать чек.
    pub customer_email: Option<String>,
    pub customer_phone: Option<String>,
    pub paid_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn subject(&self) -> Subject {
        Subject { kind: self.subject_kind.clone(), id: self.subject_id.clone() }
    }

    /// За что платёж, словами его предмета: `order_id`, `order_number`.
    pub fn metadata(&self) -> Vec<(String, String)> {
        let model = self.subject_kind.rsplit('.').next().unwrap_or_default();
        let number = self.subject_number.clone().map(|number| (format!("{model}_number"), number));
        [(format!("{model}_id"), self.subject_id.clone())].into_iter().chain(number).collect()
    }

    /// Куда послать покупателя платить; `None` — платят не в интернете.
    pub fn pay_url(&self, ctx: &Ctx) -> Option<String> {
        pay_url(ctx, &self.provider, self.public_id)
    }

    /// Сколько ещё можно вернуть.
    pub fn refundable(&self) -> Money {
        self.captured - self.refunded
    }

    /// Чек платежа; `None` — чеков провайдер не выдаёт.
    pub fn receipt(&self) -> Result<Option<Receipt>> {
        let Some(lines) = &self.receipt_lines else { return Ok(None) };
        Ok(Some(self.receipt_of(serde_json::from_str(lines)?)))
    }

    /// Другой чек тому же покупателю: возврата или передачи товара.
    pub fn receipt_of(&self, lines: Vec<ReceiptLine>) -> Receipt {
        Receipt { email: self.customer_email.clone(), phone: self.customer_phone.clone(), lines }
    }
}

/// Страница оплаты платежа у этого провайдера.
pub fn pay_url(ctx: &Ctx, provider: &str, public_id: Uuid) -> Option<String> {
    providers::online(provider)?;
    let site = ctx.settings().kernel.server.public_url.trim_end_matches('/');
    let page = ctx.section::<PaymentSettings>().page.replace("{id}", &public_id.to_string());
    Some(format!("{site}{page}"))
}

/// Ключ столбца `open_subject`.
pub fn open_key(subject: &Subject) -> String {
    format!("{}:{}", subject.kind, subject.id)
}

/// Состояние платежа.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentStatus)]
pub enum Status {
    /// Ждём покупателя.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// Деньги удержаны, но не списаны.
    #[sea_orm(string_value = "waiting_for_capture")]
    WaitingForCapture,
    /// Деньги у нас.
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
    /// Провайдер не принял платёж.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// У провайдера не то, что у нас: решает человек.
    #[sea_orm(string_value = "attention")]
    Attention,
}

/// Все законные переходы. Отменённый у нас может оказаться оплаченным: провайдер знает лучше.
const TRANSITIONS: &[(Status, Status)] = &[
    (Status::Pending, Status::WaitingForCapture),
    (Status::Pending, Status::Succeeded),
    (Status::Pending, Status::Cancelled),
    (Status::Pending, Status::Failed),
    (Status::Pending, Status::Attention),
    (Status::WaitingForCapture, Status::Succeeded),
    (Status::WaitingForCapture, Status::Cancelled),
    (Status::WaitingForCapture, Status::Attention),
    (Status::Cancelled, Status::Succeeded),
    (Status::Cancelled, Status::Attention),
    (Status::Failed, Status::Succeeded),
    (Status::Failed, Status::Attention),
    (Status::Attention, Status::Succeeded),
    (Status::Attention, Status::Cancelled),
];

impl Status {
    /// Можно ли перейти.
    pub fn can_become(self, next: Status) -> bool {
        TRANSITIONS.contains(&(self, next))
    }

    /// Из каких состояний можно попасть в это.
    pub fn sources(self) -> Vec<Status> {
        TRANSITIONS.iter().filter(|(_, to)| *to == self).map(|(from, _)| *from).collect()
    }

    /// Покупатель ещё может заплатить или деньги удержаны.
    pub fn is_open(self) -> bool {
        matches!(self, Status::Pending | Status::WaitingForCapture)
    }
}
