//! Смена и сброс пароля.

use axum::Json;
use http::HeaderMap;
use kernel::http::{NoContent, Valid};
use kernel::{Actor, Ctx, Error, Result, Work};

use super::auth::session_out;
use crate::contacts::{Contact, Email};
use crate::models::{Purpose, user};
use crate::passwords::Verdict;
use crate::schemas::*;
use crate::services::{self, Client};
use crate::settings::AuthSettings;
use crate::{errors, hashing, queries};

/// Сменить свой пароль. Все входы заканчиваются; в ответе — новый.
#[utoipa::path(put, path = "/users/me/password", request_body = PasswordIn, responses((status = 200, body = SessionOut)))]
pub async fn change_password(
    ctx: Ctx,
    actor: Actor,
    headers: HeaderMap,
    Valid(input): Valid<PasswordIn>,
) -> Result<Json<SessionOut>> {
    let client = Client::of(&ctx, &headers);
    let user = queries::user_by_id(ctx.db_fresh(), actor.require_user()?).await?.ok_or_else(Error::unauthorized)?;
    let contacts = contacts_of(&user);
    check_password("new_password", &input.new_password, ctx.section::<AuthSettings>().password_min_length, &contacts)?;
    check_current(&ctx, &actor, &client, &user, input.current_password.as_deref()).await?;
    let hash = hashing::hash(&ctx, &input.new_password).await?;
    let user_id = user.id;
    let opened = ctx
        .atomic(&actor, async move |work: &mut Work| {
            let user = services::set_password(work, user_id, &hash).await?;
            services::open_session(work, user, &client, "password").await
        })
        .await?;
    Ok(Json(session_out(&ctx, opened)))
}

/// Нынешний пароль, если он есть; попытки считаются вместе с попытками входа.
async fn check_current(
    ctx: &Ctx,
    actor: &Actor,
    client: &Client,
    user: &user::Model,
    current: Option<&str>,
) -> Result<()> {
    let (Some(stored), Some(contact)) = (&user.password_hash, contacts_of(user).into_iter().next()) else {
        return Ok(());
    };
    let current = current.ok_or_else(|| Error::invalid("current_password", "required"))?;
    let (claimed, back) = ((contact.clone(), client.clone()), (contact, client.clone()));
    ctx.atomic(actor, async move |work: &mut Work| services::claim_login(work, &claimed.0, &claimed.1).await).await?;
    if hashing::verify(current, Some(stored)).await? == Verdict::Wrong {
        return Err(Error::refused("accounts.wrong_password"));
    }
    ctx.atomic(actor, async move |work: &mut Work| services::forgive_login(work, &back.0, &back.1).await).await
}

fn contacts_of(user: &user::Model) -> Vec<Contact> {
    let email = user.email.as_deref().and_then(Email::parse);
    user.phone.clone().map(Contact::Phone).into_iter().chain(email.map(Contact::Email)).collect()
}

/// Забыт пароль: послать ссылку на почту или код на телефон.
///
/// Ответ и время одинаковы, известен человек или нет.
#[utoipa::path(post, path = "/auth/password/reset", request_body = ContactIn, responses((status = 200, body = SentCodeOut)))]
pub async fn reset_password(ctx: Ctx, headers: HeaderMap, Valid(input): Valid<ContactIn>) -> Result<Json<SentCodeOut>> {
    let client = Client::of(&ctx, &headers);
    let contact = input.contact()?;
    let sent = ctx
        .atomic(&Actor::Anonymous, async move |work: &mut Work| {
            services::send_code(work, &contact, Purpose::Reset, None, &client).await
        })
        .await?;
    Ok(Json(sent.into()))
}

/// Задать новый пароль по токену из письма или по коду из СМС. Все входы заканчиваются.
#[utoipa::path(post, path = "/auth/password/reset/confirm", request_body = ResetConfirmIn, responses((status = 204)))]
pub async fn confirm_reset(ctx: Ctx, Valid(input): Valid<ResetConfirmIn>) -> Result<NoContent> {
    let phone = input.phone.as_deref().map(phone_of).transpose()?.map(Contact::Phone);
    let own: Vec<Contact> = phone.clone().into_iter().collect();
    check_password("password", &input.password, ctx.section::<AuthSettings>().password_min_length, &own)?;
    let password = input.password.clone();
    let contact = take_proof(&ctx, input, phone).await?.ok_or_else(errors::wrong_code)?;
    let hash = hashing::hash(&ctx, &password).await?;
    ctx.atomic(&Actor::Anonymous, async move |work: &mut Work| {
        let found = queries::user_by_contact(work.db(), &contact).await?;
        let user = found.filter(|user| services::may_reset(user, &contact)).ok_or_else(errors::wrong_code)?;
        let user = services::prove(work, user, &contact).await?;
        services::set_password(work, user.id, &hash).await
    })
    .await?;
    Ok(NoContent)
}

/// Принимает токен или код (однажды) и говорит, что ими доказано.
async fn take_proof(ctx: &Ctx, input: ResetConfirmIn, phone: Option<Contact>) -> Result<Option<Contact>> {
    match (input.token, phone, input.code) {
        (Some(token), _, _) => {
            let taken = ctx.atomic(&Actor::Anonymous, async move |work: &mut Work| {
                services::take_link(work, &token, Purpose::Reset).await
            });
            Ok(taken.await?.and_then(|row| Contact::parse(&row.target)))
        }
        (None, Some(phone), Some(code)) => {
            let taken = ctx.atomic(&Actor::Anonymous, async move |work: &mut Work| {
                let is_right = services::take_code(work, &phone, Purpose::Reset, None, &code).await?;
                Ok(is_right.then(|| phone.clone()))
            });
            taken.await
        }
        _ => Err(Error::invalid("token", "required")),
    }
}
