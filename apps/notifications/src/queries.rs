//! Чтение: что у человека включено и куда ему писать.

use kernel::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use crate::models::message::{Channel, Purpose};
use crate::models::{consent, preference, push_subscription, telegram_link};
use crate::services::Person;

pub async fn preferences(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<preference::Model>> {
    Ok(preference::Entity::find().filter(preference::Column::UserId.eq(user_id)).all(db).await?)
}

/// Включено ли у человека.
pub async fn is_on(db: &impl ConnectionTrait, user_id: i64, channel: Channel, purpose: Purpose) -> Result<bool> {
    Ok(preference::is_on(&preferences(db, user_id).await?, channel, purpose))
}

/// Каналы из `on`, по которым человека можно найти, с адресами: у браузеров — по строке на каждый.
pub async fn ways(db: &impl ConnectionTrait, person: &Person, on: &[Channel]) -> Result<Vec<(Channel, String)>> {
    let mut ways = Vec::new();
    for channel in on.iter().copied() {
        let addresses: Vec<String> = match (channel, person.user_id) {
            (Channel::Email, _) => person.email.iter().cloned().collect(),
            (Channel::Sms, _) => person.phone.iter().cloned().collect(),
            (Channel::Telegram, Some(user_id)) => {
                let link = telegram_link(db, user_id).await?;
                link.and_then(|link| link.chat_id).iter().map(i64::to_string).collect()
            }
            (Channel::Push, Some(user_id)) => {
                subscriptions(db, user_id).await?.iter().map(|row| row.id.to_string()).collect()
            }
            _ => Vec::new(),
        };
        ways.extend(addresses.into_iter().map(|address| (channel, address)));
    }
    Ok(ways)
}

pub async fn telegram_link(db: &impl ConnectionTrait, user_id: i64) -> Result<Option<telegram_link::Model>> {
    Ok(telegram_link::Entity::find().filter(telegram_link::Column::UserId.eq(user_id)).one(db).await?)
}

/// Браузеры человека, первый — последний подписанный.
pub async fn subscriptions(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<push_subscription::Model>> {
    let own = push_subscription::Entity::find().filter(push_subscription::Column::UserId.eq(user_id));
    Ok(own.order_by_desc(push_subscription::Column::Id).all(db).await?)
}

/// Журнал согласий человека, последнее — первым.
pub async fn consents(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<consent::Model>> {
    let own = consent::Entity::find().filter(consent::Column::UserId.eq(user_id));
    Ok(own.order_by_desc(consent::Column::Id).limit(200).all(db).await?)
}
