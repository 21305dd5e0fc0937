//! Настройки, которые владелец меняет в админке: таблица `setting_overrides`. Сильнее файла, слабее окружения и флагов; действуют сразу,
//! остальные процессы замечают перемену за несколько секунд.

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, Set};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::settings::OwnValues;
use crate::{Ctx, Error, Result, Work, seal};

/// Строка-счётчик: по ней видно, что настройки меняли; она же не даст двоим сохранить разом.
const VERSION: &str = "version";
/// Как часто спрашивать, не меняли ли настройки в другом процессе.
const POLL: Duration = Duration::from_secs(3);
/// Чем запечатаны секреты.
const PURPOSE: &str = "settings";

pub mod row {
    //! Одно значение.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "setting_overrides")]
    pub struct Model {
        /// `orders.unpaid_ttl_minutes`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        /// JSON; у секрета — запечатанный.
        pub value: String,
        pub is_secret: bool,
        pub updated_at: crate::Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Новое значение ключа; `None` — вернуть к заданному в файле.
#[derive(Clone, Debug)]
pub struct Change {
    pub value: Option<Value>,
    pub is_secret: bool,
}

/// Версия сохранённых настроек: форма возвращает её, чтобы не затереть чужую правку.
pub async fn version(db: &impl ConnectionTrait) -> Result<String> {
    let row = row::Entity::find_by_id(VERSION).one(db).await?;
    Ok(row.map(|row| row.value).unwrap_or_default())
}

/// Все сохранённые значения.
pub async fn stored(ctx: &Ctx, db: &impl ConnectionTrait) -> Result<OwnValues> {
    let rows = row::Entity::find().filter(row::Column::Name.ne(VERSION)).all(db).await?;
    rows.into_iter().map(|row| Ok((row.name.clone(), read(ctx, &row)?))).collect()
}

fn read(ctx: &Ctx, row: &row::Model) -> Result<Value> {
    let text = match row.is_secret {
        true => seal::open(&ctx.secret(PURPOSE), &row.name, &row.value)?,
        false => row.value.clone(),
    };
    Ok(serde_json::from_str(&text)?)
}

/// Записывает перемены, если с версии `seen` никто не успел раньше и значения проходят те же проверки, что и файл. Действуют они
/// после фиксации и [`reload`].
pub async fn save(work: &mut Work, seen: &str, changes: &BTreeMap<String, Change>) -> Result<()> {
    let next = work.ctx().random().token();
    let claimed = row::Entity::update_many()
        .col_expr(row::Column::Value, Expr::value(next))
        .filter(row::Column::Name.eq(VERSION))
        .filter(row::Column::Value.eq(seen))
        .exec(work.db())
        .await?;
    if claimed.rows_affected == 0 {
        return Err(Error::conflict("settings.changed_meanwhile"));
    }
    let mut own = stored(work.ctx(), work.db()).await?;
    for (name, change) in changes {
        match &change.value {
            Some(value) => own.insert(name.clone(), value.clone()),
            None => own.remove(name),
        };
        if !work.ctx().settings().accepts(&own) {
            return Err(Error::invalid(name, "settings.bad_value"));
        }
    }
    for (name, change) in changes {
        row::Entity::delete_by_id(name.as_str()).exec(work.db()).await?;
        if let Some(value) = &change.value {
            insert(work, name, value, change.is_secret).await?;
        }
    }
    Ok(())
}

async fn insert(work: &Work, name: &str, value: &Value, is_secret: bool) -> Result<()> {
    let text = value.to_string();
    let stored = match is_secret {
        true => seal::close(&work.ctx().secret(PURPOSE), &work.ctx().random().bytes(), name, &text)?,
        false => text,
    };
    let row = row::ActiveModel {
        name: Set(name.to_owned()),
        value: Set(stored),
        is_secret: Set(is_secret),
        updated_at: Set(work.timestamp()),
    };
    row::Entity::insert(row).exec_without_returning(work.db()).await?;
    Ok(())
}

/// Читает сохранённое и применяет. Значение, которое эта версия программы не понимает, пропускается с предупреждением: магазин важнее.
pub async fn reload(ctx: &Ctx) -> Result<()> {
    let own = stored(ctx, ctx.db_fresh()).await?;
    let settings = ctx.settings();
    let Err(problem) = settings.apply(&own) else { return Ok(()) };
    tracing::warn!(%problem, "some settings saved in the admin do not fit and are skipped");
    let mut fit = OwnValues::new();
    for (name, value) in own {
        fit.insert(name.clone(), value);
        if !settings.accepts(&fit) {
            fit.remove(&name);
        }
    }
    settings.apply(&fit).map_err(Error::internal)
}

/// Следит, не сменил ли настройки другой процесс.
pub async fn follow(ctx: Ctx, stop: CancellationToken) {
    let mut seen = String::new();
    while !stop.is_cancelled() {
        match follow_once(&ctx, &seen).await {
            Ok(version) => seen = version,
            Err(error) => tracing::warn!(%error, "cannot read the settings saved in the admin"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Перечитывает, если версия уже не `seen`; ответ — нынешняя версия.
pub async fn follow_once(ctx: &Ctx, seen: &str) -> Result<String> {
    let current = version(ctx.db_fresh()).await?;
    if current != seen {
        reload(ctx).await?;
    }
    Ok(current)
}
