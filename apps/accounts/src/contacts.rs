//! Чем человек входит: телефон или почта в одном виде, сколько бы способов записать их ни было.

use crate::phones;

/// Почта: как написали и в том виде, в котором сравнивают.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    pub text: String,
    pub normalized: String,
}

impl Email {
    /// Без регулярных выражений: одна `@`, домен с точкой, длины по RFC 5321.
    pub fn parse(input: &str) -> Option<Email> {
        let text = input.trim();
        let (local, domain) = text.split_once('@')?;
        let is_clean = !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c));
        let has_dot = domain.split('.').count() > 1 && domain.split('.').all(|label| !label.is_empty());
        let fits = (1..=64).contains(&local.len()) && text.len() <= 254;
        let is_email = is_clean && has_dot && fits && !domain.contains('@');
        is_email.then(|| Email { text: text.to_owned(), normalized: text.to_lowercase() })
    }
}

/// Телефон или почта.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// E.164.
    Phone(String),
    Email(Email),
}

impl Contact {
    /// Одно поле «телефон или почта», как на форме входа.
    pub fn parse(input: &str) -> Option<Contact> {
        match input.contains('@') {
            true => Email::parse(input).map(Contact::Email),
            false => phones::parse(input).map(Contact::Phone),
        }
    }

    /// По этому сравнивают и ищут.
    pub fn key(&self) -> &str {
        match self {
            Contact::Phone(phone) => phone,
            Contact::Email(email) => &email.normalized,
        }
    }

    /// Поле тела запроса, из которого он пришёл.
    pub fn field(&self) -> &'static str {
        match self {
            Contact::Phone(_) => "phone",
            Contact::Email(_) => "email",
        }
    }
}
