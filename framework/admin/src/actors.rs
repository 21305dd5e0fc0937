//! Кто это: `user:17` → имя. Сама админка людей не знает, их называет приложение ([`People`](crate::People)).

use kernel::{Ctx, Result};

use crate::cell::Cell;
use crate::declare::{Names, People};

/// Имена людей по номерам; без приложения людей — пусто.
pub(crate) async fn names(ctx: &Ctx, mut ids: Vec<i64>) -> Result<Names> {
    ids.sort_unstable();
    ids.dedup();
    match ctx.declared::<People>().first() {
        Some(people) if !ids.is_empty() => (people.names)(ctx, ids).await,
        _ => Ok(Names::new()),
    }
}

pub(crate) fn who(names: &Names, user: Option<i64>, actor: &str) -> String {
    user.and_then(|id| names.get(&id)).cloned().unwrap_or_else(|| actor.to_owned())
}

/// `user:17` → 17.
pub(crate) fn user_of(actor: &str) -> Option<i64> {
    actor.strip_prefix("user:").and_then(|id| id.parse().ok())
}

/// Ставит имена на место `user:17` — одним запросом, сколько бы ячеек ни было.
pub(crate) async fn name_actors(ctx: &Ctx, cells: Vec<&mut Cell>) -> Result<()> {
    let person = |cell: &Cell| match cell {
        Cell::Actor(actor) => user_of(actor),
        _ => None,
    };
    let ids: Vec<i64> = cells.iter().filter_map(|cell| person(cell)).collect();
    let names = names(ctx, ids).await?;
    for cell in cells {
        if let Some(name) = person(cell).and_then(|id| names.get(&id)) {
            *cell = Cell::Text(name.clone());
        }
    }
    Ok(())
}
