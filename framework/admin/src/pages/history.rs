//! История объекта: дела админки с «было → стало» и новости магазина, по времени.

use std::sync::Arc;

use kernel::events::event_row;
use kernel::{Actor, Ctx, Error, Result, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::detail::NOT_FOUND;
use super::home::action_words;
use super::view::ModelView;
use crate::actors::{names, user_of, who};
use crate::cell::Look;
use crate::log::{self, Change};
use crate::render::{self, Page};
use crate::screen::AnyModel;

/// Строк каждого журнала.
const LIMIT: u64 = 100;

#[derive(Serialize)]
struct View {
    model: ModelView,
    id: i64,
    label: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    #[serde(skip)]
    at: Timestamp,
    when: String,
    who: String,
    what: String,
    changes: Vec<Change>,
    /// Новость магазина: её данные.
    payload: Option<String>,
}

pub(super) async fn show(ctx: Ctx, actor: Actor, model: Arc<dyn AnyModel>, id: i64) -> super::Page {
    let (look, about) = (Look::of(&ctx), model.about());
    let object = model.read(&ctx, &actor, id).await?.ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let mut entries = done(&ctx, &about.model(), id, look).await?;
    entries.extend(news(&ctx, &about.model(), id, look).await?);
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    let title = object.label.clone();
    let view = View { model: ModelView::of(&about, look), id, label: object.label, entries };
    render::html(&ctx, &actor, "history.html", Page { title: &title, model: &about.model(), search: "" }, &view)
}

async fn done(ctx: &Ctx, model: &str, id: i64, look: Look) -> Result<Vec<Entry>> {
    use log::entity::{Column, Entity as Log};
    let find = Log::find().filter(Column::Model.eq(model)).filter(Column::ObjectId.eq(id)).order_by_desc(Column::Id);
    let rows = find.limit(LIMIT).all(ctx.db_fresh()).await?;
    let names = names(ctx, rows.iter().filter_map(|row| row.user_id).collect()).await?;
    let entry = |row: log::entity::Model| Entry {
        at: row.created_at,
        when: look.time(row.created_at),
        who: who(&names, row.user_id, &row.actor),
        what: action_words(ctx, look, model, &row.action),
        changes: log::changes(&row.changes),
        payload: None,
    };
    Ok(rows.into_iter().map(entry).collect())
}

async fn news(ctx: &Ctx, model: &str, id: i64, look: Look) -> Result<Vec<Entry>> {
    use event_row::Column;
    let find = event_row::Entity::find()
        .filter(Column::SubjectKind.eq(model))
        .filter(Column::SubjectId.eq(id.to_string()))
        .order_by_desc(Column::Id);
    let rows = find.limit(LIMIT).all(ctx.db_fresh()).await?;
    let names = names(ctx, rows.iter().filter_map(|row| user_of(&row.actor)).collect()).await?;
    let entry = |row: event_row::Model| Entry {
        at: row.created_at,
        when: look.time(row.created_at),
        who: who(&names, user_of(&row.actor), &row.actor),
        what: news_words(ctx, &row.name),
        changes: Vec::new(),
        payload: Some(row.payload),
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// `orders.order_paid` словами: `orders.events.order_paid` в текстах приложения; нет слов — как есть.
fn news_words(ctx: &Ctx, name: &str) -> String {
    let key = name.replacen('.', ".events.", 1);
    ctx.texts().find(ctx.lang(), &key, &()).unwrap_or_else(|| name.to_owned())
}
