//! Браузеры, которым можно показать уведомление.

use kernel::{Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{NotSet, Set};
use sha2::{Digest, Sha256};

use super::{Said, set_preference};
use crate::models::consent::Source;
use crate::models::message::{Channel, Purpose};
use crate::models::push_subscription::{self, Entity as Subscription};
use crate::queries;
use crate::schemas::SubscriptionIn;
use crate::settings::PushSettings;
use crate::transports::crypto::Receiver;
use crate::transports::push::is_trusted;

/// Браузеров у человека; больше — самый давний забывается.
const MAX_BROWSERS: usize = 10;

/// Запоминает браузер; повтор обновляет ключи. Браузер один, а люди за ним меняются: подписка переходит нынешнему.
pub async fn subscribe(work: &mut Work, user_id: i64, input: &SubscriptionIn) -> Result<()> {
    if !is_trusted(&work.ctx().section::<PushSettings>(), &input.endpoint) {
        return Err(Error::invalid("endpoint", "notifications.alien_push_service"));
    }
    let keys = &input.keys;
    Receiver::parse(&keys.p256dh, &keys.auth).map_err(|_| Error::invalid("keys", "bad_format"))?;
    let hash = hash_of(&input.endpoint);
    let row = push_subscription::ActiveModel {
        id: NotSet,
        user_id: Set(user_id),
        endpoint: Set(input.endpoint.clone()),
        endpoint_hash: Set(hash.clone()),
        p256dh: Set(keys.p256dh.clone()),
        auth: Set(keys.auth.clone()),
        created_at: Set(work.timestamp()),
    };
    Subscription::insert(row)
        .on_conflict_do_nothing_on([push_subscription::Column::EndpointHash])
        .exec_without_returning(work.db())
        .await?;
    Subscription::update_many()
        .col_expr(push_subscription::Column::UserId, Expr::value(user_id))
        .col_expr(push_subscription::Column::P256dh, Expr::value(keys.p256dh.as_str()))
        .col_expr(push_subscription::Column::Auth, Expr::value(keys.auth.as_str()))
        .filter(push_subscription::Column::EndpointHash.eq(hash))
        .exec(work.db())
        .await?;
    forget_oldest(work, user_id).await?;
    let said = Said { channel: Channel::Push, purpose: Purpose::Service, is_given: true, source: Source::Browser };
    set_preference(work, user_id, said).await
}

async fn forget_oldest(work: &mut Work, user_id: i64) -> Result<()> {
    let rows = queries::subscriptions(work.db(), user_id).await?;
    let extra: Vec<i64> = rows.iter().skip(MAX_BROWSERS).map(|row| row.id).collect();
    if !extra.is_empty() {
        Subscription::delete_many().filter(push_subscription::Column::Id.is_in(extra)).exec(work.db()).await?;
    }
    Ok(())
}

/// Забывает свой браузер; нет такого — нечего и забывать.
pub async fn unsubscribe(work: &mut Work, user_id: i64, endpoint: &str) -> Result<()> {
    Subscription::delete_many()
        .filter(push_subscription::Column::EndpointHash.eq(hash_of(endpoint)))
        .filter(push_subscription::Column::UserId.eq(user_id))
        .exec(work.db())
        .await?;
    Ok(())
}

/// Служба рассылки сказала, что такого браузера больше нет.
pub async fn drop_subscription(work: &mut Work, id: i64) -> Result<()> {
    Subscription::delete_by_id(id).exec(work.db()).await?;
    Ok(())
}

fn hash_of(endpoint: &str) -> String {
    hex::encode(Sha256::digest(endpoint))
}
