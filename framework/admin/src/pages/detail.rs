//! Карточка объекта: кнопки дел, части только для чтения, вложенные таблицы.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::REFRESH;
use http::{HeaderValue, Uri};
use kernel::{Actor, Ctx, Error, Result, Work};
use serde::Serialize;

use super::view::{Bars, Button, LineView, ModelView};
use crate::actors::name_actors;
use crate::cell::{Look, Shown};
use crate::declare::{DocumentKind, Panel, PanelOf, Row};
use crate::query::Query;
use crate::render::{self, Page};
use crate::screen::{ActionInfo, AnyModel, GroupView};
use crate::words::Words;

pub(super) const NOT_FOUND: &str = "admin.not_found";

#[derive(Serialize)]
struct View {
    model: ModelView,
    id: i64,
    label: String,
    buttons: Vec<Button>,
    groups: Vec<Section>,
    panels: Vec<PanelView>,
    /// Листы на печать.
    sheets: Vec<DocumentView>,
    /// Письма, показанные в карточке.
    letters: Vec<DocumentView>,
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
    rows: Vec<RowView>,
    charts: Vec<Chart>,
    order: Option<OrderView>,
    buttons: Vec<Button>,
    links: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct RowView {
    id: i64,
    cells: Vec<Shown>,
}

#[derive(Serialize)]
struct Chart {
    title: &'static str,
    total: i64,
    chart: Bars,
}

#[derive(Serialize)]
struct DocumentView {
    title: &'static str,
    url: String,
}

/// Форма порядка строк.
#[derive(Serialize)]
struct OrderView {
    name: &'static str,
    title: &'static str,
    key: String,
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
    let at_panels: Vec<&str> =
        model.panels().iter().flat_map(|panel| panel.actions.iter().copied().chain(panel.order)).collect();
    let done = Query::of(&uri).get("done").map(str::to_owned);
    let done = model.actions().into_iter().find(|action| done.as_deref() == Some(action.name));
    let documents = |kind: DocumentKind| -> Vec<DocumentView> {
        let own = model.documents().iter().filter(|own| own.kind == kind && actor.can(own.permission));
        own.map(|own| DocumentView { title: look.say(own.words), url: format!("{}/{id}/{}", about.url(), own.name) })
            .collect()
    };
    let top = possible.iter().filter(|action| !at_panels.contains(&action.name));
    let view = View {
        id,
        buttons: top.map(|action| Button::of(action, look)).collect(),
        groups: object.groups.into_iter().map(|group| section(group, look)).collect(),
        panels,
        sheets: documents(DocumentKind::Sheet),
        letters: documents(DocumentKind::Letter),
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

/// Строки таблицы: коды — словами, люди — по именам.
pub(super) async fn shown(ctx: &Ctx, mut rows: Vec<Row>, look: Look) -> Result<Vec<Vec<Shown>>> {
    name_actors(ctx, rows.iter_mut().flat_map(|row| &mut row.cells).collect()).await?;
    let row = |row: Row| row.cells.into_iter().map(|cell| cell.spoken(ctx).show(look)).collect();
    Ok(rows.into_iter().map(row).collect())
}

async fn panel_view(ctx: &Ctx, panel: &Panel, id: i64, possible: &[ActionInfo], look: Look) -> Result<PanelView> {
    let mut table = (panel.load)(ctx, id).await?;
    let rows = std::mem::take(&mut table.rows);
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let cells = shown(ctx, rows, look).await?;
    let own = possible.iter().filter(|action| panel.actions.contains(&action.name));
    let order = possible.iter().find(|action| Some(action.name) == panel.order && ids.len() > 1);
    let chart = |(words, values): &(Words, Vec<i64>)| Chart {
        title: look.say(*words),
        total: values.iter().sum(),
        chart: Bars::of(values),
    };
    let rows = ids.iter().zip(cells).map(|(id, cells)| RowView { id: *id, cells }).collect();
    Ok(PanelView {
        title: look.say(panel.words),
        heads: table.heads.iter().map(|words| look.say(*words)).collect(),
        rows,
        charts: table.bars.iter().map(chart).collect(),
        order: order.map(|action| OrderView {
            name: action.name,
            title: look.say(action.words),
            key: ctx.random().token(),
        }),
        buttons: own.map(|action| Button::of(action, look)).collect(),
        links: table.links.iter().map(|(words, url)| (look.say(*words), url.clone())).collect(),
    })
}
