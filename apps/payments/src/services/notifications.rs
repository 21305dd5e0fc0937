//! Уведомления провайдера. Они лишь зовут перечитать платёж, поэтому подделка, повтор и путаница порядка безвредны.

use chrono::TimeDelta;
use kernel::{Actor, Ctx, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{NotSet, Set};

use super::sync::sync;
use crate::errors;
use crate::jobs::ProcessNotification;
use crate::models::{Notification, notification};
use crate::providers::{self, Notice, RawNotification};
use crate::queries;

/// Сколько суток помнить принятое: провайдеры повторяют сутки.
const KEEP_DAYS: i64 = 30;

/// Что стало с уведомлением.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Записано, задача поставлена.
    Accepted,
    /// Такое уже было.
    Repeated,
    /// Не о нашем платеже: ничего не записано.
    Unknown,
    /// Тело не читается.
    Unreadable(String),
    /// Прислал не провайдер.
    Forged,
}

/// Принимает уведомление. Отвечает быстро: пишет номер события и ставит задачу; с провайдером здесь не говорят.
pub async fn receive_notification(ctx: &Ctx, provider: &str, raw: &RawNotification) -> Result<Received> {
    let Some(provider) = providers::find(provider) else { return Ok(Received::Unreadable("unknown provider".into())) };
    let notice = match provider.read_notification(raw).and_then(check_names) {
        Ok(notice) => notice,
        Err(why) => return Ok(Received::Unreadable(why)),
    };
    let payment = queries::by_provider_payment(ctx.db_fresh(), provider.code(), &notice.provider_payment_id).await?;
    let Some(payment) = payment else { return Ok(Received::Unknown) };
    if !provider.is_authentic(ctx, raw) {
        tracing::warn!(payment.id = payment.id, provider = provider.code(), "forged payment notification");
        return Ok(Received::Forged);
    }
    // Близнецы не пишут: сотня повторов не займёт единственного писателя.
    if find(ctx.db_fresh(), provider.code(), &notice.event_id).await?.is_some() {
        return Ok(Received::Repeated);
    }
    let (code, event_id, payment_id) = (provider.code().to_owned(), notice.event_id, payment.id);
    let keep = async move |work: &mut Work| store(work, &code, &event_id, payment_id).await;
    match ctx.atomic(&Actor::System("webhook"), keep).await {
        Ok(()) => Ok(Received::Accepted),
        Err(error) if error.code == "database.unique" => Ok(Received::Repeated),
        Err(error) => Err(error),
    }
}

/// Чужой текст становится значением столбца: длина и знаки проверяются до базы.
fn check_names(notice: Notice) -> std::result::Result<Notice, String> {
    let is_fine =
        |text: &str, max: usize| (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if is_fine(&notice.event_id, 200) && is_fine(&notice.provider_payment_id, 100) {
        return Ok(notice);
    }
    Err("bad object id".into())
}

async fn find(db: &impl ConnectionTrait, provider: &str, event_id: &str) -> Result<Option<notification::Model>> {
    let same = Notification::find()
        .filter(notification::Column::Provider.eq(provider))
        .filter(notification::Column::EventId.eq(event_id));
    Ok(same.one(db).await?)
}

async fn store(work: &mut Work, provider: &str, event_id: &str, payment_id: i64) -> Result<()> {
    let row = notification::ActiveModel {
        id: NotSet,
        provider: Set(provider.to_owned()),
        event_id: Set(event_id.to_owned()),
        payment_id: Set(payment_id),
        processed_at: Set(None),
        created_at: Set(work.timestamp()),
    };
    let notification_id = Notification::insert(row).exec(work.db()).await?.last_insert_id;
    work.enqueue(&ProcessNotification { notification_id }).await
}

/// Перечитывает платёж, о котором уведомили.
pub(crate) async fn process_notification(ctx: &Ctx, notification_id: i64) -> Result<()> {
    let row = Notification::find_by_id(notification_id).one(ctx.db_fresh()).await?.or_not_found(errors::NOT_FOUND)?;
    if row.processed_at.is_some() {
        return Ok(());
    }
    sync(ctx, row.payment_id).await?;
    ctx.atomic(&Actor::System("payments"), async move |work: &mut Work| mark_processed(work, notification_id).await)
        .await
}

async fn mark_processed(work: &mut Work, notification_id: i64) -> Result<()> {
    Notification::update_many()
        .col_expr(notification::Column::ProcessedAt, Expr::value(work.timestamp()))
        .filter(notification::Column::Id.eq(notification_id))
        .exec(work.db())
        .await?;
    Ok(())
}

/// Забывает старое.
pub async fn purge_notifications(work: &mut Work) -> Result<u64> {
    let before = (work.now() - TimeDelta::days(KEEP_DAYS)).naive_utc();
    let old = Notification::delete_many().filter(notification::Column::CreatedAt.lt(before));
    Ok(old.exec(work.db()).await?.rows_affected)
}
