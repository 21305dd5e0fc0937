//! Вход в админку: те же двери и пределы попыток, что у API, в два шага, если у человека есть второй фактор.

use std::collections::HashMap;

use admin::{Entry, Pass, People};
use axum::Json;
use chrono::TimeDelta;
use http::HeaderMap;
use kernel::http::{Valid, check_value};
use kernel::{Actor, Ctx, Error, Result, Work};
use sea_orm::entity::prelude::*;

use super::second_factor::URL;
use super::users::name;
use crate::models::{User, user};
use crate::schemas::{LoginIn, contact_of};
use crate::security::lacks_second_factor;
use crate::services::{self, Client, second_factor};
use crate::settings::AuthSettings;
use crate::tokens::AccessTokens;
use crate::{errors, queries};

/// Сколько человек ищет код.
const TICKET_TTL: TimeDelta = TimeDelta::minutes(5);

/// Кто входит в админку и как его зовут.
pub fn people() -> People {
    People {
        log_in: |ctx, headers, login, password| Box::pin(log_in(ctx, headers, login, password)),
        confirm: |ctx, headers, ticket, code| Box::pin(confirm(ctx, headers, ticket, code)),
        log_out: |ctx, actor| Box::pin(log_out(ctx, actor)),
        names: |ctx, ids| Box::pin(names(ctx, ids)),
    }
}

async fn log_in(ctx: &Ctx, headers: HeaderMap, login: String, password: String) -> Result<Entry> {
    let input = LoginIn { phone: None, email: None, login: Some(login.clone()), password, code: None };
    check_value(&input)?;
    match crate::api::log_in(ctx.clone(), headers, Valid(input)).await {
        Ok(Json(session)) => {
            let user = queries::user_by_public_id(ctx.db_fresh(), session.user.id).await?;
            let user = user.ok_or_else(errors::wrong_credentials)?;
            Ok(Entry::In(pass(ctx, user.id, session.access_token, session.expires_in).await?))
        }
        Err(error) if error.code == errors::SECOND_FACTOR_REQUIRED => ticket(ctx, &login).await.map(Entry::Code),
        Err(error) => Err(error),
    }
}

/// Пароль уже верен: подписанный билет избавляет от второго ввода. Смена пароля и «выйти везде» его гасят.
async fn ticket(ctx: &Ctx, login: &str) -> Result<String> {
    let contact = contact_of(None, None, Some(login))?;
    let user = queries::user_by_contact(ctx.db_fresh(), &contact).await?.ok_or_else(errors::wrong_credentials)?;
    tickets(ctx).issue(user.public_id, 0, user.session_version, ctx.now(), TICKET_TTL).map_err(Error::internal)
}

/// Свой ключ: билет — не пропуск, и пропуск — не билет.
fn tickets(ctx: &Ctx) -> AccessTokens {
    AccessTokens::new(&ctx.secret("accounts.second_factor_ticket"), &ctx.section::<AuthSettings>().issuer)
}

async fn confirm(ctx: &Ctx, headers: HeaderMap, ticket: String, code: String) -> Result<Pass> {
    let claims = tickets(ctx).read(&ticket, ctx.now()).ok_or_else(errors::stale_ticket)?;
    let user = queries::user_by_public_id(ctx.db_fresh(), claims.sub).await?;
    let user = user.filter(|user| user.session_version == claims.ver).ok_or_else(errors::stale_ticket)?;
    second_factor::require(ctx, &user, Some(&code)).await?;
    let client = Client::of(ctx, &headers);
    let id = user.id;
    let opened = ctx
        .atomic(&Actor::Anonymous, async move |work: &mut Work| {
            services::open_session(work, user.clone(), &client, "password").await
        })
        .await?;
    pass(ctx, id, opened.access_token, ctx.section::<AuthSettings>().access_token_ttl).await
}

/// Кому второй фактор обязателен, а его нет, тот сперва заводит его.
async fn pass(ctx: &Ctx, user_id: i64, token: String, seconds: i64) -> Result<Pass> {
    let first = lacks_second_factor(ctx, user_id).await?.then_some(URL);
    Ok(Pass { token, seconds, first })
}

async fn log_out(ctx: &Ctx, actor: &Actor) -> Result<()> {
    let Actor::User(person) = actor else { return Ok(()) };
    let (user_id, session) = (person.id, person.session);
    ctx.atomic(actor, async move |work: &mut Work| match session {
        Some(device) => services::end_session(work, user_id, device).await,
        None => Ok(false),
    })
    .await?;
    Ok(())
}

async fn names(ctx: &Ctx, ids: Vec<i64>) -> Result<HashMap<i64, String>> {
    let rows = User::find().filter(user::Column::Id.is_in(ids)).all(ctx.db()).await?;
    Ok(rows.into_iter().map(|row| (row.id, name(&row))).collect())
}
