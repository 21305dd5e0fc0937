//! Одноразовые коды и ссылки: послать и принять.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{QueryOrder, Set};

use super::throttle::{claim, fingerprint};
use crate::codes::{digits_match, read_link};
use crate::contacts::Contact;
use crate::events::CodeRequested;
use crate::models::one_time_code::{self, MAX_ATTEMPTS};
use crate::models::{OneTimeCode, Purpose};
use crate::phones;
use crate::security::Security;
use crate::services::Client;
use crate::settings::AuthSettings;

/// Что сообщают попросившему код; одинаково для известных и неизвестных.
#[derive(Clone, Copy, Debug)]
pub struct SentCode {
    pub expires_at: DateTime<Utc>,
    /// Через сколько секунд можно просить снова.
    pub resend_after: i64,
}

const TOO_MANY: &str = "accounts.too_many_codes";

/// Ставит отправку кода. Кто владелец и есть ли он, решает задача отправки: запрос не отличает известных от неизвестных
/// ни ответом, ни временем. `user_id` — если дело о готовой учётной записи.
pub async fn send_code(
    work: &mut Work,
    contact: &Contact,
    purpose: Purpose,
    user_id: Option<i64>,
    client: &Client,
) -> Result<SentCode> {
    let settings = work.ctx().section::<AuthSettings>();
    if let Contact::Phone(phone) = contact
        && !phones::takes_sms(phone)
    {
        return Err(Error::invalid("phone", "accounts.no_sms"));
    }
    claim_sending(work, contact, client).await?;
    let ttl = match (purpose, contact) {
        (Purpose::Reset, Contact::Email(_)) => settings.reset_ttl(), // в письме — ссылка, её не подобрать
        _ => settings.code_ttl(),
    };
    let id = insert_code(work, contact.key(), purpose, user_id, &client.network(), ttl).await?;
    work.emit(&CodeRequested { code_id: id, lang: work.ctx().lang().code().to_owned() }).await?;
    Ok(SentCode { expires_at: work.now() + ttl, resend_after: settings.code_resend })
}

pub(super) async fn insert_code(
    work: &Work,
    target: &str,
    purpose: Purpose,
    user_id: Option<i64>,
    network: &str,
    ttl: TimeDelta,
) -> Result<Uuid> {
    let id = work.ctx().random().uuid(work.now());
    let row = one_time_code::ActiveModel {
        id: Set(id),
        purpose: Set(purpose),
        target: Set(target.to_owned()),
        user_id: Set(user_id),
        network: Set(network.to_owned()),
        attempts: Set(0),
        expires_at: Set((work.now() + ttl).naive_utc()),
        used_at: Set(None),
        created_at: Set(work.timestamp()),
    };
    OneTimeCode::insert(row).exec_without_returning(work.db()).await?;
    Ok(id)
}

/// Пределы: раз в минуту, в час и в сутки на адресата; в час на сеть; СМС — ещё и на весь магазин в сутки.
async fn claim_sending(work: &Work, contact: &Contact, client: &Client) -> Result<()> {
    let settings = work.ctx().section::<AuthSettings>();
    let resend = TimeDelta::seconds(settings.code_resend);
    let bucket = format!("code:{}", fingerprint(contact.key()));
    // Строка счётчика заодно выстраивает просьбы об одном адресате в очередь, поэтому подсчёт ниже точен.
    claim(work, &bucket, 1, resend, TOO_MANY).await?;
    refuse_over(work, contact, TimeDelta::hours(1), settings.codes_per_hour).await?;
    refuse_over(work, contact, TimeDelta::days(1), settings.codes_per_day).await?;
    let network = format!("code-net:{}", client.network());
    claim(work, &network, settings.codes_per_network_hour, TimeDelta::hours(1), TOO_MANY).await?;
    if let Contact::Phone(_) = contact {
        claim(work, "sms-all", settings.sms_per_day, TimeDelta::days(1), "accounts.sms_budget_spent").await?;
    }
    Ok(())
}

/// 429, если за последнее время `span` адресату уже послали `limit` кодов.
async fn refuse_over(work: &Work, contact: &Contact, span: TimeDelta, limit: u64) -> Result<()> {
    let since = (work.now() - span).naive_utc();
    let sent = OneTimeCode::find()
        .filter(one_time_code::Column::Target.eq(contact.key()))
        .filter(one_time_code::Column::CreatedAt.gt(since))
        .order_by_asc(one_time_code::Column::CreatedAt)
        .all(work.db())
        .await?;
    if (sent.len() as u64) < limit {
        return Ok(());
    }
    // Место освободится, когда самая старая из последних `limit` просьб выйдет из окна.
    let oldest = sent.get(sent.len() - limit as usize).map_or(since, |row| row.created_at);
    let left = (oldest + span - work.timestamp()).num_seconds() + 1;
    Err(Error::too_many(TOO_MANY, u64::try_from(left).unwrap_or(1)))
}

/// Принимает код: `true` ровно один раз. Попытка занимается до сверки и остаётся занятой, поэтому вызывающий обязан
/// зафиксировать транзакцию и при `false`.
pub async fn take_code(
    work: &Work,
    contact: &Contact,
    purpose: Purpose,
    user_id: Option<i64>,
    given: &str,
) -> Result<bool> {
    let owner = match user_id {
        Some(id) => one_time_code::Column::UserId.eq(id),
        None => one_time_code::Column::UserId.is_null(),
    };
    let latest = OneTimeCode::find()
        .filter(one_time_code::Column::Target.eq(contact.key()))
        .filter(one_time_code::Column::Purpose.eq(purpose))
        .filter(owner)
        .order_by_desc(one_time_code::Column::CreatedAt)
        .one(work.db())
        .await?;
    let Some(code) = latest else {
        return Ok(false);
    };
    let key = &Security::of(work.ctx()).code_key;
    Ok(claim_attempt(work, code.id).await? && digits_match(key, code.id, given) && use_up(work, code.id).await?)
}

/// Принимает токен из ссылки; возвращает строку ровно один раз.
pub async fn take_link(work: &Work, token: &str, purpose: Purpose) -> Result<Option<one_time_code::Model>> {
    let Some(id) = read_link(&Security::of(work.ctx()).code_key, token) else {
        return Ok(None);
    };
    let found = OneTimeCode::find_by_id(id).filter(one_time_code::Column::Purpose.eq(purpose)).one(work.db()).await?;
    match found {
        Some(row) if use_up(work, id).await? => Ok(Some(row)),
        _ => Ok(None),
    }
}

async fn claim_attempt(work: &Work, id: Uuid) -> Result<bool> {
    let claimed = OneTimeCode::update_many()
        .col_expr(one_time_code::Column::Attempts, Expr::col(one_time_code::Column::Attempts).add(1))
        .filter(one_time_code::Column::Id.eq(id))
        .filter(one_time_code::Column::Attempts.lt(MAX_ATTEMPTS))
        .filter(one_time_code::Column::UsedAt.is_null())
        .filter(one_time_code::Column::ExpiresAt.gt(work.timestamp()))
        .exec(work.db())
        .await?;
    Ok(claimed.rows_affected == 1)
}

async fn use_up(work: &Work, id: Uuid) -> Result<bool> {
    let used = OneTimeCode::update_many()
        .col_expr(one_time_code::Column::UsedAt, Expr::value(work.timestamp()))
        .filter(one_time_code::Column::Id.eq(id))
        .filter(one_time_code::Column::UsedAt.is_null())
        .filter(one_time_code::Column::ExpiresAt.gt(work.timestamp()))
        .exec(work.db())
        .await?;
    Ok(used.rows_affected == 1)
}
