//! Формы: завести, изменить, выполнить дело. Проверяет схема приложения, делает его служба, журнал — в той же транзакции.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::response::Response;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{StatusCode, Uri};
use kernel::texts::describe;
use kernel::{Actor, Ctx, Error, Kind, Result, Work};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::detail::NOT_FOUND;
use super::see;
use super::view::{ModelView, OptionView};
use crate::cell::{Choice, Look};
use crate::declare::{Create, Field, FieldKind, Run};
use crate::input::{Form, Input, in_field, same};
use crate::log::{self, Entry};
use crate::query::Query;
use crate::render::{self, Page};
use crate::screen::{ActionInfo, AddInfo, AnyModel, run_inside};
use crate::session::{check_csrf, with_status};

pub(super) const CHANGED: &str = "admin.changed_meanwhile";
const NOT_POSSIBLE: &str = "admin.not_possible";
/// Найденного под полем выбора.
const FOUND: u64 = 10;

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
}

/// Поле, которое изменили двое.
#[derive(Serialize)]
struct Clash {
    label: &'static str,
    mine: String,
    theirs: String,
}

#[derive(Serialize)]
pub(super) struct FieldView {
    pub name: &'static str,
    label: &'static str,
    hint: Option<&'static str>,
    section: Option<&'static str>,
    kind: &'static str,
    required: bool,
    nullable: bool,
    value: String,
    rows: u8,
    options: Vec<OptionView>,
    pick: Option<String>,
    error: Option<String>,
    /// Задан ли секрет.
    state: Option<String>,
}

/// Всё, из чего рисуется форма.
pub(super) struct Draft {
    id: i64,
    /// Поле → что в нём стоит.
    values: BTreeMap<String, Vec<String>>,
    errors: BTreeMap<String, String>,
    pub(super) problem: Option<String>,
    pub(super) version: String,
    key: String,
    conflict: Vec<Clash>,
    /// Какому полю искали варианты.
    find: Option<(String, String)>,
}

impl Draft {
    pub(super) fn new(ctx: &Ctx, id: i64, values: BTreeMap<String, Vec<String>>) -> Draft {
        Draft {
            id,
            values,
            errors: BTreeMap::new(),
            problem: None,
            version: String::new(),
            key: ctx.random().token(),
            conflict: Vec::new(),
            find: None,
        }
    }

    /// Присланное возвращается как было.
    pub(super) fn again(id: i64, form: &Form) -> Draft {
        let find = form.has("_find").then(|| form.get("_find").to_owned());
        Draft {
            id,
            values: form.fields.clone(),
            errors: BTreeMap::new(),
            problem: None,
            version: form.get("_version").to_owned(),
            key: form.get("_key").to_owned(),
            conflict: Vec::new(),
            find: find.map(|name| (form.get(&format!("{name}__q")).to_owned(), name)).map(|(q, name)| (name, q)),
        }
    }

    pub(super) fn refused(mut self, ctx: &Ctx, fields: &[Field], error: &Error) -> Draft {
        let (detail, problems) = describe(ctx.texts(), ctx.lang(), error);
        for problem in &problems {
            let name = problem["field"].as_str().unwrap_or_default();
            let root = if fields.iter().any(|field| field.name == name) {
                name
            } else {
                name.split(['.', '[']).next().unwrap_or_default()
            };
            let message = problem["message"].as_str().unwrap_or_default().to_owned();
            let known = [name, root].into_iter().find(|name| fields.iter().any(|field| field.name == *name));
            if let Some(name) = known {
                self.errors.insert(name.to_owned(), message);
            } else if error.kind == Kind::Invalid {
                self.problem = Some(if name.is_empty() { message } else { format!("{name}: {message}") });
            }
        }
        if self.problem.is_none() && (self.errors.is_empty() || error.kind != Kind::Invalid) {
            self.problem = Some(detail);
        }
        self
    }
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

/// Подготовка снаружи, потом транзакция.
async fn create(
    ctx: &Ctx,
    actor: &Actor,
    model: Arc<dyn AnyModel>,
    add: &AddInfo,
    input: Input,
    key: String,
) -> Result<i64> {
    let input = match add.prepare {
        Some(prepare) => prepare(ctx, actor, input).await?,
        None => input,
    };
    commit_new(ctx, actor, model, add.run, input, key).await
}

/// Транзакция отдельной функцией: так компилятору видно, что будущее можно передать другому потоку.
fn commit_new<'a>(
    ctx: &'a Ctx,
    actor: &'a Actor,
    model: Arc<dyn AnyModel>,
    run: Create,
    input: Input,
    key: String,
) -> BoxFuture<'a, Result<i64>> {
    ctx.atomic(actor, async move |work: &mut Work| {
        create_in(work, model.clone(), run, input.clone(), key.clone()).await
    })
    .boxed()
}

/// Заводит и пишет в журнал, с чем.
fn create_in(
    work: &mut Work,
    model: Arc<dyn AnyModel>,
    run: Create,
    input: Input,
    key: String,
) -> BoxFuture<'_, Result<i64>> {
    async move {
        let id = run(work, input).await?;
        work.settle().await?;
        let (label, after) = model.snapshot(work, id, false).await?.unwrap_or_default();
        let changes = log::born(&after, Look::of_log(work.ctx()));
        let entry = Entry { model: model.about().model(), object_id: id, label, action: "add", changes };
        log::write(work, entry, &key).await?;
        Ok(id)
    }
    .boxed()
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

/// Отпечаток значений, которые человек видел: разошёлся — кто-то успел раньше.
pub(super) fn version_of(values: &Value) -> String {
    hex::encode(&Sha256::digest(values.to_string().as_bytes())[..16])
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

/// Что просят сделать.
#[derive(Clone)]
pub(super) struct Asked {
    pub id: i64,
    pub input: Input,
    /// Отпечаток виденных значений; пусто — не правка.
    pub version: String,
    /// Ключ формы: повтор той же отправки не сделает дело дважды.
    pub key: String,
}

/// Делает дело; `false` — объекта больше нет. Повтор уже сделанного — успех.
pub(super) async fn perform(
    ctx: &Ctx,
    actor: &Actor,
    model: &Arc<dyn AnyModel>,
    action: &ActionInfo,
    asked: Asked,
) -> Result<bool> {
    let key = asked.key.clone();
    if log::done_with(ctx, &key).await?.is_some() {
        return still_there(ctx, actor, model, asked.id).await;
    }
    if let Run::Outside(run) = action.run {
        still_there(ctx, actor, model, asked.id).await?.then_some(()).ok_or_else(|| Error::not_found(NOT_FOUND))?;
        run(ctx, actor, asked.id, asked.input.clone()).await?;
    }
    let id = asked.id;
    let done = transact(ctx, actor, model.clone(), action.clone(), asked).await;
    match done {
        Ok(there) => Ok(there),
        Err(error) => match log::done_with(ctx, &key).await? {
            Some(_) => still_there(ctx, actor, model, id).await,
            None => Err(error),
        },
    }
}

async fn still_there(ctx: &Ctx, actor: &Actor, model: &Arc<dyn AnyModel>, id: i64) -> Result<bool> {
    Ok(!model.labels(ctx, actor, &[id]).await?.is_empty())
}

fn transact<'a>(
    ctx: &'a Ctx,
    actor: &'a Actor,
    model: Arc<dyn AnyModel>,
    action: ActionInfo,
    asked: Asked,
) -> BoxFuture<'a, Result<bool>> {
    ctx.atomic(actor, async move |work: &mut Work| inside(work, model.clone(), action.clone(), asked.clone()).await)
        .boxed()
}

/// Снимок, дело, снимок, запись в журнал.
fn inside(work: &mut Work, model: Arc<dyn AnyModel>, action: ActionInfo, asked: Asked) -> BoxFuture<'_, Result<bool>> {
    async move {
        let Asked { id, input, version, key } = asked;
        let before = model.snapshot(work, id, action.edits).await?;
        let (label, before) = before.ok_or_else(|| Error::not_found(NOT_FOUND))?;
        let is_inside = matches!(action.run, Run::Inside(_));
        if is_inside && !model.is_possible(work, action.name, id).await? {
            return Err(Error::conflict(NOT_POSSIBLE));
        }
        let (input, told) = match action.edits {
            true => only_changed(work, &model, &action, id, input, &version).await?,
            false => (input.clone(), told(&action, &input, work.ctx())),
        };
        if action.edits && input.values.is_empty() {
            return Ok(true);
        }
        run_inside(work, action.run, id, input).await?;
        work.settle().await?;
        let after = model.snapshot(work, id, false).await?;
        let mut changes = told;
        if let Some((_, after)) = after.as_ref().filter(|_| !action.edits) {
            let seen = log::difference(&before, after, Look::of_log(work.ctx()));
            changes.retain(|told| !seen.iter().any(|change| change.field == told.field));
            changes.extend(seen);
        }
        let entry = Entry { model: model.about().model(), object_id: id, label, action: action.name, changes };
        log::write(work, entry, &key).await?;
        Ok(after.is_some())
    }
    .boxed()
}

/// Что человек ввёл в форму дела: причина, сумма, трек-номер.
fn told(action: &ActionInfo, input: &Input, ctx: &Ctx) -> Vec<log::Change> {
    let look = Look::of_log(ctx);
    let given = action.fields.iter().filter_map(|field| {
        let after = in_field(field, input.values.get(field.name)?, look.offset).join(", ");
        let field = look.say(field.words).to_owned();
        (!after.is_empty()).then_some(log::Change { field, before: String::new(), after })
    });
    given.collect()
}

/// Только изменённые поля с «было → стало» — и только если никто не успел раньше.
async fn only_changed(
    work: &Work,
    model: &Arc<dyn AnyModel>,
    action: &ActionInfo,
    id: i64,
    mut input: Input,
    version: &str,
) -> Result<(Input, Vec<log::Change>)> {
    let current = model.values(work.db().into(), action.name, id).await?;
    if version_of(&current) != version {
        return Err(Error::conflict(CHANGED));
    }
    let look = Look::of_log(work.ctx());
    let mut changes = Vec::new();
    for field in &action.fields {
        let (Some(new), old) = (input.values.get(field.name), &current[field.name]) else { continue };
        if same(field, new, old, look.offset) {
            input.values.remove(field.name);
            continue;
        }
        let text = |value: &Value| in_field(field, value, look.offset).join(", ");
        changes.push(log::Change { field: look.say(field.words).to_owned(), before: text(old), after: text(new) });
    }
    Ok((input, changes))
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
        submit: if saves { save() } else { heading.clone() },
        model: ModelView::of(&about, look),
        label,
        heading: heading.clone(),
    };
    render::html(ctx, actor, "form.html", Page { title: &heading, model: &about.model(), search: "" }, &view)
}

pub(super) async fn field_views(ctx: &Ctx, actor: &Actor, fields: &[Field], draft: &Draft) -> Result<Vec<FieldView>> {
    let mut views = Vec::new();
    for field in fields {
        if field.needs.is_none_or(|needs| actor.can(needs)) {
            views.push(field_view(ctx, actor, field, draft).await?);
        }
    }
    Ok(views)
}

/// Поля с тем, что в них уже введено.
pub(super) async fn filled_fields(ctx: &Ctx, actor: &Actor, fields: &[Field], form: &Form) -> Result<Vec<FieldView>> {
    field_views(ctx, actor, fields, &Draft::again(0, form)).await
}

/// Поля формы массового дела.
pub(super) async fn blank_fields(ctx: &Ctx, actor: &Actor, fields: &[Field]) -> Result<Vec<FieldView>> {
    field_views(ctx, actor, fields, &Draft::new(ctx, 0, BTreeMap::new())).await
}

async fn field_view(ctx: &Ctx, actor: &Actor, field: &Field, draft: &Draft) -> Result<FieldView> {
    let look = Look::of(ctx);
    let values = draft.values.get(field.name).cloned().unwrap_or_default();
    let (kind, options) = match field.kind {
        FieldKind::Text => ("text", Vec::new()),
        FieldKind::Number => ("number", Vec::new()),
        FieldKind::Money => ("money", Vec::new()),
        FieldKind::Flag => ("flag", Vec::new()),
        FieldKind::Moment => ("moment", Vec::new()),
        FieldKind::Files => ("files", Vec::new()),
        FieldKind::Area(_) | FieldKind::Lines => ("area", Vec::new()),
        FieldKind::Choice(choices) => ("choice", coded(choices, look, &values)),
        FieldKind::Choices(choices) => ("choices", coded(choices, look, &values)),
        FieldKind::Secret => ("secret", Vec::new()),
        FieldKind::GroupedOptions(load) => ("choices", in_parts(load(ctx, draft.id).await?, &values)),
        FieldKind::Options(load) => ("choice", loaded(load(ctx, draft.id).await?, &values)),
        FieldKind::ManyOptions(load) => ("choices", loaded(load(ctx, draft.id).await?, &values)),
        FieldKind::Quantities(load) => ("quantities", loaded(load(ctx, draft.id).await?, &[])),
        FieldKind::Order(load) => ("order", in_order(load(ctx, draft.id).await?, &values)),
        FieldKind::Pick(model) => ("pick", picked(ctx, actor, model, field.name, &values, draft).await?),
        FieldKind::PickMany(model) => ("pick_many", picked(ctx, actor, model, field.name, &values, draft).await?),
    };
    let pick = match field.kind {
        FieldKind::Pick(model) | FieldKind::PickMany(model) => {
            Some(format!("/admin/{}/pick", model.replacen('.', "/", 1)))
        }
        _ => None,
    };
    Ok(FieldView {
        name: field.name,
        label: look.say(field.words),
        hint: field.hint.map(|words| look.say(words)),
        section: field.section.map(|words| look.say(words)),
        kind,
        required: field.required,
        nullable: field.nullable || !field.required,
        value: values.last().filter(|_| kind != "secret").cloned().unwrap_or_default(),
        rows: match field.kind {
            FieldKind::Area(rows) => rows,
            _ => 5,
        },
        options,
        pick,
        error: draft.errors.get(field.name).cloned(),
        state: None,
    })
}

impl FieldView {
    /// У секрета — задан ли он; прочим полям это ни к чему.
    pub fn set_secret_state(&mut self, words: String) {
        self.state = Some(words).filter(|_| self.kind == "secret");
    }
}

fn option(value: &str, title: &str, on: &[String]) -> OptionView {
    OptionView { value: value.to_owned(), title: title.to_owned(), on: on.iter().any(|own| own == value), part: None }
}

/// Заголовок части стоит у её первого варианта.
fn in_parts(options: Vec<(String, String, String)>, values: &[String]) -> Vec<OptionView> {
    let mut last = String::new();
    let mut view = |(part, value, title): (String, String, String)| {
        let starts = part != last;
        last.clone_from(&part);
        OptionView { part: Some(part).filter(|_| starts), ..option(&value, &title, values) }
    };
    options.into_iter().map(&mut view).collect()
}

fn coded(choices: &[Choice], look: Look, values: &[String]) -> Vec<OptionView> {
    choices.iter().map(|choice| option(choice.code, look.say(choice.words), values)).collect()
}

fn loaded(options: Vec<(String, String)>, values: &[String]) -> Vec<OptionView> {
    options.iter().map(|(value, title)| option(value, title, values)).collect()
}

/// В присланном порядке; чего в нём нет — в конце.
fn in_order(options: Vec<(String, String)>, values: &[String]) -> Vec<OptionView> {
    let mut options = loaded(options, values);
    options.sort_by_key(|option| values.iter().position(|id| *id == option.value).unwrap_or(usize::MAX));
    options
}

/// Выбранное и, если искали, найденное.
async fn picked(
    ctx: &Ctx,
    actor: &Actor,
    model: &str,
    name: &str,
    values: &[String],
    draft: &Draft,
) -> Result<Vec<OptionView>> {
    let Some(model) = super::screen(ctx, actor, model) else { return Ok(Vec::new()) };
    let ids: Vec<i64> = values.iter().filter_map(|id| id.parse().ok()).collect();
    let mut found = if ids.is_empty() { Vec::new() } else { model.labels(ctx, actor, &ids).await? };
    let find = draft.find.as_ref().filter(|(field, text)| field == name && !text.is_empty());
    if let Some((_, text)) = find {
        let more = model.find(ctx, actor, text, FOUND).await?;
        found.extend(more.into_iter().filter(|(id, _)| !ids.contains(id)));
    }
    Ok(found.iter().map(|(id, title)| option(&id.to_string(), title, values)).collect())
}
