//! Модель без своего типа: что движок спрашивает у любой таблицы.

use chrono::{Duration, NaiveDate};
use kernel::{Actor, Ctx, Money, Permission, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, Query as Select};
use sea_orm::{Condition, DatabaseExecutor, IdenStatic, Order, QueryOrder, QuerySelect, QueryTrait};
use serde_json::Value;

use crate::actors::name_actors;
use crate::cell::{Cell, Choice, Look};
use crate::declare::{Along, Create, Document, Field, FilterKind, Model, Options, Panel, Prepare, Preview, Run};
use crate::input::Input;
use crate::keyset::{Key, Spot};
use crate::log::Snapshot;
use crate::query::Query;
use crate::words::Words;

/// Дальше этого числа строк не считаем: «больше тысячи» человеку достаточно, а миллион считался бы долго.
pub(crate) const COUNTED: i64 = 1000;

pub(crate) struct About {
    pub app: &'static str,
    pub name: &'static str,
    pub words: Words,
    pub one: Words,
    pub view: Permission,
    pub hidden: bool,
}

impl About {
    /// `orders.order`.
    pub fn model(&self) -> String {
        format!("{}.{}", self.app, self.name)
    }

    pub fn url(&self) -> String {
        format!("/admin/{}/{}", self.app, self.name)
    }
}

pub(crate) struct Head {
    pub words: Words,
    pub sort: Option<&'static str>,
}

pub(crate) struct ListRow {
    pub id: i64,
    pub label: String,
    pub cells: Vec<Cell>,
}

/// Страница списка.
pub(crate) struct ListPage {
    pub heads: Vec<Head>,
    pub rows: Vec<ListRow>,
    /// Больше [`COUNTED`] — значит «больше».
    pub count: i64,
    pub sort: (String, bool),
    pub previous: Option<Spot>,
    pub next: Option<Spot>,
}

/// Отбор, каким его рисует страница.
pub(crate) enum FilterView {
    Choice(&'static [Choice]),
    Flag,
    Days,
    Money,
    Id,
    Options(Options),
}

pub(crate) struct GroupView {
    pub words: Words,
    pub help: Option<Words>,
    pub lines: Snapshot,
}

/// Карточка.
pub(crate) struct Object {
    pub label: String,
    pub groups: Vec<GroupView>,
    /// Дела, возможные сейчас.
    pub possible: Vec<&'static str>,
    /// Скоро изменится сама: страница перечитывается.
    pub is_moving: bool,
}

#[derive(Clone)]
pub(crate) struct ActionInfo {
    pub name: &'static str,
    pub words: Words,
    pub permission: Permission,
    pub fields: Vec<Field>,
    pub note: Option<Words>,
    pub danger: bool,
    pub bulk: bool,
    pub edits: bool,
    pub run: Run,
    pub along: Option<Along>,
    pub bulk_fields: &'static [&'static str],
    pub preview: Option<Preview>,
}

pub(crate) struct AddInfo {
    pub permission: Permission,
    pub fields: Vec<Field>,
    pub run: Create,
    pub prepare: Option<Prepare>,
}

#[async_trait::async_trait]
pub(crate) trait AnyModel: Send + Sync {
    fn about(&self) -> About;
    fn actions(&self) -> Vec<ActionInfo>;
    fn add_info(&self) -> Option<AddInfo>;
    fn panels(&self) -> &[Panel];
    fn documents(&self) -> &[Document];
    async fn before_list(&self, ctx: &Ctx) -> Result<()>;
    fn search_words(&self) -> Option<Words>;
    fn filters(&self) -> Vec<(&'static str, Words, FilterView)>;
    /// Страница списка: два запроса, сколько бы строк ни было.
    async fn page(&self, ctx: &Ctx, actor: &Actor, query: &Query, size: u64, counted: bool) -> Result<ListPage>;
    /// Карточка; `None` — нет такой или она не для этого человека.
    async fn read(&self, ctx: &Ctx, actor: &Actor, id: i64) -> Result<Option<Object>>;
    /// Как строка названа и как выглядит внутри транзакции; `lock` — запереть её до конца.
    async fn snapshot(&self, work: &Work, id: i64, lock: bool) -> Result<Option<(String, Snapshot)>>;
    /// Возможно ли дело сейчас.
    async fn is_possible(&self, work: &Work, action: &str, id: i64) -> Result<bool>;
    /// Нынешние значения полей дела.
    async fn values(&self, db: DatabaseExecutor<'_>, action: &str, id: i64) -> Result<Value>;
    /// Названия по номерам.
    async fn labels(&self, ctx: &Ctx, actor: &Actor, ids: &[i64]) -> Result<Vec<(i64, String)>>;
    /// Найденное поиском.
    async fn find(&self, ctx: &Ctx, actor: &Actor, text: &str, limit: u64) -> Result<Vec<(i64, String)>>;
    async fn viewed(&self, work: &mut Work, id: i64) -> Result<()>;
    fn is_watched(&self) -> bool;
}

type Found<E> = sea_orm::Select<E>;

impl<E> Model<E>
where
    E: EntityTrait,
    E::Model: Send + Sync,
{
    /// Строки, которые видит этот человек.
    fn visible(&self, actor: &Actor) -> Found<E> {
        match self.scope {
            Some(scope) => E::find().filter(scope(actor)),
            None => E::find(),
        }
    }

    fn id_of(&self, row: &E::Model) -> i64 {
        match row.get(self.id_column()) {
            sea_orm::Value::BigInt(Some(id)) => id,
            _ => 0,
        }
    }

    fn condition(&self, query: &Query, look: Look) -> Condition {
        let mut all = Condition::all();
        if let (Some(text), Some((_, search))) = (query.get("q"), self.search) {
            all = all.add(search(text));
        }
        for filter in &self.filters {
            all = all.add(filtered(filter.name, &filter.kind, query, look));
        }
        all
    }

    /// Столбец и направление: названные в адресе или объявленные.
    fn sorting(&self, query: &Query) -> (String, E::Column, bool) {
        let asked = query.get("sort").unwrap_or_default();
        let (name, descending) = asked.strip_prefix('-').map_or((asked, false), |name| (name, true));
        let known = self.columns.iter().filter_map(|column| column.sort).find(|(own, _)| *own == name);
        match known {
            Some((name, column)) => (name.to_owned(), column, descending),
            None => (String::new(), self.order.0, self.order.1),
        }
    }

    async fn count(&self, ctx: &Ctx, find: Found<E>) -> Result<i64> {
        let few = find.select_only().column(self.id_column()).limit(COUNTED as u64 + 1).into_query();
        let count = Select::select().expr_as(Expr::cust("COUNT(*)"), "n").from_subquery(few, "few").to_owned();
        let row = ctx.db().query_one(&count).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get("", "n"))?)
    }

    fn lines(&self, row: &E::Model) -> Snapshot {
        let lines = self.groups.iter().flat_map(|group| &group.lines);
        lines.map(|(words, show)| (*words, show(row))).collect()
    }

    async fn row(&self, db: &impl ConnectionTrait, id: i64, lock: bool) -> Result<Option<E::Model>> {
        let find = E::find().filter(self.id_column().eq(id));
        Ok(if lock { find.lock_exclusive() } else { find }.one(db).await?)
    }
}

#[async_trait::async_trait]
impl<E> AnyModel for Model<E>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    E::Column: Send + Sync,
{
    fn about(&self) -> About {
        About { app: self.app, name: self.name, words: self.words, one: self.one, view: self.view, hidden: self.hidden }
    }

    fn actions(&self) -> Vec<ActionInfo> {
        let info = |action: &crate::Action<E>| ActionInfo {
            name: action.name,
            words: action.words,
            permission: action.permission,
            fields: action.fields.clone(),
            note: action.note,
            danger: action.danger,
            bulk: action.bulk,
            edits: action.values.is_some(),
            run: action.run,
            along: action.along,
            bulk_fields: action.bulk_fields,
            preview: action.preview,
        };
        self.actions.iter().map(info).collect()
    }

    fn add_info(&self) -> Option<AddInfo> {
        let add = self.add.as_ref()?;
        Some(AddInfo { permission: add.permission, fields: add.fields.clone(), run: add.run, prepare: add.prepare })
    }

    fn panels(&self) -> &[Panel] {
        &self.panels
    }

    fn documents(&self) -> &[Document] {
        &self.documents
    }

    async fn before_list(&self, ctx: &Ctx) -> Result<()> {
        match self.before_list {
            Some(before_list) => before_list(ctx).await,
            None => Ok(()),
        }
    }

    fn search_words(&self) -> Option<Words> {
        self.search.map(|(words, _)| words)
    }

    fn filters(&self) -> Vec<(&'static str, Words, FilterView)> {
        let view = |kind: &FilterKind<E>| match kind {
            FilterKind::Choice(_, choices) | FilterKind::By(choices, _) => FilterView::Choice(choices),
            FilterKind::Flag(_) => FilterView::Flag,
            FilterKind::Days(_) => FilterView::Days,
            FilterKind::Money(_) => FilterView::Money,
            FilterKind::Id(_) => FilterView::Id,
            FilterKind::Options(_, load) => FilterView::Options(*load),
        };
        self.filters.iter().map(|filter| (filter.name, filter.words, view(&filter.kind))).collect()
    }

    async fn page(&self, ctx: &Ctx, actor: &Actor, query: &Query, size: u64, counted: bool) -> Result<ListPage> {
        let found = self.visible(actor).filter(self.condition(query, Look::of(ctx)));
        let count = if counted { self.count(ctx, found.clone()).await? } else { 0 };
        let (name, column, descending) = self.sorting(query);
        let spot = query.get("at").map(Spot::decode).transpose()?;
        let back = spot.as_ref().is_some_and(|spot| spot.back);
        let direction = if descending == back { Order::Asc } else { Order::Desc };
        let mut find = found.order_by(column, direction.clone());
        if column.as_str() != self.id_column().as_str() {
            find = find.order_by(self.id_column(), direction);
        }
        if let Some(spot) = &spot {
            find = find.filter(spot.beyond(column, self.id_column(), descending));
        }
        let mut rows = find.limit(size + 1).all(ctx.db()).await?;
        let more = rows.len() as u64 > size;
        rows.truncate(size as usize);
        if back {
            rows.reverse();
        }
        let edge = |row: Option<&E::Model>, back: bool| -> Result<Option<Spot>> {
            let Some(row) = row else { return Ok(None) };
            Ok(Some(Spot { key: Key::of(row.get(column))?, id: self.id_of(row), back }))
        };
        let (has_previous, has_next) = if back { (more, true) } else { (spot.is_some(), more) };
        let previous = edge(rows.first().filter(|_| has_previous), true)?;
        let next = edge(rows.last().filter(|_| has_next), false)?;
        let columns: Vec<_> = self.columns.iter().filter(|c| c.needs.is_none_or(|needs| actor.can(needs))).collect();
        let mut heads: Vec<Head> =
            columns.iter().map(|c| Head { words: c.words, sort: c.sort.map(|(name, _)| name) }).collect();
        let line = |row: &E::Model| ListRow {
            id: self.id_of(row),
            label: (self.label)(row),
            cells: columns.iter().map(|column| (column.show)(row).spoken(ctx)).collect(),
        };
        let mut rows: Vec<ListRow> = rows.iter().map(line).collect();
        if let Some((words, load)) = &self.joined {
            heads.extend(words.iter().map(|words| Head { words: *words, sort: None }));
            let mut found = load(ctx, rows.iter().map(|row| row.id).collect()).await?;
            for row in &mut rows {
                let cells = found.remove(&row.id).unwrap_or_default();
                row.cells.extend(cells.into_iter().chain(std::iter::repeat(Cell::Empty)).take(words.len()));
            }
        }
        name_actors(ctx, rows.iter_mut().flat_map(|row| &mut row.cells).collect()).await?;
        Ok(ListPage { heads, rows, count, sort: (name, descending), previous, next })
    }

    async fn read(&self, ctx: &Ctx, actor: &Actor, id: i64) -> Result<Option<Object>> {
        let Some(row) = self.visible(actor).filter(self.id_column().eq(id)).one(ctx.db_fresh()).await? else {
            return Ok(None);
        };
        let allowed = self.groups.iter().filter(|group| group.needs.is_none_or(|needs| actor.can(needs)));
        let groups = allowed.map(|group| GroupView {
            words: group.words,
            help: group.help,
            lines: group.lines.iter().map(|(words, show)| (*words, show(&row).spoken(ctx))).collect(),
        });
        let mut groups: Vec<GroupView> = groups.collect();
        name_actors(ctx, groups.iter_mut().flat_map(|group| &mut group.lines).map(|(_, cell)| cell).collect()).await?;
        let possible = self.actions.iter().filter(|action| actor.can(action.permission) && (action.when)(&row));
        Ok(Some(Object {
            label: (self.label)(&row),
            groups,
            possible: possible.map(|action| action.name).collect(),
            is_moving: self.moving.is_some_and(|moving| moving(&row)),
        }))
    }

    async fn snapshot(&self, work: &Work, id: i64, lock: bool) -> Result<Option<(String, Snapshot)>> {
        let find = self.visible(work.actor()).filter(self.id_column().eq(id));
        let row = if lock { find.lock_exclusive() } else { find }.one(work.db()).await?;
        Ok(row.map(|row| ((self.label)(&row), self.lines(&row))))
    }

    async fn is_possible(&self, work: &Work, action: &str, id: i64) -> Result<bool> {
        let row = self.row(work.db(), id, false).await?;
        let action = self.actions.iter().find(|own| own.name == action);
        Ok(row.zip(action).is_some_and(|(row, action)| (action.when)(&row)))
    }

    async fn values(&self, db: DatabaseExecutor<'_>, action: &str, id: i64) -> Result<Value> {
        let values = self.actions.iter().find(|own| own.name == action).and_then(|action| action.values);
        let row = self.row(&db, id, false).await?;
        match values.zip(row) {
            Some((values, row)) => values(db, row).await,
            None => Ok(Value::Null),
        }
    }

    async fn labels(&self, ctx: &Ctx, actor: &Actor, ids: &[i64]) -> Result<Vec<(i64, String)>> {
        let mut named = Vec::new();
        for ids in kernel::data::in_lists(ids) {
            let rows = self.visible(actor).filter(self.id_column().is_in(ids)).all(ctx.db()).await?;
            named.extend(rows.iter().map(|row| (self.id_of(row), (self.label)(row))));
        }
        Ok(named)
    }

    async fn find(&self, ctx: &Ctx, actor: &Actor, text: &str, limit: u64) -> Result<Vec<(i64, String)>> {
        let Some((_, search)) = self.search else { return Ok(Vec::new()) };
        let find = self.visible(actor).filter(search(text)).order_by_desc(self.id_column()).limit(limit);
        let rows = find.all(ctx.db()).await?;
        Ok(rows.iter().map(|row| (self.id_of(row), (self.label)(row))).collect())
    }

    async fn viewed(&self, work: &mut Work, id: i64) -> Result<()> {
        match self.on_view {
            Some(on_view) => on_view(work, id).await,
            None => Ok(()),
        }
    }

    fn is_watched(&self) -> bool {
        self.on_view.is_some()
    }
}

/// Условие одного отбора; не названный или непонятный ничего не отсекает.
fn filtered<E: EntityTrait>(name: &str, kind: &FilterKind<E>, query: &Query, look: Look) -> Condition {
    let value = query.get(name);
    let bound = |end: &str| query.get(&format!("{name}_{end}")).map(str::to_owned);
    let all = Condition::all();
    match kind {
        FilterKind::Choice(column, _) => all.add_option(value.map(|code| column.eq(code))),
        FilterKind::By(_, condition) => all.add_option(value.map(condition)),
        FilterKind::Flag(column) => all.add_option(value.map(|flag| column.eq(flag == "1"))),
        FilterKind::Id(column) | FilterKind::Options(column, _) => {
            all.add_option(value.and_then(|id| id.parse::<i64>().ok()).map(|id| column.eq(id)))
        }
        FilterKind::Days(column) => {
            let day = |text: String, next: i64| {
                let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?;
                Some(day - look.offset + Duration::days(next))
            };
            let from = bound("from").and_then(|text| day(text, 0)).map(|at| column.gte(at));
            all.add_option(from).add_option(bound("to").and_then(|text| day(text, 1)).map(|at| column.lt(at)))
        }
        FilterKind::Money(column) => {
            let sum = |text: String| text.replace(' ', "").parse::<Money>().ok();
            let from = bound("from").and_then(sum).map(|sum| column.gte(sum));
            all.add_option(from).add_option(bound("to").and_then(sum).map(|sum| column.lte(sum)))
        }
    }
}

/// Запуск дела внутри транзакции.
pub(crate) async fn run_inside(work: &mut Work, run: Run, id: i64, input: Input) -> Result<()> {
    match run {
        Run::Inside(run) => run(work, id, input).await,
        Run::Outside(_) => Ok(()),
    }
}
