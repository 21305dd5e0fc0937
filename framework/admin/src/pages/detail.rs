//! Карточка объекта: кнопки дел, части только для чтения, вложенные таблицы.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::REFRESH;
use http::{HeaderValue, Uri};
use kernel::{Actor, Ctx, Error, Result, Work};
use serde::Serialize;

use super::view::{Button, LineView, ModelView};
use crate::cell::{Look, Shown};
use crate::declare::{Panel, PanelOf, Row};
use crate::query::Query;
use crate::render::{self, Page};
use crate::screen::{ActionInfo, AnyModel, GroupView};

pub(super) const NOT_FOUND: &str = "admin.not_found";

#[derive(Serialize)]
struct View {
    model: ModelView,
    id: i64,
    label: String,
    buttons: Vec<Button>,
    groups: Vec<Section>,
    panels: Vec<PanelView>,
    /// Что только что сделано.
    done: Option<&'static str>,
}

#[derive(Serialize)]
struct Section {
    title: &'static str,
    help: Option<&'static str>,
    lines: Vec<LineView>,
}

#[derive(Serialize)]
struct PanelView {
    title: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<Vec<Shown>>,
    buttons: Vec<Button>,
    links: Vec<(&'static str, String)>,
}

pub(super) async fn show(ctx: Ctx, actor: Actor, model: Arc<dyn AnyModel>, id: i64, uri: Uri) -> super::Page {
    let (look, about) = (Look::of(&ctx), model.about());
    let object = model.read(&ctx, &actor, id).await?.ok_or_else(|| Error::not_found(NOT_FOUND))?;
    if model.is_watched() {
        remember(&ctx, &actor, model.clone(), id).await?;
    }
    let mut possible = model.actions();
    possible.retain(|action| object.possible.contains(&action.name));
    let guests = ctx.declared::<PanelOf>();
    let name = about.model();
    let mut panels = Vec::new();
    let own: Vec<&Panel> = model.panels().iter().chain(of_guests(&guests, &name)).collect();
    for panel in own {
        if actor.can(panel.permission) {
            panels.push(panel_view(&ctx, panel, id, &possible, look).await?);
        }
    }
    let at_panels: Vec<&str> = model.panels().iter().flat_map(|panel| panel.actions.iter().copied()).collect();
    let done = Query::of(&uri).get("done").map(str::to_owned);
    let done = model.actions().into_iter().find(|action| done.as_deref() == Some(action.name));
    let top = possible.iter().filter(|action| !at_panels.contains(&action.name));
    let view = View {
        id,
        buttons: top.map(|action| Button::of(action, look)).collect(),
        groups: object.groups.into_iter().map(|group| section(group, look)).collect(),
        panels,
        done: done.map(|action| look.say(action.words)),
        label: object.label.clone(),
        model: ModelView::of(&about, look),
    };
    let page = Page { title: &object.label, model: &about.model(), search: "" };
    let mut response = render::html(&ctx, &actor, "detail.html", page, &view)?;
    if object.is_moving {
        response.headers_mut().insert(REFRESH, HeaderValue::from_static("2"));
    }
    Ok(response)
}

/// Таблицы, которые в эту карточку добавили другие приложения.
fn of_guests<'a>(guests: &'a [Arc<PanelOf>], model: &str) -> Vec<&'a Panel> {
    guests.iter().filter(|guest| guest.0 == model).map(|guest| &guest.1).collect()
}

/// Просмотр личного — тоже дело: его помнит приложение.
fn remember<'a>(ctx: &'a Ctx, actor: &'a Actor, model: Arc<dyn AnyModel>, id: i64) -> BoxFuture<'a, Result<()>> {
    ctx.atomic(actor, async move |work: &mut Work| model.viewed(work, id).await).boxed()
}

fn section(group: GroupView, look: Look) -> Section {
    let line = |(words, cell): (crate::Words, crate::Cell)| LineView { label: look.say(words), cell: cell.show(look) };
    Section {
        title: look.say(group.words),
        help: group.help.map(|words| look.say(words)),
        lines: group.lines.into_iter().map(line).collect(),
    }
}

/// Строки таблицы, коды — словами.
pub(super) fn shown(ctx: &Ctx, rows: Vec<Row>, look: Look) -> Vec<Vec<Shown>> {
    let row = |row: Row| row.cells.into_iter().map(|cell| cell.spoken(ctx).show(look)).collect();
    rows.into_iter().map(row).collect()
}

async fn panel_view(ctx: &Ctx, panel: &Panel, id: i64, possible: &[ActionInfo], look: Look) -> Result<PanelView> {
    let table = (panel.load)(ctx, id).await?;
    let own = possible.iter().filter(|action| panel.actions.contains(&action.name));
    Ok(PanelView {
        title: look.say(panel.words),
        heads: table.heads.iter().map(|words| look.say(*words)).collect(),
        buttons: own.map(|action| Button::of(action, look)).collect(),
        links: table.links.iter().map(|(words, url)| (look.say(*words), url.clone())).collect(),
        rows: shown(ctx, table.rows, look),
    })
}
