//! Страница, объявленная приложением: части и формы.

use std::sync::Arc;

use axum::response::Response;
use http::Uri;
use kernel::{Actor, Ctx, Error, Kind, Result};
use serde::Serialize;

use super::detail::{NOT_FOUND, shown};
use super::draft::Draft;
use super::fields::{FieldView, field_views};
use super::see;
use crate::cell::{Look, Shown, Tone};
use crate::declare::{Block, FieldKind, Page, PageForm};
use crate::input::Form;
use crate::query::Query;
use crate::render;
use crate::session::{check_csrf, with_status};

#[derive(Serialize)]
pub(super) struct View {
    pub title: String,
    pub url: String,
    /// Где человек: страница, под которой эта.
    pub above: Option<(String, String)>,
    pub done: bool,
    pub blocks: Vec<BlockView>,
}

#[derive(Serialize, Default)]
pub(super) struct BlockView {
    pub kind: &'static str,
    pub text: String,
    pub tone: Option<Tone>,
    pub lines: Vec<String>,
    pub heads: Vec<&'static str>,
    pub rows: Vec<Vec<Shown>>,
    pub form: Option<FormView>,
    pub url: String,
}

#[derive(Serialize)]
pub(super) struct FormView {
    pub name: &'static str,
    pub title: String,
    pub fields: Vec<FieldView>,
    pub danger: bool,
    pub files: bool,
    pub version: String,
    pub problem: Option<String>,
    /// Вторая кнопка формы: имя и слова.
    pub second: Option<(&'static str, String)>,
}

pub(super) async fn show(ctx: Ctx, actor: Actor, page: Arc<Page>, uri: Uri) -> super::Page {
    let blocks = (page.show)(&ctx, &actor).await?;
    let done = Query::of(&uri).get("done").is_some();
    draw(&ctx, &actor, &page, blocks, None, done).await
}

pub(super) async fn take(ctx: Ctx, actor: Actor, page: Arc<Page>, name: &'static str, form: Form) -> super::Page {
    check_csrf(&ctx, &actor, &form)?;
    let own = page.forms.iter().find(|own| own.name == name).ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let input = form.input(&own.fields, &actor, Look::of(&ctx).offset);
    match (own.take)(&ctx, &actor, input).await {
        Ok(blocks) if blocks.is_empty() => Ok(see(&format!("{}?done={name}", page.url()))),
        Ok(blocks) => draw(&ctx, &actor, &page, blocks, None, true).await,
        Err(error) if matches!(error.kind, Kind::Internal | Kind::Unavailable | Kind::NotFound) => Err(error),
        Err(error) => {
            let status = error.kind.status();
            let draft = Draft::again(0, &form).refused(&ctx, &own.fields, &error);
            let blocks = (page.show)(&ctx, &actor).await?;
            Ok(with_status(draw(&ctx, &actor, &page, blocks, Some((name, draft)), false).await?, status))
        }
    }
}

async fn draw(
    ctx: &Ctx,
    actor: &Actor,
    page: &Page,
    blocks: Vec<Block>,
    again: Option<(&'static str, Draft)>,
    done: bool,
) -> Result<Response> {
    let look = Look::of(ctx);
    let mut views = Vec::new();
    for block in blocks {
        views.push(block_view(ctx, actor, page, block, again.as_ref()).await?);
    }
    let title = look.say(page.words).to_owned();
    let view = View { url: page.url(), above: None, done, blocks: views, title: title.clone() };
    render::html(ctx, actor, "page.html", render::Page { title: &title, model: page.path, search: "" }, &view)
}

async fn block_view(
    ctx: &Ctx,
    actor: &Actor,
    page: &Page,
    block: Block,
    again: Option<&(&'static str, Draft)>,
) -> Result<BlockView> {
    let look = Look::of(ctx);
    Ok(match block {
        Block::Text(text) => BlockView { kind: "text", text, ..BlockView::default() },
        Block::Note(tone, text) => BlockView { kind: "note", text, tone: Some(tone), ..BlockView::default() },
        Block::Codes(lines) => BlockView { kind: "codes", lines, ..BlockView::default() },
        Block::Drawing(text) => BlockView { kind: "drawing", text, ..BlockView::default() },
        Block::Link(words, url) => {
            BlockView { kind: "link", text: look.say(words).to_owned(), url, ..BlockView::default() }
        }
        Block::Table(words, table) => BlockView {
            kind: "table",
            text: look.say(words).to_owned(),
            heads: table.heads.iter().map(|words| look.say(*words)).collect(),
            rows: shown(ctx, table.rows, look).await?,
            ..BlockView::default()
        },
        Block::Form(name) => {
            let form = page.forms.iter().find(|own| own.name == name).ok_or_else(|| Error::not_found(NOT_FOUND))?;
            let draft = again.filter(|(own, _)| *own == name).map(|(_, draft)| draft);
            BlockView {
                kind: "form",
                url: format!("{}/{name}", page.url()),
                form: Some(form_view(ctx, actor, form, draft).await?),
                ..BlockView::default()
            }
        }
    })
}

async fn form_view(ctx: &Ctx, actor: &Actor, form: &PageForm, draft: Option<&Draft>) -> Result<FormView> {
    let blank = Draft::new(ctx, 0, Default::default());
    let draft = draft.unwrap_or(&blank);
    Ok(FormView {
        name: form.name,
        title: Look::of(ctx).say(form.words).to_owned(),
        fields: field_views(ctx, actor, &form.fields, draft).await?,
        danger: form.danger,
        files: form.fields.iter().any(|field| matches!(field.kind, FieldKind::Files)),
        version: String::new(),
        problem: draft.problem.clone(),
        second: None,
    })
}
