//! Текст письма на одном языке: вшитый или изменённый сотрудником.

use kernel::{Lang, Timestamp};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter_templates")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// `orders.letters.order_placed`.
    pub template: String,
    pub lang: String,
    pub title: String,
    /// Части, которых у письма нет, — `None`.
    pub subject: Option<String>,
    pub body: Option<String>,
    pub html: Option<String>,
    pub sms: Option<String>,
    pub telegram: Option<String>,
    pub push: Option<String>,
    /// Сотрудник изменил; иначе строка — копия вшитого текста.
    pub is_changed: bool,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn lang(&self) -> Lang {
        if self.lang == Lang::En.code() { Lang::En } else { Lang::Ru }
    }

    /// Часть по имени в текстах.
    pub fn part(&self, name: &str) -> Option<&str> {
        let part = match name {
            "subject" => &self.subject,
            "body" => &self.body,
            "html" => &self.html,
            "telegram" => &self.telegram,
            "push" => &self.push,
            _ => &self.sms,
        };
        part.as_deref().filter(|text| !text.is_empty())
    }
}
