//! Главная: числа дня, разделы, последние дела.

use kernel::{Actor, Ctx, Result};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};
use serde::Serialize;

use super::view::Bars;
use crate::actors::{names, who};
use crate::cell::{Cell, Look, Shown, object_url};
use crate::declare::Tile;
use crate::log;
use crate::own::permissions::VIEW_LOG;
use crate::render::{self, Page};

/// Последних дел.
const RECENT: u64 = 12;

#[derive(Serialize)]
struct View {
    tiles: Vec<TileView>,
    recent: Vec<Recent>,
}

#[derive(Serialize)]
struct TileView {
    title: &'static str,
    url: &'static str,
    value: Shown,
    note: Shown,
    chart: Bars,
}

#[derive(Serialize)]
struct Recent {
    url: String,
    label: String,
    action: String,
    who: String,
    when: String,
}

pub(super) async fn show(ctx: Ctx, actor: Actor) -> super::Page {
    let look = Look::of(&ctx);
    let mut allowed = ctx.declared::<Tile>();
    allowed.retain(|tile| actor.can(tile.permission));
    // Приложения идут снизу вверх, а человеку ближе верхние: заказы важнее задач.
    allowed.reverse();
    let mut tiles = Vec::new();
    for tile in allowed {
        tiles.push(tile_view(&ctx, &tile, look).await?);
    }
    let recent = if actor.can(VIEW_LOG) { recent(&ctx, look).await? } else { Vec::new() };
    let title = ctx.texts().get(ctx.lang(), "admin.home", &());
    render::html(&ctx, &actor, "home.html", Page::new(&title), &View { tiles, recent })
}

async fn tile_view(ctx: &Ctx, tile: &Tile, look: Look) -> Result<TileView> {
    let figures = (tile.load)(ctx).await?;
    Ok(TileView {
        title: look.say(tile.words),
        url: tile.url,
        value: figures.value.show(look),
        note: figures.note.show(look),
        chart: Bars::of(&figures.bars),
    })
}

async fn recent(ctx: &Ctx, look: Look) -> Result<Vec<Recent>> {
    let find = log::entity::Entity::find().order_by_desc(log::entity::Column::Id).limit(RECENT);
    let rows = find.all(ctx.db_fresh()).await?;
    let names = names(ctx, rows.iter().filter_map(|row| row.user_id).collect()).await?;
    let view = |row: log::entity::Model| Recent {
        url: object_url(&row.model, row.object_id),
        who: who(&names, row.user_id, &row.actor),
        when: Cell::Time(row.created_at).plain(look),
        action: action_words(ctx, look, &row.model, &row.action),
        label: row.label,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Дело словами модели; незнакомое — как записано.
pub(super) fn action_words(ctx: &Ctx, look: Look, model: &str, action: &str) -> String {
    if action == "add" {
        return ctx.texts().get(ctx.lang(), "admin.added", &());
    }
    let screen = super::screens(ctx).into_iter().find(|screen| screen.0.about().model() == model);
    let known = screen.and_then(|screen| screen.0.actions().into_iter().find(|own| own.name == action));
    known.map_or_else(|| action.to_owned(), |known| look.say(known.words).to_owned())
}
