//! Вложенные таблицы, числа на главной, люди.

use std::collections::HashMap;

use futures::future::BoxFuture;
use http::HeaderMap;
use kernel::{Actor, Ctx, Permission, Result};

use crate::cell::Cell;
use crate::words::Words;

/// Строка вложенной таблицы.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// Номер строки в таблице, где их переставляют.
    pub(crate) id: i64,
}

/// Вложенная таблица: строки заказа, варианты товара, входы человека.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub heads: Vec<Words>,
    pub rows: Vec<Row>,
    pub(crate) links: Vec<(Words, String)>,
    pub(crate) bars: Vec<(Words, Vec<i64>)>,
}

impl Table {
    pub fn new(heads: impl IntoIterator<Item = Words>) -> Table {
        Table { heads: heads.into_iter().collect(), ..Table::default() }
    }

    /// Кнопка-ссылка у таблицы: «Добавить волну», «Все заказы».
    pub fn link(mut self, words: Words, url: String) -> Table {
        self.links.push((words, url));
        self
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.item(0, cells);
    }

    /// Строка с номером: для [`Panel::ordered`].
    pub fn item(&mut self, id: i64, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(Row { id, cells: cells.into_iter().collect() });
    }

    /// Столбики над таблицей: по одному на день.
    pub fn bars(&mut self, words: Words, values: Vec<i64>) {
        self.bars.push((words, values));
    }
}

/// Часть карточки, которую читают отдельно.
pub struct Panel {
    pub(crate) words: Words,
    pub(crate) permission: Permission,
    pub(crate) load: for<'a> fn(&'a Ctx, i64) -> BoxFuture<'a, Result<Table>>,
    pub(crate) actions: Vec<&'static str>,
    pub(crate) order: Option<&'static str>,
}

impl Panel {
    pub fn new(
        words: Words,
        permission: Permission,
        load: for<'a> fn(&'a Ctx, i64) -> BoxFuture<'a, Result<Table>>,
    ) -> Panel {
        Panel { words, permission, load, actions: Vec::new(), order: None }
    }

    /// Дела объекта, кнопки которых стоят у этой таблицы.
    pub fn actions(mut self, names: impl IntoIterator<Item = &'static str>) -> Panel {
        self.actions = names.into_iter().collect();
        self
    }

    /// Строки переставляют прямо в таблице: мышью, пальцем, стрелками, а без скриптов — номерами мест. Сохраняет это дело; его поле —
    /// `Field::order("ids", …)`, строки — [`Table::item`].
    pub fn ordered(mut self, action: &'static str) -> Panel {
        self.order = Some(action);
        self
    }
}

/// Вложенная таблица в карточке чужой модели: заказы покупателя, волны товара. Так нижнее приложение не знает верхнего.
pub struct PanelOf(pub &'static str, pub Panel);

/// Число дня и столбики последних дней.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub value: Cell,
    pub note: Cell,
    /// По дням, последний — сегодня.
    pub bars: Vec<i64>,
}

/// Плитка на главной.
#[derive(Clone, Copy)]
pub struct Tile {
    pub words: Words,
    pub permission: Permission,
    pub url: &'static str,
    pub load: for<'a> fn(&'a Ctx) -> BoxFuture<'a, Result<Figures>>,
}

/// Просмотрщик 3D-моделей (`<model-viewer>`): его приносит приложение, у которого он есть; без него модель — ссылка на файл.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    /// Адрес модуля.
    pub script: &'static str,
    /// Где лежит распаковщик Draco.
    pub draco: &'static str,
    /// Отпечаток единственного встроенного стиля: `'sha256-…'`.
    pub style: &'static str,
}

/// Номер человека → имя.
pub type Names = HashMap<i64, String>;

/// Пропуск вошедшего.
#[derive(Clone, Debug)]
pub struct Pass {
    pub token: String,
    /// Сколько секунд действует.
    pub seconds: i64,
    /// Куда сперва: завести обязательный второй фактор.
    pub first: Option<&'static str>,
}

/// Чем кончился вход по паролю.
#[derive(Clone, Debug)]
pub enum Entry {
    In(Pass),
    /// Пароль верен, нужен ещё код; строка — билет, с которым его присылают.
    Code(String),
}

/// Люди: сама админка их не знает. Объявляет приложение, у которого есть вход; одно на программу.
#[derive(Clone, Copy)]
pub struct People {
    /// Логин и пароль → пропуск; перебор останавливает оно же.
    pub log_in: for<'a> fn(&'a Ctx, HeaderMap, String, String) -> BoxFuture<'a, Result<Entry>>,
    /// Билет и код второго фактора → пропуск.
    pub confirm: for<'a> fn(&'a Ctx, HeaderMap, String, String) -> BoxFuture<'a, Result<Pass>>,
    pub log_out: for<'a> fn(&'a Ctx, &'a Actor) -> BoxFuture<'a, Result<()>>,
    /// Как назвать людей с этими номерами.
    pub names: for<'a> fn(&'a Ctx, Vec<i64>) -> BoxFuture<'a, Result<Names>>,
}
