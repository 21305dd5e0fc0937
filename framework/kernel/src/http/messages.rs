//! Проверки garde говорят кодами, а слова берутся из текстов: `too_short:3` → `fields.too_short`.

use std::borrow::Cow;
use std::fmt::Display;

use garde::i18n::{I18n, InvalidCreditCard, InvalidEmail, InvalidPhoneNumber, InvalidUrl, IpKind};

/// Правило для списка: `#[garde(length(max = 500), custom(not_empty))]`. «Слишком коротко» сказали бы о строке.
pub fn not_empty<T>(list: &[T], _: &()) -> garde::Result {
    if list.is_empty() { Err(garde::Error::new("empty_list")) } else { Ok(()) }
}

pub(super) struct Codes;

impl I18n for Codes {
    fn length_lower_than(&self, min: usize) -> Cow<'static, str> {
        format!("too_short:{min}").into()
    }
    fn length_greater_than(&self, max: usize) -> Cow<'static, str> {
        format!("too_long:{max}").into()
    }
    fn range_lower_than(&self, min: &dyn Display) -> Cow<'static, str> {
        format!("too_small:{min}").into()
    }
    fn range_greater_than(&self, max: &dyn Display) -> Cow<'static, str> {
        format!("too_big:{max}").into()
    }
    fn credit_card_invalid(&self, _: InvalidCreditCard) -> Cow<'static, str> {
        "bad_value".into()
    }
    fn pattern_no_match(&self, _: &dyn Display) -> Cow<'static, str> {
        "bad_format".into()
    }
    fn contains_missing(&self, _: &dyn Display) -> Cow<'static, str> {
        "bad_format".into()
    }
    fn url_invalid(&self, _: InvalidUrl) -> Cow<'static, str> {
        "bad_url".into()
    }
    fn prefix_missing(&self, _: &dyn Display) -> Cow<'static, str> {
        "bad_format".into()
    }
    fn suffix_missing(&self, _: &dyn Display) -> Cow<'static, str> {
        "bad_format".into()
    }
    fn phone_number_invalid(&self, _: InvalidPhoneNumber) -> Cow<'static, str> {
        "bad_format".into()
    }
    fn ip_invalid(&self, _: IpKind) -> Cow<'static, str> {
        "bad_format".into()
    }
    fn matches_field_mismatch(&self, _: &dyn Display) -> Cow<'static, str> {
        "mismatch".into()
    }
    fn email_invalid(&self, _: InvalidEmail) -> Cow<'static, str> {
        "bad_email".into()
    }
    fn ascii_invalid(&self) -> Cow<'static, str> {
        "bad_format".into()
    }
    fn alphanumeric_invalid(&self) -> Cow<'static, str> {
        "bad_format".into()
    }
    fn required_not_set(&self) -> Cow<'static, str> {
        "required".into()
    }
}
