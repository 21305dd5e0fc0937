//! Регистрация.

use kernel::{OnUnique, Result, Work};
use notifications::models::consent::Source;
use sea_orm::entity::prelude::*;
use sea_orm::{NotSet, Set};

use super::newsletter;
use crate::contacts::{Contact, Email};
use crate::events::UserRegistered;
use crate::models::{User, user};
use crate::{errors, names, queries};

/// Новый человек; телефон или почта обязательны, остальное — что известно.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// E.164.
    pub phone: Option<String>,
    pub email: Option<Email>,
    /// Уже хеш, не пароль.
    pub password_hash: Option<String>,
    pub phone_is_proven: bool,
    pub email_is_proven: bool,
    pub first_name: String,
    pub last_name: String,
    pub patronymic: String,
    pub full_name: String,
    pub newsletter: bool,
}

impl NewUser {
    /// С этими логинами, пока не доказанными.
    pub fn with_contacts(contacts: &[Contact]) -> NewUser {
        contacts.iter().cloned().fold(NewUser::default(), |new, contact| match contact {
            Contact::Phone(phone) => NewUser { phone: Some(phone), ..new },
            Contact::Email(email) => NewUser { email: Some(email), ..new },
        })
    }

    fn contacts(&self) -> impl Iterator<Item = Contact> {
        let phone = self.phone.clone().map(Contact::Phone);
        phone.into_iter().chain(self.email.clone().map(Contact::Email))
    }
}

/// Заводит человека. Занятый телефон или почта — 400.
pub async fn register(work: &mut Work, new: NewUser) -> Result<user::Model> {
    for contact in new.contacts() {
        if queries::user_by_contact(work.db(), &contact).await?.is_some() {
            return Err(errors::taken(&contact));
        }
    }
    // Проверка выше — ради точного слова; держит правило UNIQUE в базе.
    let first = new.contacts().next().ok_or_else(|| kernel::Error::invalid("phone", "required"))?;
    let agrees = new.newsletter;
    let inserted = User::insert(row_of(work, new)).exec(work.db()).await;
    let id = inserted.on_unique(|| errors::taken(&first))?.last_insert_id;
    if agrees {
        newsletter::agree(work, id, true, Source::Registration).await?;
    }
    work.emit(&UserRegistered { user_id: id }).await?;
    queries::user_by_id(work.db(), id).await?.ok_or_else(errors::wrong_credentials)
}

fn row_of(work: &Work, new: NewUser) -> user::ActiveModel {
    let now = work.timestamp();
    let full_name = match new.full_name.is_empty() {
        true => names::join(&new.last_name, &new.first_name, &new.patronymic),
        false => new.full_name,
    };
    let (email, email_normalized) = new.email.map(|e| (e.text, e.normalized)).unzip();
    user::ActiveModel {
        id: NotSet,
        public_id: Set(work.ctx().random().uuid(work.now())),
        phone_verified_at: Set((new.phone_is_proven && new.phone.is_some()).then_some(now)),
        phone: Set(new.phone),
        email_verified_at: Set((new.email_is_proven && email.is_some()).then_some(now)),
        email: Set(email),
        email_normalized: Set(email_normalized),
        password_hash: Set(new.password_hash),
        first_name: Set(new.first_name),
        last_name: Set(new.last_name),
        patronymic: Set(new.patronymic),
        name_normalized: Set(names::searchable(&full_name)),
        full_name: Set(full_name),
        address: Set(String::new()),
        cdek_point: Set(String::new()),
        telegram: Set(String::new()),
        vk: Set(String::new()),
        avatar: Set(String::new()),
        newsletter: Set(new.newsletter),
        questionnaire: Set(None),
        is_active: Set(true),
        session_version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        deleted_at: Set(None),
    }
}
