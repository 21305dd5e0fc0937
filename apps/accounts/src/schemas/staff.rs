//! Люди и группы глазами сотрудника; открытый список преподавателей.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::filled;
use crate::models::{group, user};

/// Человек в открытом списке преподавателей.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeacherOut {
    pub id: Uuid,
    pub full_name: String,
    pub avatar: Option<String>,
}

impl From<user::Model> for TeacherOut {
    fn from(user: user::Model) -> Self {
        TeacherOut { id: user.public_id, full_name: user.full_name, avatar: filled(user.avatar) }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TeacherList {
    pub teachers: Vec<TeacherOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Фильтр списка людей.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    /// Начало телефона, почты или имени.
    #[garde(length(chars, max = 100))]
    pub search: Option<String>,
    pub is_active: Option<bool>,
    /// Код группы.
    #[garde(length(chars, max = 60))]
    pub group: Option<String>,
}

/// Человек в списке сотрудника. Без права `accounts.view_user` контактов в нём нет.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserRowOut {
    pub id: Uuid,
    pub full_name: String,
    pub is_admin: bool,
    pub is_active: bool,
    pub roles: Vec<String>,
    pub created_at: DateTime<Utc>,
    #[serde(flatten)]
    pub contacts: Option<UserContactsOut>,
}

/// Личное человека в списке.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserContactsOut {
    pub phone: Option<String>,
    pub email: Option<String>,
    pub address: Option<String>,
    pub cdek_point: Option<String>,
    pub telegram: Option<String>,
    pub vk: Option<String>,
}

impl UserContactsOut {
    fn of(user: user::Model) -> UserContactsOut {
        UserContactsOut {
            phone: user.phone,
            email: user.email,
            address: filled(user.address),
            cdek_point: filled(user.cdek_point),
            telegram: filled(user.telegram),
            vk: filled(user.vk),
        }
    }
}

impl UserRowOut {
    pub fn of(user: user::Model, roles: Vec<String>, with_contacts: bool) -> UserRowOut {
        UserRowOut {
            id: user.public_id,
            full_name: user.full_name.clone(),
            is_admin: roles.iter().any(|role| role == group::ADMIN),
            is_active: user.is_active,
            roles,
            created_at: user.created_at.and_utc(),
            contacts: with_contacts.then(|| UserContactsOut::of(user)),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct UserList {
    pub users: Vec<UserRowOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Что сотрудник меняет у человека.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    /// `false` — заблокировать: все входы заканчиваются.
    pub is_active: Option<bool>,
    /// Коды групп, в которых человек должен состоять.
    #[garde(inner(length(max = 50)))]
    pub groups: Option<Vec<String>>,
}

/// Группа прав.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct GroupIn {
    /// Строчные латинские буквы, цифры, `_`, `-`.
    #[garde(length(min = 2, max = 60), custom(is_code))]
    pub code: String,
    #[garde(length(chars, min = 1, max = 100))]
    pub title: String,
    /// Коды прав: `orders.view_order`.
    #[garde(length(max = 500))]
    pub permissions: Vec<String>,
}

fn is_code(code: &str, _: &()) -> garde::Result {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    match code.chars().all(fits) {
        true => Ok(()),
        false => Err(garde::Error::new("bad_format")),
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GroupOut {
    pub id: i64,
    pub code: String,
    pub title: String,
    /// Привезена приложением: удалить нельзя.
    pub is_builtin: bool,
    pub permissions: Vec<String>,
}

impl GroupOut {
    pub fn of(group: group::Model, permissions: Vec<String>) -> GroupOut {
        GroupOut { id: group.id, code: group.code, title: group.title, is_builtin: group.is_builtin, permissions }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GroupList {
    pub groups: Vec<GroupOut>,
    pub total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionOut {
    #[schema(example = "orders.view_order")]
    pub code: String,
    pub title: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionList {
    pub permissions: Vec<PermissionOut>,
    pub total: u64,
}
