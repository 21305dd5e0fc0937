//! Что человек включил и выключил; журнал согласий.

use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{NotSet, Set};

use crate::events::ConsentChanged;
use crate::models::consent::{self, Source};
use crate::models::message::{Channel, Purpose};
use crate::models::preference::{self, default_of};
use crate::models::{push_subscription, telegram_link};
use crate::settings::NotificationSettings;

/// Что человек сказал об одном канале.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    pub channel: Channel,
    pub purpose: Purpose,
    pub is_given: bool,
    pub source: Source,
}

/// Включает или выключает; переменилось — строка журнала и новость, ровно по одной.
pub async fn set_preference(work: &mut Work, user_id: i64, said: Said) -> Result<()> {
    ensure_row(work, user_id, said.channel).await?;
    let column = match said.purpose {
        Purpose::Service => preference::Column::Service,
        Purpose::Advertising => preference::Column::Advertising,
    };
    let changed = preference::Entity::update_many()
        .col_expr(column, Expr::value(said.is_given))
        .col_expr(preference::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(preference::Column::UserId.eq(user_id))
        .filter(preference::Column::Channel.eq(said.channel))
        .filter(column.ne(said.is_given))
        .exec(work.db())
        .await?;
    if changed.rows_affected == 0 {
        return Ok(());
    }
    write_down(work, user_id, said).await
}

async fn ensure_row(work: &Work, user_id: i64, channel: Channel) -> Result<()> {
    let row = preference::ActiveModel {
        id: NotSet,
        user_id: Set(user_id),
        channel: Set(channel),
        service: Set(default_of(channel, Purpose::Service)),
        advertising: Set(default_of(channel, Purpose::Advertising)),
        updated_at: Set(work.timestamp()),
    };
    preference::Entity::insert(row)
        .on_conflict_do_nothing_on([preference::Column::UserId, preference::Column::Channel])
        .exec_without_returning(work.db())
        .await?;
    Ok(())
}

async fn write_down(work: &mut Work, user_id: i64, said: Said) -> Result<()> {
    let row = consent::ActiveModel {
        id: NotSet,
        user_id: Set(user_id),
        channel: Set(said.channel),
        purpose: Set(said.purpose),
        is_given: Set(said.is_given),
        document: Set(work.ctx().section::<NotificationSettings>().document.chars().take(60).collect()),
        source: Set(said.source),
        ip: Set(work.ctx().client_ip().map(|ip| ip.to_string())),
        created_at: Set(work.timestamp()),
    };
    work.insert_later(vec![row]).await?;
    work.emit(&ConsentChanged { user_id, channel: said.channel, purpose: said.purpose, is_given: said.is_given }).await
}

/// Человека стирают: чат, браузеры и выбор пропадают, в журнале остаётся, что и когда было дано, но не откуда.
pub async fn forget_person(work: &mut Work, user_id: i64) -> Result<()> {
    let db = work.db();
    preference::Entity::delete_many().filter(preference::Column::UserId.eq(user_id)).exec(db).await?;
    telegram_link::Entity::delete_many().filter(telegram_link::Column::UserId.eq(user_id)).exec(db).await?;
    push_subscription::Entity::delete_many().filter(push_subscription::Column::UserId.eq(user_id)).exec(db).await?;
    consent::Entity::update_many()
        .col_expr(consent::Column::Ip, Expr::value(Option::<String>::None))
        .filter(consent::Column::UserId.eq(user_id))
        .exec(db)
        .await?;
    Ok(())
}
