//! Модель: список, карточка, формы и дела одной таблицы.

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use kernel::{Actor, Ctx, Permission, Result, Work};
use sea_orm::{Condition, EntityTrait, Iterable, PrimaryKeyToColumn};

use super::action::{Create, Prepare};
use super::{Action, Document, Field, Filter, Panel};
use crate::cell::Cell;
use crate::screen::AnyModel;
use crate::words::Words;

pub(crate) struct Column<E: EntityTrait> {
    pub words: Words,
    pub show: fn(&E::Model) -> Cell,
    pub sort: Option<(&'static str, E::Column)>,
    pub needs: Option<Permission>,
}

/// Строка карточки.
pub(crate) type Line<E> = (Words, fn(&<E as EntityTrait>::Model) -> Cell);

/// Часть карточки только для чтения.
pub(crate) struct Group<E: EntityTrait> {
    pub words: Words,
    pub help: Option<Words>,
    pub lines: Vec<Line<E>>,
    pub needs: Option<Permission>,
}

pub(crate) struct Add {
    pub permission: Permission,
    pub fields: Vec<Field>,
    pub run: Create,
    pub prepare: Option<Prepare>,
}

/// Просмотр карточки, о котором надо помнить.
pub type OnView = for<'a> fn(&'a mut Work, i64) -> BoxFuture<'a, Result<()>>;

/// Подготовка списка: завести строки, которых ещё нет.
pub type BeforeList = for<'a> fn(&'a Ctx) -> BoxFuture<'a, Result<()>>;

/// Ячейки столбцов, которых в самой строке нет: по ключам строк, одним запросом на страницу.
pub type Joined = for<'a> fn(&'a Ctx, Vec<i64>) -> BoxFuture<'a, Result<HashMap<i64, Vec<Cell>>>>;

/// Написанное в поиске → условие.
pub type Search = fn(&str) -> Condition;

/// Объявление модели: обычные значения и функции, по строке на столбец, отбор, дело.
pub struct Model<E: EntityTrait> {
    pub(crate) app: &'static str,
    pub(crate) name: &'static str,
    pub(crate) words: Words,
    pub(crate) one: Words,
    pub(crate) view: Permission,
    pub(crate) label: fn(&E::Model) -> String,
    pub(crate) key: E::Column,
    pub(crate) columns: Vec<Column<E>>,
    pub(crate) joined: Option<(Vec<Words>, Joined)>,
    pub(crate) filters: Vec<Filter<E>>,
    pub(crate) search: Option<(Words, Search)>,
    pub(crate) order: (E::Column, bool),
    pub(crate) groups: Vec<Group<E>>,
    pub(crate) panels: Vec<Panel>,
    pub(crate) actions: Vec<Action<E>>,
    pub(crate) add: Option<Add>,
    pub(crate) scope: Option<fn(&Actor) -> Condition>,
    pub(crate) on_view: Option<OnView>,
    pub(crate) hidden: bool,
    pub(crate) documents: Vec<Document>,
    pub(crate) before_list: Option<BeforeList>,
    pub(crate) moving: Option<fn(&E::Model) -> bool>,
}

impl<E: EntityTrait> Model<E> {
    /// `orders`, `order` → страницы `/admin/orders/order`, предмет новостей `orders.order`. Смотреть — по праву `view`.
    pub fn new(app: &'static str, name: &'static str, words: Words, one: Words, view: Permission) -> Model<E> {
        Model {
            app,
            name,
            words,
            one,
            view,
            label: |_| String::new(),
            key: id_column::<E>(),
            columns: Vec::new(),
            joined: None,
            filters: Vec::new(),
            search: None,
            order: (id_column::<E>(), true),
            groups: Vec::new(),
            panels: Vec::new(),
            actions: Vec::new(),
            add: None,
            scope: None,
            on_view: None,
            hidden: false,
            documents: Vec::new(),
            before_list: None,
            moving: None,
        }
    }

    /// Как назвать один объект.
    pub fn label(mut self, label: fn(&E::Model) -> String) -> Model<E> {
        self.label = label;
        self
    }

    /// Столбец списка: поле или вычисленное.
    pub fn column(mut self, words: Words, show: fn(&E::Model) -> Cell) -> Model<E> {
        self.columns.push(Column { words, show, sort: None, needs: None });
        self
    }

    /// Столбцы после прочих, которых в строке нет: их ячейки читают по ключам строк страницы.
    pub fn joined(mut self, words: impl IntoIterator<Item = Words>, load: Joined) -> Model<E> {
        self.joined = Some((words.into_iter().collect(), load));
        self
    }

    /// Последний столбец сортируется этим полем базы: обязательным (без NULL) и с индексом.
    pub fn sorted(mut self, name: &'static str, column: E::Column) -> Model<E> {
        if let Some(last) = self.columns.last_mut() {
            last.sort = Some((name, column));
        }
        self
    }

    /// Последний столбец видит только тот, у кого есть право.
    pub fn needs(mut self, permission: Permission) -> Model<E> {
        if let Some(last) = self.columns.last_mut() {
            last.needs = Some(permission);
        }
        self
    }

    /// Номер объекта в адресах страниц, когда первичный ключ — не BIGINT: столбец с UNIQUE.
    pub fn key(mut self, column: E::Column) -> Model<E> {
        self.key = column;
        self.order = (column, true);
        self
    }

    /// Порядок списка; без него — новые первыми.
    pub fn order(mut self, column: E::Column, descending: bool) -> Model<E> {
        self.order = (column, descending);
        self
    }

    pub fn filter(mut self, filter: Filter<E>) -> Model<E> {
        self.filters.push(filter);
        self
    }

    /// Поиск: что искать, словами, и как. Условие должно находить строки индексом.
    pub fn search(mut self, words: Words, condition: Search) -> Model<E> {
        self.search = Some((words, condition));
        self
    }

    /// Новая часть карточки; её строки — следующие `line`.
    pub fn group(mut self, words: Words) -> Model<E> {
        self.groups.push(Group { words, help: None, lines: Vec::new(), needs: None });
        self
    }

    /// Строка последней части карточки.
    pub fn line(mut self, words: Words, show: fn(&E::Model) -> Cell) -> Model<E> {
        if let Some(last) = self.groups.last_mut() {
            last.lines.push((words, show));
        }
        self
    }

    /// Пояснение к последней части карточки.
    pub fn help(mut self, words: Words) -> Model<E> {
        if let Some(last) = self.groups.last_mut() {
            last.help = Some(words);
        }
        self
    }

    /// Последнюю часть карточки видит только тот, у кого есть право.
    pub fn group_needs(mut self, permission: Permission) -> Model<E> {
        if let Some(last) = self.groups.last_mut() {
            last.needs = Some(permission);
        }
        self
    }

    pub fn panel(mut self, panel: Panel) -> Model<E> {
        self.panels.push(panel);
        self
    }

    pub fn action(mut self, action: Action<E>) -> Model<E> {
        self.actions.push(action);
        self
    }

    pub fn add(mut self, permission: Permission, fields: impl IntoIterator<Item = Field>, run: Create) -> Model<E> {
        self.add = Some(Add { permission, fields: fields.into_iter().collect(), run, prepare: None });
        self
    }

    /// Что сделать до транзакции, в которой заводят: положить файл в хранилище. Дописывает значения формы.
    pub fn prepare(mut self, prepare: Prepare) -> Model<E> {
        self.add = self.add.map(|add| Add { prepare: Some(prepare), ..add });
        self
    }

    /// Какие строки видит этот человек; прочих для него нет.
    pub fn scope(mut self, scope: fn(&Actor) -> Condition) -> Model<E> {
        self.scope = Some(scope);
        self
    }

    /// Выполняется при каждом просмотре карточки: у личных данных просмотр — тоже дело.
    pub fn on_view(mut self, on_view: OnView) -> Model<E> {
        self.on_view = Some(on_view);
        self
    }

    /// Страница об объекте: накладная, предпросмотр письма.
    pub fn document(mut self, document: Document) -> Model<E> {
        self.documents.push(document);
        self
    }

    /// Выполняется перед списком: строки, которых ещё нет, заводит приложение.
    pub fn before_list(mut self, before_list: BeforeList) -> Model<E> {
        self.before_list = Some(before_list);
        self
    }

    /// Пока это верно, карточка раз в две секунды перечитывается: над объектом работает фоновая задача.
    pub fn moving(mut self, moving: fn(&E::Model) -> bool) -> Model<E> {
        self.moving = Some(moving);
        self
    }

    /// Не показывать в меню: сюда приходят из карточки другой модели.
    pub fn hidden(mut self) -> Model<E> {
        self.hidden = true;
        self
    }

    pub(crate) fn id_column(&self) -> E::Column {
        self.key
    }
}

impl<E> Model<E>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    E::Column: Send + Sync,
{
    /// Готовое объявление: `App::declare(model.screen())`.
    pub fn screen(self) -> Screen {
        Screen(Arc::new(self))
    }
}

/// Ключ таблицы — один столбец BIGINT.
#[expect(clippy::expect_used, reason = "у таблицы без ключа модели SeaORM не бывает; видно при старте")]
fn id_column<E: EntityTrait>() -> E::Column {
    E::PrimaryKey::iter().next().expect("a primary key").into_column()
}

/// Объявленная модель, о которой движок не знает, какой она таблицы.
#[derive(Clone)]
pub struct Screen(pub(crate) Arc<dyn AnyModel>);
