//! Дело: завести, изменить, выполнить. Служба приложения и запись в журнал — в одной транзакции.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use kernel::{Actor, Ctx, Error, Result, Work};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::detail::NOT_FOUND;
use crate::cell::Look;
use crate::declare::{Create, Run};
use crate::input::{Input, in_field, same};
use crate::log::{self, Entry};
use crate::screen::{ActionInfo, AddInfo, AnyModel, run_inside};

pub(super) const CHANGED: &str = "admin.changed_meanwhile";
const NOT_POSSIBLE: &str = "admin.not_possible";

/// Подготовка снаружи, потом транзакция.
pub(super) async fn create(
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

/// Отпечаток значений, которые человек видел: разошёлся — кто-то успел раньше.
pub(super) fn version_of(values: &Value) -> String {
    hex::encode(&Sha256::digest(values.to_string().as_bytes())[..16])
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
