//! Доказанный телефон или почта: кому он теперь принадлежит.
//!
//! Зарегистрироваться с чужим номером и паролем может кто угодно, поэтому до доказательства номер ничей: доказавший
//! получает его, а тот, кто завёл запись заранее, теряет к ней доступ.

use kernel::{Error, OnUnique, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::{NewUser, end_all_sessions, register};
use crate::contacts::Contact;
use crate::events::ContactProven;
use crate::models::{User, user};
use crate::security::CONTACTS;
use crate::{errors, queries};

/// Чья учётная запись у того, кто доказал `contact`; нет такой — заводится. Доказательство уже принято.
pub async fn owner_of_proven(work: &mut Work, contact: &Contact, new: NewUser) -> Result<user::Model> {
    match queries::user_by_contact(work.db(), contact).await? {
        None => register(work, proven(new, contact)).await,
        Some(user) if is_proven(&user, contact) => Ok(user),
        Some(user) if user.is_proven() => {
            detach(work, user.id, contact).await?;
            register(work, proven(new, contact)).await
        }
        Some(user) => take_over(work, user, contact, new.password_hash).await,
    }
}

/// Регистрация с доказательством: чужой доказанный логин — отказ, недоказанный переходит доказавшему.
pub async fn register_proven(work: &mut Work, contact: &Contact, new: NewUser) -> Result<user::Model> {
    match queries::user_by_contact(work.db(), contact).await? {
        Some(user) if is_proven(&user, contact) => Err(errors::taken(contact)),
        _ => owner_of_proven(work, contact, new).await,
    }
}

/// Новый телефон или почта вошедшего; код уже принят.
pub async fn confirm_contact(work: &mut Work, user_id: i64, contact: &Contact) -> Result<user::Model> {
    match queries::user_by_contact(work.db(), contact).await? {
        Some(other) if other.id != user_id && is_proven(&other, contact) => {
            return Err(errors::taken(contact));
        }
        Some(other) if other.id != user_id && other.is_proven() => detach(work, other.id, contact).await?,
        Some(other) if other.id != user_id => return Err(errors::taken(contact)),
        _ => {}
    }
    set_contact(work, user_id, contact).await?;
    reload(work, user_id).await
}

/// Можно ли слать сюда сброс пароля: логин доказан, или у записи ещё не доказано ничего.
pub fn may_reset(user: &user::Model, contact: &Contact) -> bool {
    user.is_active && (is_proven(user, contact) || !user.is_proven())
}

/// Доказательство во время сброса пароля.
pub async fn prove(work: &mut Work, user: user::Model, contact: &Contact) -> Result<user::Model> {
    match is_proven(&user, contact) {
        true => Ok(user),
        false => take_over(work, user, contact, None).await,
    }
}

fn is_proven(user: &user::Model, contact: &Contact) -> bool {
    match contact {
        Contact::Phone(_) => user.phone_verified_at.is_some(),
        Contact::Email(_) => user.email_verified_at.is_some(),
    }
}

fn proven(new: NewUser, contact: &Contact) -> NewUser {
    match contact {
        Contact::Phone(phone) => NewUser { phone: Some(phone.clone()), phone_is_proven: true, ..new },
        Contact::Email(email) => NewUser { email: Some(email.clone()), email_is_proven: true, ..new },
    }
}

/// Запись без единого доказательства переходит доказавшему: прежние пароль, входы и второй логин больше не её.
async fn take_over(
    work: &mut Work,
    user: user::Model,
    contact: &Contact,
    password_hash: Option<String>,
) -> Result<user::Model> {
    set_contact(work, user.id, contact).await?;
    super::second_factor::forget(work, user.id).await?;
    // Чужие Telegram и браузер не должны узнавать о заказах нового хозяина, а его согласия — только его.
    notifications::services::forget_person(work, user.id).await?;
    super::newsletter::reflect(work, user.id).await?;
    let other = match contact {
        Contact::Phone(_) => [user::Column::Email, user::Column::EmailNormalized].as_slice(),
        Contact::Email(_) => [user::Column::Phone].as_slice(),
    };
    let update = User::update_many().col_expr(user::Column::PasswordHash, Expr::value(password_hash));
    let none = || Expr::value(Option::<String>::None);
    let update = other.iter().fold(update, |update, column| update.col_expr(*column, none()));
    update.filter(user::Column::Id.eq(user.id)).exec(work.db()).await?;
    end_all_sessions(work, user.id).await
}

/// Недоказанный логин отбирается у записи, у которой есть другой, доказанный.
async fn detach(work: &mut Work, user_id: i64, contact: &Contact) -> Result<()> {
    let columns = match contact {
        Contact::Phone(_) => [user::Column::Phone].as_slice(),
        Contact::Email(_) => [user::Column::Email, user::Column::EmailNormalized].as_slice(),
    };
    let none = || Expr::value(Option::<String>::None);
    let update = columns.iter().fold(User::update_many(), |update, column| update.col_expr(*column, none()));
    update.filter(user::Column::Id.eq(user_id)).exec(work.db()).await?;
    work.invalidate(CONTACTS);
    Ok(())
}

async fn set_contact(work: &mut Work, user_id: i64, contact: &Contact) -> Result<()> {
    let now = Expr::value(work.timestamp());
    let update = User::update_many().col_expr(user::Column::UpdatedAt, now.clone());
    let update = match contact {
        Contact::Phone(phone) => update
            .col_expr(user::Column::Phone, Expr::value(phone.as_str()))
            .col_expr(user::Column::PhoneVerifiedAt, now),
        Contact::Email(email) => update
            .col_expr(user::Column::Email, Expr::value(email.text.as_str()))
            .col_expr(user::Column::EmailNormalized, Expr::value(email.normalized.as_str()))
            .col_expr(user::Column::EmailVerifiedAt, now),
    };
    let done = update.filter(user::Column::Id.eq(user_id)).filter(user::Column::DeletedAt.is_null());
    done.exec(work.db()).await.on_unique(|| errors::taken(contact))?;
    work.invalidate(CONTACTS);
    work.emit(&ContactProven { user_id, kind: contact.field().to_owned() }).await
}

async fn reload(work: &Work, user_id: i64) -> Result<user::Model> {
    queries::user_by_id(work.db(), user_id).await?.ok_or_else(Error::unauthorized)
}
