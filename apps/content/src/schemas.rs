//! Страницы и приветствия: на входе и на выходе.

use catalog::schemas::rules;
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::html;
use crate::models::{page, splash};

/// Самый длинный текст страницы, знаков.
const MAX_CONTENT: usize = 200_000;

#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
pub struct PageIn {
    #[garde(length(min = 1, max = 100), custom(rules::slug))]
    pub slug: String,
    #[garde(length(chars, max = 255), custom(rules::not_blank))]
    pub title: String,
    /// HTML; опасное убирается при отдаче.
    #[garde(length(chars, max = MAX_CONTENT))]
    #[serde(default)]
    pub content: String,
    /// По умолчанию — да.
    #[garde(skip)]
    pub is_published: Option<bool>,
    #[garde(length(chars, max = 255))]
    #[serde(default)]
    pub seo_title: String,
    #[garde(length(chars, max = 500))]
    #[serde(default)]
    pub seo_description: String,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default)]
pub struct PagePatch {
    #[garde(length(chars, max = 255), custom(rules::not_blank_if_some))]
    pub title: Option<String>,
    #[garde(length(chars, max = MAX_CONTENT))]
    pub content: Option<String>,
    #[garde(skip)]
    pub is_published: Option<bool>,
    #[garde(length(chars, max = 255))]
    pub seo_title: Option<String>,
    #[garde(length(chars, max = 500))]
    pub seo_description: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageOut {
    pub id: i64,
    pub slug: String,
    pub title: String,
    /// Очищенный HTML.
    pub content: String,
    pub is_published: bool,
    pub seo_title: String,
    pub seo_description: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl From<page::Model> for PageOut {
    fn from(row: page::Model) -> PageOut {
        PageOut {
            id: row.id,
            slug: row.slug,
            title: row.title,
            content: html::clean(&row.content),
            is_published: row.is_published,
            seo_title: row.seo_title,
            seo_description: row.seo_description,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageList {
    pub pages: Vec<PageOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
pub struct SplashIn {
    #[garde(length(chars, max = 120), custom(rules::not_blank))]
    pub text: String,
    /// По умолчанию — да.
    #[garde(skip)]
    pub is_active: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default)]
pub struct SplashPatch {
    #[garde(length(chars, max = 120), custom(rules::not_blank_if_some))]
    pub text: Option<String>,
    #[garde(skip)]
    pub is_active: Option<bool>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SplashOut {
    pub id: i64,
    pub text: String,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl From<splash::Model> for SplashOut {
    fn from(row: splash::Model) -> SplashOut {
        SplashOut {
            id: row.id,
            text: row.text,
            is_active: row.is_active,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SplashList {
    pub notifications: Vec<SplashOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Приветствие посетителю.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Greeting {
    pub text: String,
}
