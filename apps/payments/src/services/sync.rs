//! Свести две стороны: узнать, что у провайдера, и сделать у него то, что решено у нас.
//!
//! Порядок всегда один: записать намерение → поговорить → записать итог. Оборвалось в любом месте — следующий вызов продолжит
//! с теми же ключами. Поэтому одна и та же функция служит странице оплаты, уведомлениям, задачам и сверке.

use std::time::Duration;

use chrono::TimeDelta;
use kernel::{Actor, Ctx, Error, Money, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};

use super::apply::{apply, raise_attention};
use super::cancel::cancel_open;
use super::states::{change_status, record};
use crate::errors;
use crate::events::PaymentFailed;
use crate::models::{Kind, Payment, Status, payment};
use crate::providers::{self, CreateRequest, Provider, ProviderError, Remote, RemoteStatus};
use crate::settings::PaymentSettings;

/// Чаще этого по просьбе покупателя провайдера не спрашивают.
const REFRESH_SECONDS: i64 = 2;

/// Сколько покупатель ждёт чужого ответа, прежде чем увидеть то, что знаем сами.
const PATIENCE: Duration = Duration::from_secs(5);

const ACTOR: Actor = Actor::System("payments");

/// Сводит стороны и возвращает платёж, каким он стал. Зовётся вне транзакции; 503, если провайдер молчит.
pub async fn sync(ctx: &Ctx, payment_id: i64) -> Result<payment::Model> {
    let payment = load(ctx, payment_id).await?;
    let Some(provider) = providers::online(&payment.provider) else { return Ok(payment) };
    let (payment, seen) = match &payment.provider_payment_id {
        Some(id) => match provider.status(ctx, id).await {
            Ok(seen) => (payment, seen),
            Err(ProviderError::Refused { code, message }) => {
                tracing::error!(payment.id = payment_id, code, message, "provider refuses to show the payment");
                return disown(ctx, payment, &code).await;
            }
            Err(unknown) => return Err(unknown.into()),
        },
        None => match register(ctx, provider, payment).await? {
            Registered::Seen(payment, seen) => (payment, seen),
            Registered::Nothing(payment) => return Ok(payment),
        },
    };
    let payment = commit(ctx, &payment, &seen).await?;
    let payment = expire(ctx, payment, &seen.status).await?;
    act(ctx, provider, payment, &seen.status).await
}

/// Заводит платёж, пока покупатель ждёт ссылки: о неполадках он узнает сразу, а не со страницы оплаты.
pub async fn open(ctx: &Ctx, payment_id: i64) -> Result<payment::Model> {
    let payment = load(ctx, payment_id).await?;
    let is_new = payment.status == Status::Pending && payment.provider_payment_id.is_none();
    let payment = if is_new { sync(ctx, payment_id).await? } else { payment };
    match payment.status {
        Status::Failed => Err(errors::provider_refused(ctx, payment.reason.as_deref())),
        _ => Ok(payment),
    }
}

/// Куда послать покупателя с нашей ссылки на оплату: на страницу провайдера, а если платить уже нечего — обратно в магазин.
pub async fn pay_page(ctx: &Ctx, payment_id: i64) -> Result<String> {
    let payment = match load(ctx, payment_id).await?.provider_payment_id {
        Some(_) => refresh(ctx, payment_id).await?,
        None => open(ctx, payment_id).await?,
    };
    let page = payment.confirmation_url.filter(|_| payment.status == Status::Pending);
    Ok(page.unwrap_or(payment.return_url))
}

/// То же по просьбе покупателя, который вернулся со страницы оплаты: не чаще раза в две секунды и без ошибки, если провайдер молчит.
pub async fn refresh(ctx: &Ctx, payment_id: i64) -> Result<payment::Model> {
    let turn = async move |work: &mut Work| take_turn(work, payment_id).await;
    if !ctx.atomic(&ACTOR, turn).await? {
        return load(ctx, payment_id).await;
    }
    match tokio::time::timeout(PATIENCE, sync(ctx, payment_id)).await {
        Ok(Ok(payment)) => Ok(payment),
        Ok(Err(error)) if !is_outage(&error) => Err(error),
        // Брошенное на полпути продолжит сверка.
        _ => load(ctx, payment_id).await,
    }
}

/// Заведённого нами платежа у провайдера нет (магазин перешёл на другие ключи): решает человек.
async fn disown(ctx: &Ctx, payment: payment::Model, code: &str) -> Result<payment::Model> {
    let (id, reason) = (payment.id, code.to_owned());
    let work = async move |work: &mut Work| raise_attention(work, &payment, &reason, Money::ZERO).await;
    ctx.atomic(&ACTOR, work).await?;
    load(ctx, id).await
}

/// `true` — давно не спрашивали, и платёж ещё открыт.
async fn take_turn(work: &mut Work, payment_id: i64) -> Result<bool> {
    let before = (work.now() - TimeDelta::seconds(REFRESH_SECONDS)).naive_utc();
    let is_stale = payment::Column::SyncedAt.is_null().or(payment::Column::SyncedAt.lte(before));
    let taken = Payment::update_many()
        .col_expr(payment::Column::SyncedAt, Expr::value(work.timestamp()))
        .filter(payment::Column::Id.eq(payment_id))
        .filter(payment::Column::Status.is_in([Status::Pending, Status::WaitingForCapture]))
        .filter(is_stale)
        .exec(work.db())
        .await?;
    Ok(taken.rows_affected == 1)
}

async fn load(ctx: &Ctx, payment_id: i64) -> Result<payment::Model> {
    Payment::find_by_id(payment_id).one(ctx.db_fresh()).await?.or_not_found(errors::NOT_FOUND)
}

/// Записывает прочитанное.
async fn commit(ctx: &Ctx, payment: &payment::Model, seen: &Remote) -> Result<payment::Model> {
    let (id, payment, seen) = (payment.id, payment.clone(), seen.clone());
    ctx.atomic(&ACTOR, async move |work: &mut Work| apply(work, &payment, &seen).await).await?;
    load(ctx, id).await
}

enum Registered {
    Seen(payment::Model, Remote),
    /// Провайдер о платеже не знает и знать не должен.
    Nothing(payment::Model),
}

/// Заводит платёж у провайдера.
async fn register(ctx: &Ctx, provider: &dyn Provider, payment: payment::Model) -> Result<Registered> {
    let id = payment.id;
    if !ctx.atomic(&ACTOR, async move |work: &mut Work| begin_registration(work, id).await).await? {
        return Ok(Registered::Nothing(load(ctx, id).await?));
    }
    match provider.create(ctx, &create_request(ctx, &payment)?).await {
        Ok(seen) => finish_registration(ctx, payment, seen).await,
        Err(ProviderError::Refused { code, message }) => {
            tracing::error!(payment.id = id, code, message, "provider refused the payment");
            let work = async move |work: &mut Work| fail(work, &payment, &code, &message).await;
            ctx.atomic(&ACTOR, work).await?;
            Ok(Registered::Nothing(load(ctx, id).await?))
        }
        Err(unknown) => Err(unknown.into()),
    }
}

/// Намерение: отметка попытки до разговора. `true` — говорить надо.
///
/// Отменённый, о котором провайдер мог узнать, заводится повторно с тем же ключом: так находится его имя, чтобы отменить и там.
async fn begin_registration(work: &mut Work, id: i64) -> Result<bool> {
    let started = Payment::update_many()
        .col_expr(payment::Column::RegisterAttemptedAt, Expr::value(work.timestamp()))
        .filter(payment::Column::Id.eq(id))
        .filter(payment::Column::Status.eq(Status::Pending))
        .exec(work.db())
        .await?;
    if started.rows_affected == 1 {
        return Ok(true);
    }
    let settled = Payment::update_many()
        .col_expr(payment::Column::NextCheckAt, Expr::value(Option::<kernel::Timestamp>::None))
        .filter(payment::Column::Id.eq(id))
        .filter(payment::Column::RegisterAttemptedAt.is_null())
        .exec(work.db())
        .await?;
    if settled.rows_affected == 1 {
        return Ok(false);
    }
    let now = Payment::find_by_id(id).one(work.db()).await?;
    Ok(now.is_some_and(|row| row.status == Status::Cancelled))
}

fn create_request(ctx: &Ctx, payment: &payment::Model) -> Result<CreateRequest> {
    Ok(CreateRequest {
        idempotence_key: payment.idempotence_key.clone(),
        reference: payment.public_id,
        amount: payment.amount,
        currency: payment.currency.clone(),
        description: payment.description.clone(),
        return_url: payment.return_url.clone(),
        two_stage: ctx.section::<PaymentSettings>().two_stage,
        metadata: payment.metadata(),
        receipt: payment.receipt()?,
        created_at: payment.created_at,
        expires_at: payment.expires_at,
    })
}

async fn finish_registration(ctx: &Ctx, payment: payment::Model, seen: Remote) -> Result<Registered> {
    let (id, remote) = (payment.id, seen.clone());
    let kept = ctx.atomic(&ACTOR, async move |work: &mut Work| keep_remote_id(work, id, &remote).await).await;
    match kept {
        Ok(()) => Ok(Registered::Seen(load(ctx, id).await?, seen)),
        // Провайдер назвал платёж, который у нас уже записан за другим предметом.
        Err(error) if error.code == "database.unique" => {
            let amount = seen.amount;
            let work = async move |work: &mut Work| raise_attention(work, &payment, "wrong_payment", amount).await;
            ctx.atomic(&ACTOR, work).await?;
            Ok(Registered::Nothing(load(ctx, id).await?))
        }
        Err(error) => Err(error),
    }
}

async fn keep_remote_id(work: &mut Work, id: i64, seen: &Remote) -> Result<()> {
    let kept = Payment::update_many()
        .col_expr(payment::Column::ProviderPaymentId, Expr::value(seen.id.as_str()))
        .col_expr(payment::Column::ConfirmationUrl, Expr::value(seen.confirmation_url.clone()))
        .col_expr(payment::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(payment::Column::Id.eq(id))
        .filter(payment::Column::ProviderPaymentId.is_null())
        .exec(work.db())
        .await?;
    if kept.rows_affected == 1 {
        record(work, id, Kind::Registered, None, &seen.id).await?;
    }
    Ok(())
}

async fn fail(work: &mut Work, payment: &payment::Model, code: &str, message: &str) -> Result<()> {
    if !change_status(work, payment.id, &Status::Failed.sources(), Status::Failed, Some(code)).await? {
        return Ok(());
    }
    record(work, payment.id, Kind::Failed, None, message).await?;
    work.emit(&PaymentFailed { payment_id: payment.id, subject: payment.subject(), reason: code.to_owned() }).await
}

/// Время вышло, а у провайдера всё ещё можно платить.
async fn expire(ctx: &Ctx, payment: payment::Model, seen: &RemoteStatus) -> Result<payment::Model> {
    let is_late = payment.expires_at.is_some_and(|at| at <= ctx.now().naive_utc());
    if payment.status != Status::Pending || *seen != RemoteStatus::Pending || !is_late {
        return Ok(payment);
    }
    let id = payment.id;
    ctx.atomic(&ACTOR, async move |work: &mut Work| cancel_open(work, &payment, "expired").await).await?;
    load(ctx, id).await
}

/// Делает у провайдера решённое у нас: отмену или списание.
async fn act(
    ctx: &Ctx,
    provider: &dyn Provider,
    payment: payment::Model,
    seen: &RemoteStatus,
) -> Result<payment::Model> {
    let Some(remote_id) = payment.provider_payment_id.as_deref() else { return Ok(payment) };
    let answer = match payment.status {
        Status::Cancelled if is_cancellable(provider, seen) => {
            provider.cancel(ctx, remote_id, &format!("{}:cancel", payment.idempotence_key)).await
        }
        Status::WaitingForCapture if payment.capture_requested_at.is_some() => {
            provider.capture(ctx, remote_id, &format!("{}:capture", payment.idempotence_key)).await
        }
        _ => return Ok(payment),
    };
    match answer {
        Ok(after) => commit(ctx, &payment, &after).await,
        // Не все системы отменяют неоплаченное: сверка дождётся, пока она отменит сама, или узнает об оплате.
        Err(ProviderError::Refused { code, .. }) => {
            tracing::info!(payment.id = payment.id, code, "provider will not do it now");
            Ok(payment)
        }
        Err(unknown) => Err(unknown.into()),
    }
}

/// Отказ отменить тоже запоминается вместе с ключом, поэтому зря не просим.
fn is_cancellable(provider: &dyn Provider, seen: &RemoteStatus) -> bool {
    seen.is_live() && (provider.cancels_pending() || *seen == RemoteStatus::WaitingForCapture)
}

/// Для задач: молчание провайдера — не ошибка, если сверка вернётся сама.
pub(crate) fn is_outage(error: &Error) -> bool {
    matches!(error.code, "payments.provider_unavailable" | "payments.provider_misconfigured")
}
