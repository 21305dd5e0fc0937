//! Формы: завести, изменить, выполнить дело. Проверяет схема приложения, делает его служба, журнал — в той же транзакции.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::response::Response;
use http::{StatusCode, Uri};
use kernel::{Actor, Ctx, Error, Kind, Result};
use serde::Serialize;
use serde_json::Value;

use super::detail::NOT_FOUND;
use super::draft::{Clash, Draft};
use super::fields::{FieldView, field_views};
use super::perform::{Asked, CHANGED, create, perform, version_of};
use super::view::ModelView;
use super::{document, see};
use crate::cell::Look;
use crate::declare::{DocumentKind, Field, FieldKind};
use crate::input::{Form, Input, in_field, same};
use crate::log;
use crate::query::Query;
use crate::render::{self, Page};
use crate::screen::{ActionInfo, AnyModel};
use crate::session::{check_csrf, with_status};

#[derive(Serialize)]
struct View {
    model: ModelView,
    id: i64,
    label: String,
    heading: String,
    danger: bool,
    note: Option<&'static str>,
    along: Vec<String>,
    fields: Vec<FieldView>,
    files: bool,
    version: String,
    key: String,
    problem: Option<String>,
    conflict: Vec<Clash>,
    /// Есть что заполнять — «Сохранить», нет — само дело.
    submit: String,
    preview: Option<PreviewView>,
}

/// Показ несохранённого: куда послать форму и что в рамке сперва.
#[derive(Serialize)]
struct PreviewView {
    action: String,
    saved: Option<String>,
}

pub(super) async fn show_add(ctx: Ctx, actor: Actor, model: Arc<dyn AnyModel>, uri: Uri) -> super::Page {
    let add = model.add_info().ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let initial = |field: &Field| Some((field.name.to_owned(), vec![field.initial?.to_owned()]));
    let mut values: BTreeMap<String, Vec<String>> = add.fields.iter().filter_map(initial).collect();
    values.extend(prefilled(&uri));
    let draft = Draft::new(&ctx, 0, values);
    page(&ctx, &actor, &model, &add.fields, None, draft).await
}

/// Значения из адреса: `/admin/preorders/wave/add?product_id=5`.
fn prefilled(uri: &Uri) -> BTreeMap<String, Vec<String>> {
    Form::pairs(Query::of(uri).pairs().iter().cloned()).fields
}

pub(super) async fn add(ctx: Ctx, actor: Actor, model: Arc<dyn AnyModel>, form: Form) -> super::Page {
    check_csrf(&ctx, &actor, &form)?;
    let add = model.add_info().ok_or_else(|| Error::not_found(NOT_FOUND))?;
    if form.has("_find") {
        return page(&ctx, &actor, &model, &add.fields, None, Draft::again(0, &form)).await;
    }
    let key = form.get("_key").to_owned();
    let input = form.input(&add.fields, &actor, Look::of(&ctx).offset);
    let done = match log::done_with(&ctx, &key).await? {
        Some(id) => Ok(id),
        None => create(&ctx, &actor, model.clone(), &add, input, key.clone()).await,
    };
    let url = model.about().url();
    match done {
        Ok(id) => Ok(see(&format!("{url}/{id}"))),
        Err(error) => match log::done_with(&ctx, &key).await? {
            Some(id) => Ok(see(&format!("{url}/{id}"))),
            None => {
                let fields = model.add_info().map(|add| add.fields).unwrap_or_default();
                again(&ctx, &actor, &model, &fields, None, Draft::again(0, &form), error).await
            }
        },
    }
}

fn action_of(model: &Arc<dyn AnyModel>, name: &str) -> Result<ActionInfo> {
    model.actions().into_iter().find(|own| own.name == name).ok_or_else(|| Error::not_found(NOT_FOUND))
}

pub(super) async fn show_action(
    ctx: Ctx,
    actor: Actor,
    model: Arc<dyn AnyModel>,
    name: &'static str,
    id: i64,
    uri: Uri,
) -> super::Page {
    let action = action_of(&model, name)?;
    let mut draft = Draft::new(&ctx, id, prefilled(&uri));
    if action.edits {
        let values = model.values(ctx.db_fresh().into(), name, id).await?;
        draft.version = version_of(&values);
        draft.values.extend(shown(&action.fields, &values, Look::of(&ctx).offset));
    }
    page(&ctx, &actor, &model, &action.fields, Some(&action), draft).await
}

fn shown(fields: &[Field], values: &Value, offset: chrono::TimeDelta) -> BTreeMap<String, Vec<String>> {
    let text = |field: &Field| (field.name.to_owned(), in_field(field, &values[field.name], offset));
    fields.iter().map(text).collect()
}

pub(super) async fn act(
    ctx: Ctx,
    actor: Actor,
    model: Arc<dyn AnyModel>,
    name: &'static str,
    id: i64,
    form: Form,
) -> super::Page {
    check_csrf(&ctx, &actor, &form)?;
    let action = action_of(&model, name)?;
    let draft = Draft::again(id, &form);
    if form.has("_find") {
        return page(&ctx, &actor, &model, &action.fields, Some(&action), draft).await;
    }
    let input = form.input(&action.fields, &actor, Look::of(&ctx).offset);
    let asked = Asked { id, input: input.clone(), version: draft.version.clone(), key: draft.key.clone() };
    let url = model.about().url();
    match perform(&ctx, &actor, &model, &action, asked).await {
        Ok(true) => Ok(see(&format!("{url}/{id}?done={name}"))),
        Ok(false) => Ok(see(&url)),
        Err(error) if error.code == CHANGED => clash(&ctx, &actor, &model, &action, draft, &input).await,
        Err(error) => again(&ctx, &actor, &model, &action.fields, Some(&action), draft, error).await,
    }
}

/// То, что в форме, каким его увидят; ничего не сохраняет.
pub(super) async fn preview(
    ctx: Ctx,
    actor: Actor,
    model: Arc<dyn AnyModel>,
    name: &'static str,
    id: i64,
    form: Form,
) -> super::Page {
    check_csrf(&ctx, &actor, &form)?;
    let action = action_of(&model, name)?;
    let draw = action.preview.ok_or_else(|| Error::not_found(NOT_FOUND))?;
    if model.labels(&ctx, &actor, &[id]).await?.is_empty() {
        return Err(Error::not_found(NOT_FOUND));
    }
    let input = form.input(&action.fields, &actor, Look::of(&ctx).offset);
    Ok(document::letter(draw(&ctx, id, input).await?))
}

fn preview_view(model: &Arc<dyn AnyModel>, action: &ActionInfo, id: i64) -> Option<PreviewView> {
    action.preview?;
    let url = format!("{}/{id}", model.about().url());
    let saved = model.documents().iter().find(|own| own.kind == DocumentKind::Letter);
    Some(PreviewView {
        action: format!("{url}/{}/preview", action.name),
        saved: saved.map(|own| format!("{url}/{}", own.name)),
    })
}

/// Двое правили одно: второму показаны оба значения, его правка не потеряна.
async fn clash(
    ctx: &Ctx,
    actor: &Actor,
    model: &Arc<dyn AnyModel>,
    action: &ActionInfo,
    mut draft: Draft,
    mine: &Input,
) -> super::Page {
    let theirs = model.values(ctx.db_fresh().into(), action.name, draft.id).await?;
    draft.conflict = clashes(action, mine, &theirs, Look::of(ctx));
    draft.version = version_of(&theirs);
    draft.problem = Some(ctx.texts().get(ctx.lang(), CHANGED, &()));
    let page = page(ctx, actor, model, &action.fields, Some(action), draft).await?;
    Ok(with_status(page, StatusCode::CONFLICT))
}

/// Поля, в которых наше и сохранённое разошлись.
fn clashes(action: &ActionInfo, mine: &Input, theirs: &Value, look: Look) -> Vec<Clash> {
    let text = |field: &Field, value: &Value| in_field(field, value, look.offset).join(", ");
    let clash = |field: &Field| {
        let (own, other) = (mine.values.get(field.name).unwrap_or(&Value::Null), &theirs[field.name]);
        let (mine, theirs) = (text(field, own), text(field, other));
        (!same(field, own, other, look.offset)).then(|| Clash { label: look.say(field.words), mine, theirs })
    };
    action.fields.iter().filter_map(clash).collect()
}

/// Та же форма с объяснением; поломка формой не прикрывается.
async fn again(
    ctx: &Ctx,
    actor: &Actor,
    model: &Arc<dyn AnyModel>,
    fields: &[Field],
    action: Option<&ActionInfo>,
    draft: Draft,
    error: Error,
) -> super::Page {
    if matches!(error.kind, Kind::Internal | Kind::Unavailable | Kind::NotFound | Kind::Unauthorized) {
        return Err(error);
    }
    let page = page(ctx, actor, model, fields, action, draft.refused(ctx, fields, &error)).await?;
    Ok(with_status(page, error.kind.status()))
}

async fn page(
    ctx: &Ctx,
    actor: &Actor,
    model: &Arc<dyn AnyModel>,
    fields: &[Field],
    action: Option<&ActionInfo>,
    draft: Draft,
) -> Result<Response> {
    let (look, about) = (Look::of(ctx), model.about());
    let label = match draft.id {
        0 => String::new(),
        id => {
            let found = model.labels(ctx, actor, &[id]).await?.pop();
            found.map(|(_, label)| label).ok_or_else(|| Error::not_found(NOT_FOUND))?
        }
    };
    let views = field_views(ctx, actor, fields, &draft).await?;
    let along = match action.and_then(|action| action.along) {
        Some(along) => along(ctx, draft.id).await?,
        None => Vec::new(),
    };
    let new = || format!("{}: {}", look.say(about.one), ctx.texts().get(ctx.lang(), "admin.new", &()));
    let heading = action.map_or_else(new, |action| look.say(action.words).to_owned());
    let saves = action.is_none_or(|action| action.edits);
    let save = || ctx.texts().get(ctx.lang(), "admin.save", &());
    let view = View {
        id: draft.id,
        danger: action.is_some_and(|action| action.danger),
        note: action.and_then(|action| action.note).map(|words| look.say(words)),
        along,
        files: fields.iter().any(|field| matches!(field.kind, FieldKind::Files)),
        fields: views,
        version: draft.version,
        key: draft.key,
        problem: draft.problem,
        conflict: draft.conflict,
        preview: action.and_then(|action| preview_view(model, action, draft.id)),
        submit: if saves { save() } else { heading.clone() },
        model: ModelView::of(&about, look),
        label,
        heading: heading.clone(),
    };
    render::html(ctx, actor, "form.html", Page { title: &heading, model: &about.model(), search: "" }, &view)
}
