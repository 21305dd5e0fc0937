//! Журнал админки: строка на каждое дело, в одной с ним транзакции.

use kernel::{Ctx, Result, Work};
use sea_orm::{ColumnTrait, EntityTrait, NotSet, QueryFilter, Set};
use serde::{Deserialize, Serialize};

use crate::cell::{Cell, Look};
use crate::words::Words;

pub mod entity {
    //! Строка журнала.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "admin_log")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        /// `user:17`.
        pub actor: String,
        pub user_id: Option<i64>,
        /// `orders.order`.
        pub model: String,
        pub object_id: i64,
        /// Как объект назывался тогда.
        pub label: String,
        pub action: String,
        /// `[{field, before, after}]`.
        pub changes: String,
        /// Ключ формы: повтор той же отправки не пустит UNIQUE.
        pub form_key: Option<String>,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Что изменилось.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    pub field: String,
    pub before: String,
    pub after: String,
}

pub(crate) struct Entry {
    pub model: String,
    pub object_id: i64,
    pub label: String,
    pub action: &'static str,
    pub changes: Vec<Change>,
}

/// Пишет строку в этой же транзакции.
pub(crate) async fn write(work: &mut Work, entry: Entry, form_key: &str) -> Result<()> {
    let row = entity::ActiveModel {
        id: NotSet,
        actor: Set(work.actor().label()),
        user_id: Set(work.actor().user_id()),
        model: Set(entry.model),
        object_id: Set(entry.object_id),
        label: Set(entry.label.chars().take(300).collect()),
        action: Set(entry.action.to_owned()),
        changes: Set(serde_json::to_string(&entry.changes)?),
        form_key: Set(key_of(form_key)),
        created_at: Set(work.timestamp()),
    };
    work.insert_later(vec![row]).await
}

fn key_of(form_key: &str) -> Option<String> {
    (!form_key.is_empty()).then(|| form_key.chars().take(64).collect())
}

/// Объект, над которым уже сделали дело с этим ключом формы.
pub(crate) async fn done_with(ctx: &Ctx, form_key: &str) -> Result<Option<i64>> {
    let Some(key) = key_of(form_key) else { return Ok(None) };
    let find = entity::Entity::find().filter(entity::Column::FormKey.eq(key));
    Ok(find.one(ctx.db_fresh()).await?.map(|row| row.object_id))
}

/// Строки карточки, какими их увидел человек: из двух таких снимков получается «было → стало».
pub(crate) type Snapshot = Vec<(Words, Cell)>;

pub(crate) fn difference(before: &Snapshot, after: &Snapshot, look: Look) -> Vec<Change> {
    let changed = before.iter().zip(after).filter(|((_, before), (_, after))| before != after);
    let change = |((words, before), (_, after)): (&(Words, Cell), &(Words, Cell))| Change {
        field: look.say(*words).to_owned(),
        before: before.plain(look),
        after: after.plain(look),
    };
    changed.map(change).collect()
}

/// Всё, с чем объект появился; кто его завёл, запись называет и сама.
pub(crate) fn born(after: &Snapshot, look: Look) -> Vec<Change> {
    let filled = after.iter().filter(|(_, cell)| !matches!(cell, Cell::Empty | Cell::Actor(_)));
    let change = |(words, cell): &(Words, Cell)| Change {
        field: look.say(*words).to_owned(),
        before: String::new(),
        after: cell.plain(look),
    };
    filled.map(change).collect()
}

pub(crate) fn changes(text: &str) -> Vec<Change> {
    serde_json::from_str(text).unwrap_or_default()
}
