//! Настройки, которые владелец меняет на ходу: действуют сразу, слабее окружения и флагов; секреты не показываются.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::response::Response;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::Uri;
use kernel::overrides::{self, Change};
use kernel::{Actor, Ctx, Error, Kind, Result, Work};
use serde_json::Value;

use super::detail::NOT_FOUND;
use super::draft::Draft;
use super::fields::field_views;
use super::page::{BlockView, FormView, View};
use super::see;
use crate::cell::{Cell, Look};
use crate::declare::{Field, FieldKind, SettingsOf};
use crate::input::{Form, in_field};
use crate::log::{self, Entry};
use crate::query::Query;
use crate::render::{self, Page};
use crate::session::{check_csrf, with_status};

const URL: &str = "/admin/admin/settings";
/// Отмечать в меню.
pub(crate) const MODEL: &str = "admin.settings";

/// Разделы: что в каждом.
pub(super) async fn index(ctx: Ctx, actor: Actor) -> super::Page {
    let look = Look::of(&ctx);
    let mut sections = ctx.declared::<SettingsOf>();
    // Приложения идут снизу вверх, а владельцу ближе верхние: имя магазина важнее пределов входа.
    sections.reverse();
    let row = |section: &Arc<SettingsOf>| {
        let link = Cell::Link(format!("{URL}/{}", section.section), look.say(section.words).to_owned());
        vec![link.show(look), Cell::from(look.say(section.help)).show(look)]
    };
    let heads = vec![look.say(("Раздел", "Section")), look.say(("О чём", "About"))];
    let rows = sections.iter().map(row).collect();
    let note = BlockView { kind: "text", text: words(&ctx, "settings_help"), ..BlockView::default() };
    let blocks = vec![note, BlockView { kind: "table", heads, rows, ..BlockView::default() }];
    let title = words(&ctx, "settings");
    let view = View { title: title.clone(), url: URL.to_owned(), above: None, done: false, blocks };
    render::html(&ctx, &actor, "page.html", Page { title: &title, model: MODEL, search: "" }, &view)
}

fn words(ctx: &Ctx, key: &str) -> String {
    ctx.texts().get(ctx.lang(), &format!("admin.{key}"), &())
}

fn section(ctx: &Ctx, name: &str) -> Result<Arc<SettingsOf>> {
    let found = ctx.declared::<SettingsOf>().into_iter().find(|own| own.section == name);
    found.ok_or_else(|| Error::not_found(NOT_FOUND))
}

pub(super) async fn show(ctx: Ctx, actor: Actor, name: String, uri: Uri) -> super::Page {
    // В журнале у настроек номера нет: `/admin/admin/settings/0`.
    if name == "0" {
        return Ok(see(URL));
    }
    let section = section(&ctx, &name)?;
    let look = Look::of(&ctx);
    let value = |field: &Field| {
        let current = ctx.settings().value(&key(&section, field)).unwrap_or_default();
        (field.name.to_owned(), in_field(field, &current, look.offset))
    };
    let mut draft = Draft::new(&ctx, 0, section.fields.iter().map(value).collect());
    draft.version = overrides::version(ctx.db_fresh()).await?;
    let done = Query::of(&uri).get("done").is_some();
    page(&ctx, &actor, &section, draft, done).await
}

fn key(section: &SettingsOf, field: &Field) -> String {
    format!("{}.{}", section.section, field.name)
}

async fn page(ctx: &Ctx, actor: &Actor, section: &SettingsOf, draft: Draft, done: bool) -> Result<Response> {
    let look = Look::of(ctx);
    let settings = ctx.settings();
    let (forced, free): (Vec<Field>, Vec<Field>) =
        section.fields.iter().copied().partition(|field| settings.forced_by(&key(section, field)).is_some());
    let mut blocks = vec![BlockView { kind: "text", text: look.say(section.help).to_owned(), ..BlockView::default() }];
    if !free.is_empty() {
        let mut fields = field_views(ctx, actor, &free, &draft).await?;
        for (view, field) in fields.iter_mut().zip(&free) {
            let is_set = settings.value(&key(section, field)).is_some_and(|value| value != "");
            view.set_secret_state(words(ctx, if is_set { "secret_set" } else { "secret_unset" }));
        }
        let form = FormView {
            name: section.section,
            title: words(ctx, "save"),
            fields,
            danger: false,
            files: false,
            version: draft.version.clone(),
            problem: draft.problem.clone(),
            second: Some(("_reset", words(ctx, "settings_reset"))),
        };
        let url = format!("{URL}/{}", section.section);
        blocks.push(BlockView { kind: "form", url, form: Some(form), ..BlockView::default() });
    }
    if !forced.is_empty() {
        blocks.push(forced_table(ctx, section, &forced));
    }
    let title = look.say(section.words).to_owned();
    let above = Some((words(ctx, "settings"), URL.to_owned()));
    let view = View { title: title.clone(), url: URL.to_owned(), above, done, blocks };
    render::html(ctx, actor, "page.html", Page { title: &title, model: MODEL, search: "" }, &view)
}

/// Заданное сильнее админки: видно, но не меняется.
fn forced_table(ctx: &Ctx, section: &SettingsOf, forced: &[Field]) -> BlockView {
    let look = Look::of(ctx);
    let row = |field: &Field| {
        let key = key(section, field);
        let value = ctx.settings().value(&key).unwrap_or_default();
        let source = ctx.settings().forced_by(&key).unwrap_or_default();
        vec![look.say(field.words).to_owned(), said(ctx, field, &value), source]
    };
    let rows = forced.iter().map(|field| row(field).into_iter().map(|text| Cell::from(text).show(look)).collect());
    BlockView {
        kind: "table",
        text: words(ctx, "settings_forced"),
        heads: [("Настройка", "Setting"), ("Значение", "Value"), ("Чем задана", "Set by")]
            .map(|w| look.say(w))
            .to_vec(),
        rows: rows.collect(),
        ..BlockView::default()
    }
}

/// Значение для глаз и журнала; секрет — никогда.
fn said(ctx: &Ctx, field: &Field, value: &Value) -> String {
    let look = Look::of_log(ctx);
    match (field.kind, value) {
        (FieldKind::Secret, Value::String(text)) if text.is_empty() => String::new(),
        (FieldKind::Secret, Value::Null) => String::new(),
        (FieldKind::Secret, _) => "••••••".to_owned(),
        (FieldKind::Flag, value) => Cell::Flag(value.as_bool().unwrap_or_default()).plain(look),
        (FieldKind::Choice(choices), Value::String(code)) => crate::badge(choices, code).plain(look),
        _ => in_field(field, value, look.offset).join(", "),
    }
}

pub(super) async fn save(ctx: Ctx, actor: Actor, name: String, form: Form) -> super::Page {
    check_csrf(&ctx, &actor, &form)?;
    let section = section(&ctx, &name)?;
    let draft = Draft::again(0, &form);
    let changes = match form.has("_reset") {
        true => Ok(reset(&section)),
        false => wanted(&ctx, &actor, &section, &form),
    };
    let saved = match changes {
        Ok(changes) => commit(&ctx, &actor, section.clone(), changes, draft.version.clone()).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => {
            overrides::reload(&ctx).await?;
            Ok(see(&format!("{URL}/{name}?done=1")))
        }
        Err(error) if matches!(error.kind, Kind::Internal | Kind::Unavailable) => Err(error),
        Err(error) => {
            let (status, draft) = (error.kind.status(), draft.refused(&ctx, &section.fields, &error));
            Ok(with_status(page(&ctx, &actor, &section, draft, false).await?, status))
        }
    }
}

/// Меняемые поля: имя поля → новое значение.
type Wanted = BTreeMap<&'static str, Option<Value>>;

/// Все ключи раздела — как в файле.
fn reset(section: &SettingsOf) -> Wanted {
    section.fields.iter().map(|field| (field.name, None)).collect()
}

/// Только изменённое и не заданное сильнее; пустой секрет значит «не менять».
fn wanted(ctx: &Ctx, actor: &Actor, section: &SettingsOf, form: &Form) -> Result<Wanted> {
    let settings = ctx.settings();
    let mut input = form.input(&section.fields, actor, Look::of(ctx).offset);
    let mut wanted = Wanted::new();
    let mut refusal: Option<Error> = None;
    for field in &section.fields {
        let key = key(section, field);
        let Some(value) = input.values.remove(field.name) else {
            // Пустое число: поле было, а значения нет.
            if form.has(field.name) && !matches!(field.kind, FieldKind::Secret) {
                refusal = Some(refusal.unwrap_or_else(Error::invalid_body).field(field.name, "required"));
            }
            continue;
        };
        if settings.forced_by(&key).is_some() || settings.value(&key).as_ref() == Some(&value) {
            continue;
        }
        if let Some(code) = out_of_range(field, &value) {
            refusal = Some(refusal.unwrap_or_else(Error::invalid_body).field(field.name, &code));
        }
        wanted.insert(field.name, Some(value));
    }
    refusal.map_or(Ok(wanted), Err)
}

fn out_of_range(field: &Field, value: &Value) -> Option<String> {
    let (least, most) = field.range?;
    match value.as_i64() {
        None => Some("not_integer".to_owned()),
        Some(number) if number < least => Some(format!("too_small:{least}")),
        Some(number) if number > most => Some(format!("too_big:{most}")),
        Some(_) => None,
    }
}

fn commit<'a>(
    ctx: &'a Ctx,
    actor: &'a Actor,
    section: Arc<SettingsOf>,
    wanted: Wanted,
    version: String,
) -> BoxFuture<'a, Result<()>> {
    ctx.atomic(actor, async move |work: &mut Work| write(work, &section, &wanted, &version).await).boxed()
}

/// Значения и запись в журнале — в одной транзакции.
async fn write(work: &mut Work, section: &SettingsOf, wanted: &Wanted, version: &str) -> Result<()> {
    let fields = section.fields.iter().filter(|field| wanted.contains_key(field.name));
    let (mut changes, mut lines) = (BTreeMap::new(), Vec::new());
    for field in fields {
        let value = wanted.get(field.name).cloned().flatten();
        let key = key(section, field);
        let before = work.ctx().settings().value(&key).unwrap_or_default();
        let after = value.as_ref().map_or_else(|| "как в файле".to_owned(), |value| said(work.ctx(), field, value));
        let look = Look::of_log(work.ctx());
        lines.push(log::Change {
            field: look.say(field.words).to_owned(),
            before: said(work.ctx(), field, &before),
            after,
        });
        changes.insert(key, Change { value, is_secret: matches!(field.kind, FieldKind::Secret) });
    }
    if changes.is_empty() {
        return Ok(());
    }
    let named = |error: Error| short_names(error, section);
    overrides::save(work, version, &changes).await.map_err(named)?;
    let label = Look::of_log(work.ctx()).say(section.words).to_owned();
    let entry = Entry { model: MODEL.to_owned(), object_id: 0, label, action: "change", changes: lines };
    log::write(work, entry, "").await
}

/// Отказ называет ключ целиком, а поле формы — без раздела.
fn short_names(mut error: Error, section: &SettingsOf) -> Error {
    let prefix = format!("{}.", section.section);
    for field in &mut error.fields {
        field.field = field.field.strip_prefix(&prefix).unwrap_or(&field.field).to_owned();
    }
    error
}
