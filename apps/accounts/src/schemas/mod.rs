//! Тела запросов и ответов. Лишние поля в теле пропускаются там, где ходят клиенты старых систем.

mod auth;
mod profile;
mod staff;

pub use auth::*;
pub use profile::*;
pub use staff::*;

use chrono::{DateTime, NaiveDateTime, Utc};
use kernel::{Error, Result};

use crate::contacts::{Contact, Email};
use crate::passwords::{self, Weakness};
use crate::phones;

/// Телефон или почта из полей тела: принимается любое из трёх.
pub fn contact_of(phone: Option<&str>, email: Option<&str>, login: Option<&str>) -> Result<Contact> {
    if let Some(phone) = given(phone) {
        return phone_of(phone).map(Contact::Phone);
    }
    if let Some(email) = given(email) {
        return email_of(email).map(Contact::Email);
    }
    let login = given(login).ok_or_else(|| Error::invalid("phone", "required"))?;
    Contact::parse(login).ok_or_else(|| Error::invalid("login", "accounts.bad_login"))
}

/// И телефон, и почта, если присланы оба; ни одного — 422.
pub fn contacts_of(phone: Option<&str>, email: Option<&str>) -> Result<Vec<Contact>> {
    let phone = given(phone).map(phone_of).transpose()?.map(Contact::Phone);
    let email = given(email).map(email_of).transpose()?.map(Contact::Email);
    match phone.into_iter().chain(email).collect::<Vec<_>>() {
        none if none.is_empty() => Err(Error::invalid("phone", "required")),
        contacts => Ok(contacts),
    }
}

pub fn phone_of(input: &str) -> Result<String> {
    phones::parse(input).ok_or_else(|| Error::invalid("phone", "accounts.bad_phone"))
}

pub fn email_of(input: &str) -> Result<Email> {
    Email::parse(input).ok_or_else(|| Error::invalid("email", "bad_email"))
}

fn given(field: Option<&str>) -> Option<&str> {
    field.filter(|text| !text.trim().is_empty())
}

/// Годится ли новый пароль; отказ — 422 с полем.
pub fn check_password(field: &str, password: &str, min_length: usize, own: &[Contact]) -> Result<()> {
    let own: Vec<&str> = own.iter().map(Contact::key).collect();
    let min_length = min_length.max(passwords::LOWEST_MIN_LENGTH);
    passwords::check_strength(password, min_length, &own).map_err(|weakness| match weakness {
        Weakness::TooShort => Error::invalid(field, &format!("too_short:{min_length}")),
        Weakness::TooLong => Error::invalid(field, &format!("too_long:{}", passwords::MAX_LENGTH)),
        Weakness::TooCommon => Error::invalid(field, "accounts.common_password"),
    })
}

/// Пустая строка в базе — `null` в ответе.
pub(crate) fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

pub(crate) fn utc(at: Option<NaiveDateTime>) -> Option<DateTime<Utc>> {
    at.map(|at| at.and_utc())
}
