//! Telegram человека: одноразовая ссылка, команды боту.

use chrono::TimeDelta;
use kernel::{Error, OnUnique, Result, Timestamp, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Condition, NotSet, Set};
use sha2::{Digest, Sha256};

use super::{Said, set_preference};
use crate::models::consent::Source;
use crate::models::message::{Channel, Purpose};
use crate::models::telegram_link::{self, Entity as Link};
use crate::models::telegram_update;
use crate::schemas::Update;
use crate::settings::TelegramSettings;

/// Столько живёт ссылка.
const CODE_TTL: TimeDelta = TimeDelta::minutes(15);
/// Столько помним принятые вести: сам Telegram хранит их сутки.
const MEMORY: TimeDelta = TimeDelta::days(3);

pub const REPEATED: &str = "notifications.update_repeated";

/// Ссылка и до какого мига она годна; прежняя больше не годится.
pub async fn begin_link(work: &mut Work, user_id: i64) -> Result<(String, Timestamp)> {
    let settings = work.ctx().section::<TelegramSettings>();
    if !settings.is_on() {
        return Err(Error::refused("notifications.telegram_off"));
    }
    let (code, expires_at) = (work.ctx().random().token(), work.timestamp() + CODE_TTL);
    let row = telegram_link::ActiveModel {
        id: NotSet,
        user_id: Set(user_id),
        chat_id: Set(None),
        code_hash: Set(None),
        code_expires_at: Set(None),
        linked_at: Set(None),
    };
    Link::insert(row)
        .on_conflict_do_nothing_on([telegram_link::Column::UserId])
        .exec_without_returning(work.db())
        .await?;
    Link::update_many()
        .col_expr(telegram_link::Column::CodeHash, Expr::value(hash_of(&code)))
        .col_expr(telegram_link::Column::CodeExpiresAt, Expr::value(expires_at))
        .filter(telegram_link::Column::UserId.eq(user_id))
        .exec(work.db())
        .await?;
    Ok((format!("https://t.me/{}?start={code}", settings.bot), expires_at))
}

fn hash_of(code: &str) -> String {
    hex::encode(Sha256::digest(code))
}

/// Человек забывает свой Telegram из профиля.
pub async fn unlink(work: &mut Work, user_id: i64) -> Result<()> {
    forget(work, user_id, Source::Profile).await
}

/// То же, когда известен только чат: `/stop` или бота заблокировали.
pub async fn drop_chat(work: &mut Work, chat_id: i64, source: Source) -> Result<()> {
    let link = Link::find().filter(telegram_link::Column::ChatId.eq(chat_id)).one(work.db()).await?;
    match link {
        Some(link) => forget(work, link.user_id, source).await,
        None => Ok(()),
    }
}

async fn forget(work: &mut Work, user_id: i64, source: Source) -> Result<()> {
    Link::delete_many().filter(telegram_link::Column::UserId.eq(user_id)).exec(work.db()).await?;
    for purpose in [Purpose::Service, Purpose::Advertising] {
        set_preference(work, user_id, Said { channel: Channel::Telegram, purpose, is_given: false, source }).await?;
    }
    Ok(())
}

/// Слушает бота; повтор той же вести — отказ [`REPEATED`], и ничего не меняется. Ответ — ключ текста, если есть что сказать.
pub async fn hear(work: &mut Work, update: &Update) -> Result<Option<&'static str>> {
    let row = telegram_update::ActiveModel { update_id: Set(update.update_id), received_at: Set(work.timestamp()) };
    let written = telegram_update::Entity::insert(row).exec_without_returning(work.db()).await;
    written.on_unique(|| Error::conflict(REPEATED))?;
    if let Some(chat_id) = update.blocked_by() {
        drop_chat(work, chat_id, Source::Blocked).await?;
        return Ok(None);
    }
    let Some((chat_id, text)) = update.private_text() else { return Ok(None) };
    let mut words = text.split_whitespace();
    match (words.next(), words.next()) {
        (Some("/start"), code) => link(work, chat_id, code.unwrap_or_default()).await.map(Some),
        (Some("/stop"), _) => {
            drop_chat(work, chat_id, Source::Telegram).await?;
            Ok(Some("notifications.telegram_stopped"))
        }
        _ => Ok(None),
    }
}

/// Принесли код: чат теперь этого человека, и только его.
async fn link(work: &mut Work, chat_id: i64, code: &str) -> Result<&'static str> {
    const STALE: &str = "notifications.telegram_stale_code";
    let hash = hash_of(code);
    let live = Condition::all()
        .add(telegram_link::Column::CodeHash.eq(hash))
        .add(telegram_link::Column::CodeExpiresAt.gt(work.timestamp()));
    let Some(owner) = Link::find().filter(live.clone()).one(work.db()).await? else { return Ok(STALE) };
    Link::update_many()
        .col_expr(telegram_link::Column::ChatId, Expr::value(Option::<i64>::None))
        .filter(telegram_link::Column::ChatId.eq(chat_id))
        .filter(telegram_link::Column::UserId.ne(owner.user_id))
        .exec(work.db())
        .await?;
    let linked = Link::update_many()
        .col_expr(telegram_link::Column::ChatId, Expr::value(chat_id))
        .col_expr(telegram_link::Column::LinkedAt, Expr::value(work.timestamp()))
        .col_expr(telegram_link::Column::CodeHash, Expr::value(Option::<String>::None))
        .col_expr(telegram_link::Column::CodeExpiresAt, Expr::value(Option::<Timestamp>::None))
        .filter(live)
        .exec(work.db())
        .await?;
    if linked.rows_affected == 0 {
        return Ok(STALE);
    }
    let (channel, purpose) = (Channel::Telegram, Purpose::Service);
    set_preference(work, owner.user_id, Said { channel, purpose, is_given: true, source: Source::Telegram }).await?;
    Ok("notifications.telegram_linked")
}

/// Забывает давно принятые вести.
pub async fn forget_updates(work: &mut Work) -> Result<()> {
    telegram_update::Entity::delete_many()
        .filter(telegram_update::Column::ReceivedAt.lt(work.timestamp() - MEMORY))
        .exec(work.db())
        .await?;
    Ok(())
}
