//! Поля сразу у многих: выбрать строки, выбрать поля, увидеть «было → стало», изменить. Каждая строка меняется той же службой, что и в своей
//! карточке; изменённую кем-то после показа пропускают и называют.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Actor, Ctx, Error, Money, Result};
use serde::Serialize;
use serde_json::Value;

use super::bulk::{LIMIT, Outcome, done_page, outcome};
use super::detail::NOT_FOUND;
use super::fields::{FieldView, filled_fields};
use super::perform::{Asked, CHANGED, perform, version_of};
use super::see;
use super::view::ModelView;
use crate::cell::Look;
use crate::declare::{Field, FieldKind};
use crate::input::{Form, Input, in_field, same};
use crate::query::Query;
use crate::render::{self, Page};
use crate::screen::{ActionInfo, AnyModel};
use crate::session::check_csrf;
use crate::words::Words;

pub(super) const NAME: &str = "edit";
pub(super) const WORDS: Words = ("Изменить поля", "Edit fields");
/// Строк, у которых показано «было → стало».
const SHOWN: usize = 20;
/// Поля самой страницы: на следующий шаг их не переносят.
const OWN: [&str; 8] = ["_csrf", "_key", "_preview", "_confirm", "_all", "_query", "_versions", "ids"];

/// Правка модели, если какие-то её поля меняют сразу у многих.
pub(super) fn action_of(model: &Arc<dyn AnyModel>) -> Option<ActionInfo> {
    model.actions().into_iter().find(|action| action.edits && !action.bulk_fields.is_empty())
}

#[derive(Serialize)]
struct View {
    model: ModelView,
    heading: &'static str,
    key: String,
    rows: Vec<(i64, String)>,
    /// Подошло больше, чем меняют за раз.
    is_cut: bool,
    limit: usize,
    fields: Vec<Choosable>,
    problem: Option<String>,
    preview: Option<Preview>,
}

#[derive(Serialize)]
struct Choosable {
    field: FieldView,
    on: bool,
    percent: bool,
    by_percent: bool,
}

#[derive(Serialize)]
struct Preview {
    shown: Vec<Shown>,
    /// Сколько строк изменится.
    changing: usize,
    versions: Vec<String>,
    carried: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Shown {
    label: String,
    lines: Vec<(&'static str, String, String)>,
}

/// Что сделать с полем.
struct Change {
    field: Field,
    to: To,
}

enum To {
    Value(Value),
    /// На сотые процента.
    Percent(i64),
}

pub(super) async fn act(ctx: Ctx, actor: Actor, model: Arc<dyn AnyModel>, form: Form) -> super::Page {
    check_csrf(&ctx, &actor, &form)?;
    let action = action_of(&model).ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let (ids, is_cut) = chosen(&ctx, &actor, &model, &form).await?;
    let rows = model.labels(&ctx, &actor, &ids).await?;
    if rows.is_empty() {
        return Ok(see(&model.about().url()));
    }
    let allowed = |field: &&Field| field.needs.is_none_or(|needs| actor.can(needs));
    let named = action.fields.iter().filter(|field| action.bulk_fields.contains(&field.name));
    let fields: Vec<Field> = named.filter(allowed).copied().collect();
    let wanted = changes(&fields, &form, &actor, Look::of(&ctx));
    let is_ready = !form.has("_find") && (form.has("_preview") || form.has("_confirm"));
    let (preview, problem) = match wanted {
        Ok(wanted) if is_ready && form.has("_confirm") => {
            return run(&ctx, &actor, &model, &action, &wanted, rows, &form).await;
        }
        Ok(wanted) if is_ready && !wanted.is_empty() => {
            (Some(preview(&ctx, &model, &action, &wanted, &rows, &form).await?), None)
        }
        Ok(_) if is_ready => (None, Some("admin.bulk_nothing")),
        Ok(_) => (None, None),
        Err(code) => (None, is_ready.then_some(code)),
    };
    let (look, about) = (Look::of(&ctx), model.about());
    let heading = look.say(WORDS);
    let view = View {
        model: ModelView::of(&about, look),
        heading,
        key: ctx.random().token(),
        is_cut,
        limit: LIMIT,
        fields: choosable(&ctx, &actor, &fields, &form).await?,
        problem: problem.map(|code| ctx.texts().get(ctx.lang(), code, &())),
        preview,
        rows,
    };
    render::html(&ctx, &actor, "bulk_edit.html", Page { title: heading, model: &about.model(), search: "" }, &view)
}

/// Отмеченные или всё, что подходит под отбор, но не больше [`LIMIT`].
async fn chosen(ctx: &Ctx, actor: &Actor, model: &Arc<dyn AnyModel>, form: &Form) -> Result<(Vec<i64>, bool)> {
    if !form.has("_all") {
        let mut ids = form.ids("ids");
        let is_cut = ids.len() > LIMIT;
        ids.truncate(LIMIT);
        return Ok((ids, is_cut));
    }
    let query = Query::parse(form.get("_query")).with("at", "");
    let page = model.page(ctx, actor, &query, LIMIT as u64, false).await?;
    Ok((page.rows.iter().map(|row| row.id).collect(), page.next.is_some()))
}

/// Названные поля и чем их заменить; непонятный процент — отказ.
fn changes(fields: &[Field], form: &Form, actor: &Actor, look: Look) -> std::result::Result<Vec<Change>, &'static str> {
    let named = form.fields.get("_set").map(Vec::as_slice).unwrap_or_default();
    let chosen: Vec<Field> =
        fields.iter().filter(|field| named.iter().any(|name| name == field.name)).copied().collect();
    let input = form.input(&chosen, actor, look.offset);
    let change = |field: Field| {
        let value = input.values.get(field.name).cloned().unwrap_or(Value::Null);
        let to = match is_by_percent(&field, form) {
            true => To::Percent(percent(&value).ok_or("admin.bulk_bad_percent")?),
            false => To::Value(value),
        };
        Ok(Change { field, to })
    };
    chosen.into_iter().map(change).collect()
}

fn is_by_percent(field: &Field, form: &Form) -> bool {
    matches!(field.kind, FieldKind::Money) && form.get(&format!("{}__how", field.name)) == "percent"
}

/// «−5,5» → −550.
fn percent(value: &Value) -> Option<i64> {
    let points = value.as_str()?.replace('−', "-").parse::<Money>().ok()?.to_minor();
    (-10_000..=100_000).contains(&points).then_some(points)
}

/// Каким поле станет у строки с этими значениями; пустая сумма от процента не меняется.
fn becomes(change: &Change, current: &Value) -> Value {
    match &change.to {
        To::Value(value) => value.clone(),
        To::Percent(points) => match money(current) {
            Some(sum) => Value::from((sum + sum.basis_points(*points)).to_string()),
            None => current.clone(),
        },
    }
}

fn money(value: &Value) -> Option<Money> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

async fn choosable(ctx: &Ctx, actor: &Actor, fields: &[Field], form: &Form) -> Result<Vec<Choosable>> {
    // Обязательно поле или нет, здесь решает отметка «изменить».
    let optional: Vec<Field> = fields.iter().map(|field| Field { required: false, section: None, ..*field }).collect();
    let named = form.fields.get("_set").map(Vec::as_slice).unwrap_or_default();
    let views = filled_fields(ctx, actor, &optional, form).await?;
    let choosable = |(view, field): (FieldView, &Field)| Choosable {
        on: named.iter().any(|name| name == field.name),
        percent: matches!(field.kind, FieldKind::Money),
        by_percent: is_by_percent(field, form),
        field: view,
    };
    Ok(views.into_iter().zip(fields).map(choosable).collect())
}

async fn preview(
    ctx: &Ctx,
    model: &Arc<dyn AnyModel>,
    action: &ActionInfo,
    wanted: &[Change],
    rows: &[(i64, String)],
    form: &Form,
) -> Result<Preview> {
    let look = Look::of(ctx);
    let (mut shown, mut changing, mut versions) = (Vec::new(), 0, Vec::new());
    for (id, label) in rows {
        let values = model.values(ctx.db_fresh().into(), action.name, *id).await?;
        versions.push(format!("{id}:{}", version_of(&values)));
        let lines = lines(wanted, &values, look);
        changing += usize::from(!lines.is_empty());
        if !lines.is_empty() && shown.len() < SHOWN {
            shown.push(Shown { label: label.clone(), lines });
        }
    }
    let carried = form.fields.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
    let carried = carried.flat_map(|(name, values)| values.iter().map(|value| (name.clone(), value.clone())));
    Ok(Preview { shown, changing, versions, carried: carried.collect() })
}

/// Чем строка станет отличаться от нынешней.
fn lines(wanted: &[Change], values: &Value, look: Look) -> Vec<(&'static str, String, String)> {
    let line = |change: &Change| {
        let (field, before) = (&change.field, &values[change.field.name]);
        let after = becomes(change, before);
        let text = |value: &Value| match (field.kind, value) {
            (FieldKind::Money, value) => money(value).map(kernel::texts::format_roubles).unwrap_or_default(),
            (FieldKind::Flag, Value::Bool(yes)) => {
                look.say(if *yes { ("да", "yes") } else { ("нет", "no") }).to_owned()
            }
            (_, value) => in_field(field, value, look.offset).join(", "),
        };
        (!same(field, before, &after, look.offset)).then(|| (look.say(field.words), text(before), text(&after)))
    };
    wanted.iter().filter_map(line).collect()
}

async fn run(
    ctx: &Ctx,
    actor: &Actor,
    model: &Arc<dyn AnyModel>,
    action: &ActionInfo,
    wanted: &[Change],
    rows: Vec<(i64, String)>,
    form: &Form,
) -> super::Page {
    let versions: HashMap<&str, &str> =
        form.fields.get("_versions").into_iter().flatten().filter_map(|pair| pair.split_once(':')).collect();
    let mut outcomes = Vec::new();
    for (id, label) in rows {
        let version = versions.get(id.to_string().as_str()).copied().unwrap_or_default();
        let values = model.values(ctx.db_fresh().into(), action.name, id).await?;
        let mut input = Input::default();
        for change in wanted {
            input.values.insert(change.field.name.to_owned(), becomes(change, &values[change.field.name]));
        }
        let key = format!("{}:{id}", form.get("_key"));
        // Пустой отпечаток ни с чем не совпадёт: строки, которой не показали, не меняют.
        let asked = Asked { id, input, version: version.to_owned(), key };
        let done = match version {
            "" => Err(Error::conflict(CHANGED)),
            _ => perform(ctx, actor, model, action, asked).await,
        };
        outcomes.push(Outcome { id, label, note: outcome(ctx, done)? });
    }
    done_page(ctx, actor, model, Look::of(ctx).say(WORDS), outcomes)
}
