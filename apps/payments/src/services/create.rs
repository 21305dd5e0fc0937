//! Записать намерение получить деньги.

use chrono::TimeDelta;
use kernel::{Error, Money, OrNotFound, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{NotSet, Set};

use super::cancel::withdraw;
use super::parts;
use super::states::{clip, record};
use crate::jobs::RegisterPayment;
use crate::models::{Kind, Payment, Status, payment};
use crate::providers::{self, Provider};
use crate::receipts::Receipt;
use crate::settings::PaymentSettings;
use crate::{errors, queries};

/// Новый платёж.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// За что платят.
    pub subject: Subject,
    /// Как предмет зовут люди (номер заказа): уйдёт провайдеру рядом с `id`.
    pub subject_number: Option<String>,
    pub amount: Money,
    /// ISO 4217.
    pub currency: String,
    /// Что увидит покупатель у провайдера; до 128 знаков, лишнее отрежется.
    pub description: String,
    pub user_id: Option<i64>,
    /// `None` — провайдер из настройки.
    pub provider: Option<String>,
    /// Куда вернуть покупателя после оплаты.
    pub return_url: String,
    /// Строки в сумме — ровно `amount`. Нужен тем, кто выдаёт чеки (`providers::issues_receipts`), прочие его не хранят.
    pub receipt: Option<Receipt>,
    /// Чьи это деньги, если предметов несколько; в сумме — ровно `amount`. Пусто — всё за `subject`.
    pub parts: Vec<(Subject, Money)>,
}

/// Записывает намерение; с провайдером говорит задача `payments.register_payment` (или страница оплаты, если покупатель быстрее).
///
/// Открытый платёж у предмета один. Те же условия — вернётся он же; другие (заказ изменили) — старый отменяется, заводится новый.
pub async fn create(work: &mut Work, new: &NewPayment) -> Result<payment::Model> {
    let provider = check(work, new)?;
    if let Some(open) = queries::open_of(work.db(), &new.subject).await? {
        if is_same_deal(work, &open, new, provider).await? {
            return Ok(open);
        }
        if open.status == Status::Attention {
            return Err(errors::needs_attention());
        }
        withdraw(work, &open, "replaced").await?;
    }
    let key = work.ctx().random().uuid(work.now()).to_string();
    insert(work, new, provider, &key).await?;
    let payment = queries::open_of(work.db(), &new.subject).await?.or_not_found(errors::NOT_FOUND)?;
    if payment.idempotence_key != key {
        // Близнец успел раньше и уже зафиксирован.
        return if is_same_deal(work, &payment, new, provider).await? {
            Ok(payment)
        } else {
            Err(errors::already_open())
        };
    }
    parts::insert(work, payment.id, &new.parts).await?;
    record(work, payment.id, Kind::Created, Some(payment.amount), "").await?;
    if provider.is_online() {
        work.enqueue(&RegisterPayment { payment_id: payment.id }).await?;
    }
    Ok(payment)
}

/// То же для одного предмета, заведённого в этой же транзакции: открытых платежей у него быть не может, поэтому их и не ищут. Отдаёт
/// страницу оплаты; `None` — платят не в интернете.
///
/// Задачи нет: провайдер узнает о платеже, когда покупатель откроет страницу оплаты, а если не откроет — от сверки
/// (`next_check_at`). Строки истории о создании тоже нет: всё, что она сказала бы, хранит сам платёж (см. [`PaymentEventOut::created`]).
/// Вставка уходит перед фиксацией вместе с другими.
///
/// [`PaymentEventOut::created`]: crate::schemas::PaymentEventOut::created
pub async fn create_first(work: &mut Work, new: &NewPayment) -> Result<Option<String>> {
    let provider = check(work, new)?;
    let key = work.ctx().random().uuid(work.now()).to_string();
    let public_id = work.ctx().random().uuid(work.now());
    let row = payment::ActiveModel { public_id: Set(public_id), ..row_of(work, new, provider, &key)? };
    work.insert_later(vec![row]).await?;
    Ok(payment::pay_url(work.ctx(), provider.code(), public_id))
}

fn check(work: &Work, new: &NewPayment) -> Result<&'static dyn Provider> {
    if new.amount <= Money::ZERO || new.amount > Money::MAX {
        return Err(errors::bad_amount());
    }
    if let Some(receipt) = new.receipt.as_ref().filter(|receipt| receipt.sum() != new.amount) {
        let why = anyhow::anyhow!("receipt of {:?} sums up to {}, not {}", new.subject, receipt.sum(), new.amount);
        return Err(Error::internal(why));
    }
    if !new.parts.is_empty() && new.parts.iter().map(|(_, amount)| *amount).sum::<Money>() != new.amount {
        return Err(Error::internal(anyhow::anyhow!("parts of {:?} do not sum up to {}", new.subject, new.amount)));
    }
    providers::for_new(work.ctx(), new.provider.as_deref())
}

/// Чек, если этот провайдер их выдаёт.
fn receipt_for<'a>(work: &Work, new: &'a NewPayment, provider: &dyn Provider) -> Option<&'a Receipt> {
    new.receipt.as_ref().filter(|_| provider.issues_receipts(work.ctx()))
}

/// Те же условия: сумма, провайдер, доли, строки чека и кому он уйдёт.
async fn is_same_deal(work: &Work, open: &payment::Model, new: &NewPayment, provider: &dyn Provider) -> Result<bool> {
    let same_money = open.amount == new.amount && open.currency == new.currency;
    let is_same = open.status.is_open() && same_money && open.provider == provider.code();
    if !is_same || open.receipt()?.as_ref() != receipt_for(work, new, provider) {
        return Ok(false);
    }
    let parts = queries::parts_of(work.db(), open.id).await?;
    let parts: Vec<(Subject, Money)> = parts.iter().map(|part| (part.subject(), part.amount)).collect();
    Ok(parts == new.parts)
}

fn row_of(work: &Work, new: &NewPayment, provider: &dyn Provider, key: &str) -> Result<payment::ActiveModel> {
    let settings = work.ctx().section::<PaymentSettings>();
    let receipt = receipt_for(work, new, provider);
    let after = |minutes: i64| provider.is_online().then(|| (work.now() + TimeDelta::minutes(minutes)).naive_utc());
    Ok(payment::ActiveModel {
        id: NotSet,
        public_id: Set(work.ctx().random().uuid(work.now())),
        subject_kind: Set(new.subject.kind.clone()),
        subject_id: Set(new.subject.id.clone()),
        subject_number: Set(new.subject_number.as_deref().map(|number| clip(number, 60))),
        open_subject: Set(Some(payment::open_key(&new.subject))),
        user_id: Set(new.user_id),
        provider: Set(provider.code().to_owned()),
        provider_payment_id: Set(None),
        idempotence_key: Set(key.to_owned()),
        status: Set(Status::Pending),
        reason: Set(None),
        amount: Set(new.amount),
        captured: Set(Money::ZERO),
        refunded: Set(Money::ZERO),
        currency: Set(new.currency.clone()),
        description: Set(clip(&new.description, 128)),
        return_url: Set(new.return_url.clone()),
        confirmation_url: Set(None),
        register_attempted_at: Set(None),
        capture_requested_at: Set(None),
        expires_at: Set(after(settings.pending_ttl_minutes)),
        next_check_at: Set(after(settings.check_after_minutes)),
        checks: Set(0),
        synced_at: Set(None),
        receipt_lines: Set(receipt.map(|receipt| serde_json::to_string(&receipt.lines)).transpose()?),
        customer_email: Set(receipt.and_then(|receipt| receipt.email.clone())),
        customer_phone: Set(receipt.and_then(|receipt| receipt.phone.clone())),
        paid_at: Set(None),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
    })
}

async fn insert(work: &Work, new: &NewPayment, provider: &dyn Provider, key: &str) -> Result<()> {
    Payment::insert(row_of(work, new, provider, key)?)
        .on_conflict_do_nothing_on([payment::Column::OpenSubject])
        .exec_without_returning(work.db())
        .await?;
    Ok(())
}
