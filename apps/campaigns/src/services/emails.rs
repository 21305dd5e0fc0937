//! Почта сеанса: человек по ней и письмо с кодом.

use accounts::contacts::{Contact, Email};
use accounts::models::user;
use accounts::services::{NewUser, throttle};
use chrono::TimeDelta;
use kernel::{Error, OrNotFound, Result, Work};
use notifications::{Channel, Message};
use promos::models::{PromoCode, promo_code};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{Condition, QuerySelect};
use serde_json::json;

use super::codes::issue_if_complete;
use super::log::note;
use super::progress::refresh_score;
use crate::errors;
use crate::models::view_event::{EMAIL_SUBMITTED, PROMO_SENT};
use crate::models::*;
use crate::queries::{campaign_by_id, code_of_session, held_uses, locked_session};
use crate::schemas::{Reward, UserEmailOut};
use crate::settings::CampaignSettings;

/// Писем об одном коде, на все почты вместе: чужие ящики нашими письмами не забьёшь.
const MAX_LETTERS: i32 = 5;
/// Привязок почты к одному сеансу в час.
const MAX_EMAILS: i32 = 20;

/// Привязывает почту: находит или заводит человека (без пароля), пересчитывает его очки и, если набор собран, ставит письмо с кодом.
pub async fn attach_email(work: &mut Work, session_id: Uuid, email: &Email) -> Result<UserEmailOut> {
    let session = locked_session(work.db(), session_id).await?;
    let bucket = format!("ar-emails:{session_id}");
    throttle::claim(work, &bucket, MAX_EMAILS, TimeDelta::hours(1), errors::TOO_MANY_EMAILS).await?;
    let user = owner_of(work, email).await?;
    Session::update_many()
        .col_expr(session::Column::UserId, Expr::value(user.id))
        .col_expr(session::Column::PendingEmail, Expr::value(email.text.as_str()))
        .col_expr(session::Column::LastSeen, Expr::value(work.timestamp()))
        .filter(session::Column::Id.eq(session.id))
        .exec(work.db())
        .await?;
    let session = session::Model { user_id: Some(user.id), pending_email: Some(email.text.clone()), ..session };
    let total_score = refresh_score(work, user.id).await?;
    // Почты в журнале нет: он переживает стирание человека.
    note(work, &session, EMAIL_SUBMITTED, json!({"user_id": user.public_id})).await?;
    let code = match code_of_session(work.db(), session.id).await? {
        Some(code) => Some(code),
        None => issue_if_complete(work, &session).await?,
    };
    if let Some(code) = code {
        send_code(work, &code, user.id, email).await?;
    }
    Ok(UserEmailOut { session_id, user_id: user.public_id, email: email.text.clone(), user_total_score: total_score })
}

/// Человек с этой почтой; нет его — заводится, почта остаётся недоказанной.
async fn owner_of(work: &mut Work, email: &Email) -> Result<user::Model> {
    let contact = Contact::Email(email.clone());
    if let Some(user) = accounts::queries::user_by_contact(work.db(), &contact).await? {
        return Ok(user);
    }
    let registered = accounts::services::register(work, NewUser::with_contacts(&[contact])).await;
    // Двое с одной новой почтой разом: второй повторит и найдёт заведённого первым.
    registered.map_err(|error| match error.code {
        "accounts.email_taken" => Error::unavailable("database.busy", 1),
        _ => error,
    })
}

/// Записывает коду владельца и ставит письмо: на ту же почту — не чаще окна, занятому заказом или отозванному коду — незачем.
async fn send_code(work: &mut Work, code: &code::Model, user_id: i64, email: &Email) -> Result<()> {
    let now = work.timestamp();
    let window = work.ctx().section::<CampaignSettings>().resend_window();
    let promo = promo_of(work, code).await?;
    let is_used = !held_uses(work.db(), &[code.promo_id]).await?.is_empty();
    let is_due = Condition::any()
        .add(code::Column::LetterAt.is_null())
        .add(code::Column::LetterAt.lte(now - window))
        .add(code::Column::UserId.is_null())
        .add(code::Column::UserId.ne(user_id));
    let counted = Code::update_many()
        .col_expr(code::Column::Letters, Expr::col(code::Column::Letters).add(1))
        .col_expr(code::Column::LetterAt, Expr::value(now))
        .filter(code::Column::Id.eq(code.id))
        .filter(code::Column::Letters.lt(MAX_LETTERS))
        .filter(is_due);
    let is_sending = promo.is_active && !is_used && counted.exec(work.db()).await?.rows_affected == 1;
    Code::update_many()
        .col_expr(code::Column::UserId, Expr::value(user_id))
        .col_expr(code::Column::Email, Expr::value(email.text.as_str()))
        .filter(code::Column::Id.eq(code.id))
        .exec(work.db())
        .await?;
    if is_sending { queue_letter(work, code, email).await } else { Ok(()) }
}

/// Ещё одно письмо с тем же кодом, по просьбе сотрудника: пределов нет, но занятый заказом код не шлют.
pub async fn resend_code(work: &mut Work, code_id: i64) -> Result<()> {
    let code = Code::find_by_id(code_id).lock_exclusive().one(work.db()).await?.or_not_found(errors::CODE_NOT_FOUND)?;
    let email = code.email.as_deref().and_then(Email::parse).ok_or_else(errors::no_email)?;
    if !unused_promo_of(work, &code).await?.is_active {
        return Err(errors::code_revoked());
    }
    Code::update_many()
        .col_expr(code::Column::Letters, Expr::col(code::Column::Letters).add(1))
        .col_expr(code::Column::LetterAt, Expr::value(work.timestamp()))
        .filter(code::Column::Id.eq(code.id))
        .exec(work.db())
        .await?;
    queue_letter(work, &code, &email).await
}

/// Отзывает код: магазин его больше не примет. Занятый заказом не отозвать — скидка уже дана.
pub async fn revoke_code(work: &mut Work, code_id: i64) -> Result<()> {
    let code = Code::find_by_id(code_id).lock_exclusive().one(work.db()).await?.or_not_found(errors::CODE_NOT_FOUND)?;
    unused_promo_of(work, &code).await?;
    promos::services::switch_off(work, code.promo_id).await
}

/// Промокод за кодом. Под замком: использование и отзыв меняют ту же строку.
async fn promo_of(work: &Work, code: &code::Model) -> Result<promo_code::Model> {
    PromoCode::find_by_id(code.promo_id).lock_exclusive().one(work.db()).await?.or_not_found(errors::CODE_NOT_FOUND)
}

/// То же, пока код не занят заказом.
async fn unused_promo_of(work: &Work, code: &code::Model) -> Result<promo_code::Model> {
    let promo = promo_of(work, code).await?;
    if !held_uses(work.db(), &[code.promo_id]).await?.is_empty() {
        return Err(errors::code_used());
    }
    Ok(promo)
}

async fn queue_letter(work: &mut Work, code: &code::Model, email: &Email) -> Result<()> {
    let campaign = campaign_by_id(work.db(), code.campaign_id).await?;
    let reward: Reward = serde_json::from_str(&campaign.reward)?;
    let promo = promos::queries::by_id(work.db(), code.promo_id).await?;
    let until = promo.and_then(|promo| promo.valid_until).map(|at| (at + work.ctx().shop_offset()).format("%d.%m.%Y"));
    let site = work.ctx().settings().kernel.server.public_url.trim_end_matches('/').to_owned();
    let message = Message {
        channel: Channel::Email,
        to: email.text.clone(),
        template: "campaigns.letters.promo_code".to_owned(),
        lang: work.ctx().lang(),
        data: json!({
            "code": code.code,
            "campaign": campaign.title,
            "percent": reward.discount_percent.filter(|percent| !percent.is_zero()),
            "amount": reward.discount_amount.filter(|amount| !amount.is_zero()),
            "min_sum": reward.min_sum.filter(|sum| !sum.is_zero()),
            "until": until.map(|day| day.to_string()),
            "link": format!("{site}/"),
        }),
        secret: false,
    };
    notifications::services::send_about(work, &message, &code.subject()).await
}

/// Письмо с кодом ушло.
pub async fn mark_sent(work: &mut Work, code_id: i64) -> Result<()> {
    let Some(code) = Code::find_by_id(code_id).lock_exclusive().one(work.db()).await? else { return Ok(()) };
    Code::update_many()
        .col_expr(code::Column::SentAt, Expr::value(work.timestamp()))
        .filter(code::Column::Id.eq(code_id))
        .exec(work.db())
        .await?;
    let session = crate::queries::session_by_id(work.db(), code.session_id).await?;
    note(work, &session, PROMO_SENT, json!({"code": code.code})).await
}
