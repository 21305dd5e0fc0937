//! Поля формы: что в них стоит и из чего выбирают.

use std::collections::BTreeMap;

use kernel::{Actor, Ctx, Result};
use serde::Serialize;

use super::draft::Draft;
use super::view::OptionView;
use crate::cell::{Choice, Look};
use crate::declare::{Field, FieldKind};
use crate::input::Form;

/// Найденного под полем выбора.
const FOUND: u64 = 10;

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
