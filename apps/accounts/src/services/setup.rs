//! Первый администратор: командой или по одноразовой ссылке, которую сервер печатает при первом запуске.

use chrono::TimeDelta;
use kernel::{Result, Timestamp, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, Set};

use super::codes::insert_code;
use super::groups::{active_admins, grant_group, lock_admins};
use super::{NewUser, register, set_password, take_link};
use crate::codes::link;
use crate::contacts::Contact;
use crate::models::{OneTimeCode, Purpose, group, one_time_code, user};
use crate::queries;
use crate::security::Security;
use crate::settings::AuthSettings;

/// Кому выписана ссылка, пока человека ещё нет.
const NOBODY: &str = "first-admin";
/// Сколько действует ссылка.
const LIVES: TimeDelta = TimeDelta::days(1);

/// Заводит администратора; если такой человек уже есть — делает администратором его и меняет ему пароль.
pub async fn create_admin(work: &mut Work, contacts: &[Contact], password_hash: &str) -> Result<user::Model> {
    let mut found = None;
    for contact in contacts {
        found = found.or(queries::user_by_contact(work.db(), contact).await?);
    }
    let user = match found {
        Some(user) => set_password(work, user.id, password_hash).await?,
        // Телефон и почту администратора вписал хозяин сервера: доказывать их незачем.
        None => {
            let new = NewUser { phone_is_proven: true, email_is_proven: true, ..NewUser::with_contacts(contacts) };
            register(work, NewUser { password_hash: Some(password_hash.to_owned()), ..new }).await?
        }
    };
    grant_group(work, user.id, group::ADMIN).await?;
    Ok(user)
}

/// Ссылка для первого администратора; `None` — администратор уже есть. Живая ссылка одна: второй экземпляр печатает ту же и продлевает
/// её, а не гасит напечатанную первым.
pub async fn one_time_admin_link(work: &Work) -> Result<Option<String>> {
    if has_admin(work.db()).await? {
        return Ok(None);
    }
    let ctx = work.ctx();
    let id = match live_admin_links(work.timestamp()).one(work.db()).await? {
        Some(code) => {
            let mut code = code.into_active_model();
            code.expires_at = Set((work.now() + LIVES).naive_utc());
            code.update(work.db()).await?.id
        }
        None => insert_code(work, NOBODY, Purpose::Setup, None, "local", LIVES).await?,
    };
    let token = link(&Security::of(ctx).code_key, id);
    let site = ctx.settings().kernel.server.public_url.trim_end_matches('/').to_owned();
    Ok(Some(format!("{site}{}?token={token}", ctx.section::<AuthSettings>().setup_page)))
}

/// Ссылки первого администратора, которые ещё годятся.
pub fn live_admin_links(now: Timestamp) -> Select<OneTimeCode> {
    OneTimeCode::find()
        .filter(one_time_code::Column::Purpose.eq(Purpose::Setup))
        .filter(one_time_code::Column::UsedAt.is_null())
        .filter(one_time_code::Column::ExpiresAt.gt(now))
        .order_by_asc(one_time_code::Column::Id)
}

/// Есть ли действующий администратор.
pub async fn has_admin(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(active_admins(db).await? > 0)
}

/// Принимает токен ссылки: `true` — администратора ещё нет и токен только что использован.
pub async fn take_setup_link(work: &Work, token: &str) -> Result<bool> {
    lock_admins(work).await?;
    Ok(!has_admin(work.db()).await? && take_link(work, token, Purpose::Setup).await?.is_some())
}
