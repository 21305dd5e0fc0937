//! Профиль и адреса: что человек видит и меняет о себе.

use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{Error, Result};
use sea_orm::Set;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{email_of, filled, phone_of, utc};
use crate::contacts::Contact;
use crate::handles;
use crate::models::{address, group, user};
use crate::services::ProfileChanges;

/// Наибольшая анкета, байт JSON.
const MAX_QUESTIONNAIRE: usize = 16 * 1024;

/// Человек: поля магазина-предшественника и наши.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserOut {
    pub id: Uuid,
    #[schema(example = "+79161234567")]
    pub phone: Option<String>,
    pub phone_verified: bool,
    pub email: Option<String>,
    pub email_verified: bool,
    pub full_name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub patronymic: Option<String>,
    pub address: Option<String>,
    /// Код пункта выдачи CDEK.
    pub cdek_point: Option<String>,
    pub telegram: Option<String>,
    pub vk: Option<String>,
    pub avatar: Option<String>,
    pub newsletter: bool,
    #[schema(value_type = Option<Object>)]
    pub questionnaire: Option<serde_json::Value>,
    /// Есть ли пароль; без него входят по коду.
    pub has_password: bool,
    pub is_admin: bool,
    pub is_active: bool,
    /// `customer` есть у всех.
    pub roles: Vec<String>,
    pub created_at: DateTime<Utc>,
}

impl UserOut {
    pub fn of(user: user::Model, roles: Vec<String>) -> UserOut {
        UserOut {
            id: user.public_id,
            phone: user.phone,
            phone_verified: utc(user.phone_verified_at).is_some(),
            email: user.email,
            email_verified: utc(user.email_verified_at).is_some(),
            full_name: filled(user.full_name),
            first_name: filled(user.first_name),
            last_name: filled(user.last_name),
            patronymic: filled(user.patronymic),
            address: filled(user.address),
            cdek_point: filled(user.cdek_point),
            telegram: filled(user.telegram),
            vk: filled(user.vk),
            avatar: filled(user.avatar),
            newsletter: user.newsletter,
            questionnaire: user.questionnaire.and_then(|text| serde_json::from_str(&text).ok()),
            has_password: user.password_hash.is_some(),
            is_admin: roles.iter().any(|role| role == group::ADMIN),
            is_active: user.is_active,
            roles,
            created_at: user.created_at.and_utc(),
        }
    }
}

/// Профиль после изменения. Новый телефон или почта ждут кода: они в `pending`, а в профиле пока прежние.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileOut {
    #[serde(flatten)]
    pub user: UserOut,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<PendingOut>,
}

/// Изменение, которое ждёт кода (`POST /users/me/confirm`).
#[derive(Debug, Serialize, ToSchema)]
pub struct PendingOut {
    /// `phone` или `email`.
    pub field: &'static str,
    pub value: String,
    pub expires_at: DateTime<Utc>,
    pub resend_after: i64,
}

/// Изменение профиля: меняются присланные поля, пустая строка стирает.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
#[serde(default)]
pub struct ProfileIn {
    #[garde(length(chars, max = 40))]
    pub phone: Option<String>,
    #[garde(length(chars, max = 254))]
    pub email: Option<String>,
    #[garde(length(chars, max = 300))]
    pub full_name: Option<String>,
    #[garde(length(chars, max = 100))]
    pub first_name: Option<String>,
    #[garde(length(chars, max = 100))]
    pub last_name: Option<String>,
    #[garde(length(chars, max = 100))]
    pub patronymic: Option<String>,
    #[garde(length(chars, max = 500))]
    pub address: Option<String>,
    #[garde(length(chars, max = 50))]
    pub cdek_point: Option<String>,
    /// `@name`, `t.me/name` или ссылка.
    #[garde(length(chars, max = 200))]
    pub telegram: Option<String>,
    /// `vk.com/name`, `id123` или ссылка.
    #[garde(length(chars, max = 200))]
    pub vk: Option<String>,
    /// Адрес картинки.
    #[garde(length(chars, max = 500), custom(is_picture))]
    pub avatar: Option<String>,
    pub newsletter: Option<bool>,
    /// Свободная анкета: объект до 16 КиБ.
    #[schema(value_type = Option<Object>)]
    pub questionnaire: Option<serde_json::Map<String, serde_json::Value>>,
}

fn is_picture(avatar: &Option<String>, _: &()) -> garde::Result {
    let is_link = |text: &str| text.is_empty() || text.starts_with("https://") || text.starts_with('/');
    match avatar.as_deref().is_none_or(is_link) {
        true => Ok(()),
        false => Err(garde::Error::new("bad_url")),
    }
}

impl ProfileIn {
    /// Новые телефон и почта, если они присланы и отличаются от нынешних.
    pub fn new_contacts(&self, user: &user::Model) -> Result<Vec<Contact>> {
        let mut contacts = Vec::new();
        if let Some(phone) = self.phone.as_deref().filter(|text| !text.is_empty()) {
            let phone = phone_of(phone)?;
            let same = user.phone.as_ref() == Some(&phone) && user.phone_verified_at.is_some();
            contacts.extend((!same).then_some(Contact::Phone(phone)));
        }
        if let Some(email) = self.email.as_deref().filter(|text| !text.is_empty()) {
            let email = email_of(email)?;
            let same = user.email_normalized.as_ref() == Some(&email.normalized) && user.email_verified_at.is_some();
            contacts.extend((!same).then_some(Contact::Email(email)));
        }
        Ok(contacts)
    }

    pub fn changes(self) -> Result<ProfileChanges> {
        let questionnaire = self.questionnaire.map(|map| serde_json::to_string(&map)).transpose()?;
        if questionnaire.as_ref().is_some_and(|text| text.len() > MAX_QUESTIONNAIRE) {
            return Err(Error::invalid("questionnaire", &format!("too_long:{MAX_QUESTIONNAIRE}")));
        }
        Ok(ProfileChanges {
            first_name: trimmed(self.first_name),
            last_name: trimmed(self.last_name),
            patronymic: trimmed(self.patronymic),
            full_name: trimmed(self.full_name),
            address: trimmed(self.address),
            cdek_point: trimmed(self.cdek_point),
            telegram: handle(self.telegram, "telegram", handles::telegram)?,
            vk: handle(self.vk, "vk", handles::vk)?,
            avatar: trimmed(self.avatar),
            newsletter: self.newsletter,
            questionnaire,
        })
    }
}

fn trimmed(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
}

fn handle(text: Option<String>, field: &str, parse: fn(&str) -> Option<String>) -> Result<Option<String>> {
    match text.as_deref().map(str::trim) {
        None => Ok(None),
        Some("") => Ok(Some(String::new())),
        Some(text) => parse(text).map(Some).ok_or_else(|| Error::invalid(field, "accounts.bad_handle")),
    }
}

/// Адрес из адресной книги.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct AddressIn {
    /// Адрес одной строкой, как его набрали.
    #[garde(length(chars, min = 3, max = 500))]
    pub text: String,
    #[serde(default)]
    #[garde(length(chars, max = 100))]
    pub title: String,
    /// Кто получит, если не сам хозяин.
    #[serde(default)]
    #[garde(length(chars, max = 300))]
    pub recipient: String,
    #[garde(length(chars, max = 40))]
    pub phone: Option<String>,
    #[serde(default)]
    #[garde(length(chars, max = 12))]
    pub postal_code: String,
    #[serde(default)]
    #[garde(length(chars, max = 200))]
    pub region: String,
    #[serde(default)]
    #[garde(length(chars, max = 200))]
    pub city: String,
    #[serde(default)]
    #[garde(length(chars, max = 200))]
    pub street: String,
    #[serde(default)]
    #[garde(length(chars, max = 50))]
    pub house: String,
    #[serde(default)]
    #[garde(length(chars, max = 50))]
    pub flat: String,
    #[garde(range(min = 1))]
    pub cdek_city_code: Option<i64>,
    #[serde(default)]
    #[garde(length(chars, max = 50))]
    pub cdek_point: String,
    #[serde(default)]
    #[garde(length(chars, max = 500))]
    pub comment: String,
    #[serde(default)]
    pub is_default: bool,
}

impl AddressIn {
    /// Столбцы адреса; хозяина и времена ставит служба.
    pub fn fields(self) -> Result<address::ActiveModel> {
        let phone = self.phone.filter(|text| !text.is_empty()).map(|text| phone_of(&text)).transpose()?;
        Ok(address::ActiveModel {
            title: Set(self.title),
            recipient: Set(self.recipient),
            phone: Set(phone),
            text: Set(self.text),
            postal_code: Set(self.postal_code),
            region: Set(self.region),
            city: Set(self.city),
            street: Set(self.street),
            house: Set(self.house),
            flat: Set(self.flat),
            cdek_city_code: Set(self.cdek_city_code),
            cdek_point: Set(self.cdek_point),
            comment: Set(self.comment),
            ..Default::default()
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AddressOut {
    pub id: i64,
    pub is_default: bool,
    pub title: String,
    pub recipient: String,
    pub phone: Option<String>,
    /// Адрес одной строкой.
    pub text: String,
    pub postal_code: String,
    pub region: String,
    pub city: String,
    pub street: String,
    pub house: String,
    pub flat: String,
    pub cdek_city_code: Option<i64>,
    pub cdek_point: Option<String>,
    pub comment: String,
}

impl From<address::Model> for AddressOut {
    fn from(address: address::Model) -> Self {
        AddressOut {
            id: address.id,
            is_default: address.default_of.is_some(),
            title: address.title,
            recipient: address.recipient,
            phone: address.phone,
            text: address.text,
            postal_code: address.postal_code,
            region: address.region,
            city: address.city,
            street: address.street,
            house: address.house,
            flat: address.flat,
            cdek_city_code: address.cdek_city_code,
            cdek_point: filled(address.cdek_point),
            comment: address.comment,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AddressList {
    pub addresses: Vec<AddressOut>,
    pub total: u64,
}
