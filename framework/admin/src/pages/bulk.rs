//! Дело над отмеченными: сперва показать, с чем, потом — по одному, у каждого свой исход.

use std::sync::Arc;

use kernel::texts::describe;
use kernel::{Actor, Ctx, Error, Result};
use serde::Serialize;

use super::detail::NOT_FOUND;
use super::fields::{FieldView, blank_fields};
use super::perform::{Asked, CHANGED, perform};
use super::see;
use super::view::{ModelView, Note};
use crate::cell::{Look, Tone};
use crate::input::Form;
use crate::render::{self, Page};
use crate::screen::{ActionInfo, AnyModel};
use crate::session::check_csrf;

/// Отмеченных за раз.
pub(super) const LIMIT: usize = 500;

#[derive(Serialize)]
struct Preview {
    model: ModelView,
    action: &'static str,
    heading: &'static str,
    note: Option<&'static str>,
    danger: bool,
    key: String,
    rows: Vec<(i64, String)>,
    fields: Vec<FieldView>,
}

#[derive(Serialize)]
struct Done {
    model: ModelView,
    heading: &'static str,
    good: usize,
    rows: Vec<Outcome>,
}

#[derive(Serialize)]
pub(super) struct Outcome {
    pub id: i64,
    pub label: String,
    pub note: Note,
}

pub(super) async fn act(
    ctx: Ctx,
    actor: Actor,
    model: Arc<dyn AnyModel>,
    name: &'static str,
    form: Form,
) -> super::Page {
    check_csrf(&ctx, &actor, &form)?;
    let action = model.actions().into_iter().find(|own| own.name == name && own.bulk);
    let action = action.ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let mut ids = form.ids("ids");
    ids.truncate(LIMIT);
    if ids.is_empty() {
        return Ok(see(&model.about().url()));
    }
    let rows = model.labels(&ctx, &actor, &ids).await?;
    match form.has("_confirm") {
        true => run(&ctx, &actor, &model, &action, rows, &form).await,
        false => preview(&ctx, &actor, &model, &action, rows).await,
    }
}

async fn preview(
    ctx: &Ctx,
    actor: &Actor,
    model: &Arc<dyn AnyModel>,
    action: &ActionInfo,
    rows: Vec<(i64, String)>,
) -> super::Page {
    let (look, about) = (Look::of(ctx), model.about());
    let heading = look.say(action.words);
    let view = Preview {
        model: ModelView::of(&about, look),
        action: action.name,
        heading,
        note: action.note.map(|words| look.say(words)),
        danger: action.danger,
        key: ctx.random().token(),
        rows,
        fields: blank_fields(ctx, actor, &action.fields).await?,
    };
    render::html(ctx, actor, "bulk.html", Page { title: heading, model: &about.model(), search: "" }, &view)
}

async fn run(
    ctx: &Ctx,
    actor: &Actor,
    model: &Arc<dyn AnyModel>,
    action: &ActionInfo,
    rows: Vec<(i64, String)>,
    form: &Form,
) -> super::Page {
    let look = Look::of(ctx);
    let input = form.input(&action.fields, actor, look.offset);
    let mut outcomes = Vec::new();
    for (id, label) in rows {
        let key = format!("{}:{id}", form.get("_key"));
        let asked = Asked { id, input: input.clone(), version: String::new(), key };
        let note = outcome(ctx, perform(ctx, actor, model, action, asked).await)?;
        outcomes.push(Outcome { id, label, note });
    }
    done_page(ctx, actor, model, look.say(action.words), outcomes)
}

/// Что вышло у каждой строки.
pub(super) fn done_page(
    ctx: &Ctx,
    actor: &Actor,
    model: &Arc<dyn AnyModel>,
    heading: &'static str,
    outcomes: Vec<Outcome>,
) -> super::Page {
    let (look, about) = (Look::of(ctx), model.about());
    let good = outcomes.iter().filter(|outcome| outcome.note.tone == Tone::Good).count();
    let view = Done { model: ModelView::of(&about, look), heading, good, rows: outcomes };
    render::html(ctx, actor, "done.html", Page { title: heading, model: &about.model(), search: "" }, &view)
}

/// Отказ одной строки остальным не мешает; поломка — общая.
pub(super) fn outcome(ctx: &Ctx, done: Result<bool>) -> Result<Note> {
    use kernel::Kind;
    match done {
        Ok(_) => Ok(Note { tone: Tone::Good, text: ctx.texts().get(ctx.lang(), "admin.done", &()) }),
        Err(error) if error.kind == Kind::Internal => Err(error),
        Err(error) if error.code == CHANGED => {
            Ok(Note { tone: Tone::Wait, text: ctx.texts().get(ctx.lang(), "admin.bulk_changed", &()) })
        }
        Err(error) => Ok(Note { tone: Tone::Bad, text: describe(ctx.texts(), ctx.lang(), &error).0 }),
    }
}
