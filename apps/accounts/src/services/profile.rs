//! Профиль: всё, что человек меняет о себе без доказательств.

use kernel::{Error, Result, Work};
use notifications::models::consent::Source;
use sea_orm::ActiveValue::{NotSet, Unchanged};
use sea_orm::Set;
use sea_orm::entity::prelude::*;

use super::newsletter;
use crate::models::user;
use crate::{names, queries, security};

/// Изменения; `None` — не трогать. Телефон и почта меняются только через код (см. `confirm_contact`).
#[derive(Clone, Debug, Default)]
pub struct ProfileChanges {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub patronymic: Option<String>,
    pub full_name: Option<String>,
    pub address: Option<String>,
    pub cdek_point: Option<String>,
    pub telegram: Option<String>,
    pub vk: Option<String>,
    pub avatar: Option<String>,
    pub newsletter: Option<bool>,
    /// Объект JSON текстом.
    pub questionnaire: Option<String>,
}

impl ProfileChanges {
    fn is_empty(&self) -> bool {
        let texts = [
            &self.first_name,
            &self.last_name,
            &self.patronymic,
            &self.full_name,
            &self.address,
            &self.cdek_point,
            &self.telegram,
            &self.vk,
            &self.avatar,
            &self.questionnaire,
        ];
        self.newsletter.is_none() && texts.iter().all(|text| text.is_none())
    }

    /// Полное имя, если его не прислали, а части сменились.
    fn new_full_name(&self, user: &user::Model) -> Option<String> {
        let parts = [(&self.last_name, &user.last_name), (&self.first_name, &user.first_name)];
        let changed = parts.iter().any(|(new, _)| new.is_some()) || self.patronymic.is_some();
        if self.full_name.is_some() || !changed {
            return self.full_name.clone();
        }
        let [last, first] = parts.map(|(new, old)| new.as_ref().unwrap_or(old));
        Some(names::join(last, first, self.patronymic.as_ref().unwrap_or(&user.patronymic)))
    }
}

pub async fn update_profile(work: &mut Work, user_id: i64, changes: ProfileChanges) -> Result<user::Model> {
    let user = queries::user_by_id(work.db(), user_id).await?.ok_or_else(Error::unauthorized)?;
    if changes.is_empty() {
        return Ok(user);
    }
    if let Some(agrees) = changes.newsletter {
        newsletter::agree(work, user_id, agrees, Source::Profile).await?;
    }
    work.invalidate(security::CONTACTS);
    let full_name = changes.new_full_name(&user);
    let row = user::ActiveModel {
        id: Unchanged(user_id),
        name_normalized: set(full_name.as_deref().map(names::searchable)),
        full_name: set(full_name),
        first_name: set(changes.first_name),
        last_name: set(changes.last_name),
        patronymic: set(changes.patronymic),
        address: set(changes.address),
        cdek_point: set(changes.cdek_point),
        telegram: set(changes.telegram),
        vk: set(changes.vk),
        avatar: set(changes.avatar),
        newsletter: set(changes.newsletter),
        questionnaire: changes.questionnaire.map_or(NotSet, |text| Set(Some(text))),
        updated_at: Set(work.timestamp()),
        ..Default::default()
    };
    Ok(row.update(work.db()).await?)
}

fn set<T: Into<Value>>(value: Option<T>) -> sea_orm::ActiveValue<T> {
    value.map_or(NotSet, Set)
}
