//! Поле формы: как спросить. Верно ли введённое, решает схема приложения.

use futures::future::BoxFuture;
use kernel::{Ctx, Permission, Result};

use crate::cell::Choice;
use crate::words::Words;

/// Варианты, которые знает только база: `(значение, название)`. Номер — объекта, о котором форма.
pub type Options = for<'a> fn(&'a Ctx, i64) -> BoxFuture<'a, Result<Vec<(String, String)>>>;

/// Варианты по частям: `(часть, значение, название)`.
pub type Grouped = for<'a> fn(&'a Ctx, i64) -> BoxFuture<'a, Result<Vec<(String, String, String)>>>;

/// Чем спрашивать.
#[derive(Clone, Copy)]
pub(crate) enum FieldKind {
    Text,
    /// Строк в поле.
    Area(u8),
    Number,
    Money,
    Flag,
    /// День и время магазина.
    Moment,
    Choice(&'static [Choice]),
    Choices(&'static [Choice]),
    Options(Options),
    ManyOptions(Options),
    /// То же, по частям с заголовками.
    GroupedOptions(Grouped),
    /// Только записать: показать нельзя, пусто — не менять.
    Secret,
    /// Один объект другой модели, поиском.
    Pick(&'static str),
    /// Сколько угодно объектов другой модели.
    PickMany(&'static str),
    /// Список строк, по одной в строке.
    Lines,
    /// Файлы.
    Files,
    /// Порядок объектов: все их номера в новом порядке.
    Order(Options),
    /// Сколько каждого из перечисленных.
    Quantities(Options),
}

/// Поле формы. Имя — имя поля в схеме приложения: его отказы встанут рядом с полем.
#[derive(Clone, Copy)]
pub struct Field {
    pub(crate) name: &'static str,
    pub(crate) words: Words,
    pub(crate) kind: FieldKind,
    pub(crate) hint: Option<Words>,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    pub(crate) section: Option<Words>,
    pub(crate) needs: Option<Permission>,
    pub(crate) initial: Option<&'static str>,
    pub(crate) range: Option<(i64, i64)>,
}

impl Field {
    fn new(name: &'static str, words: Words, kind: FieldKind) -> Field {
        Field {
            name,
            words,
            kind,
            hint: None,
            required: false,
            nullable: false,
            section: None,
            needs: None,
            initial: None,
            range: None,
        }
    }

    pub fn text(name: &'static str, words: Words) -> Field {
        Field::new(name, words, FieldKind::Text)
    }

    /// Многострочный текст.
    pub fn area(name: &'static str, words: Words, rows: u8) -> Field {
        Field::new(name, words, FieldKind::Area(rows))
    }

    pub fn number(name: &'static str, words: Words) -> Field {
        Field::new(name, words, FieldKind::Number)
    }

    /// Рубли; процент с двумя знаками пишется так же.
    pub fn money(name: &'static str, words: Words) -> Field {
        Field::new(name, words, FieldKind::Money)
    }

    pub fn flag(name: &'static str, words: Words) -> Field {
        Field::new(name, words, FieldKind::Flag)
    }

    pub fn moment(name: &'static str, words: Words) -> Field {
        Field::new(name, words, FieldKind::Moment)
    }

    pub fn choice(name: &'static str, words: Words, choices: &'static [Choice]) -> Field {
        Field::new(name, words, FieldKind::Choice(choices))
    }

    /// Несколько из.
    pub fn choices(name: &'static str, words: Words, choices: &'static [Choice]) -> Field {
        Field::new(name, words, FieldKind::Choices(choices))
    }

    /// Одно из того, что знает только база.
    pub fn options(name: &'static str, words: Words, load: Options) -> Field {
        Field::new(name, words, FieldKind::Options(load))
    }

    pub fn many_options(name: &'static str, words: Words, load: Options) -> Field {
        Field::new(name, words, FieldKind::ManyOptions(load))
    }

    /// Несколько из многого, по частям с заголовками: права группы.
    pub fn grouped_options(name: &'static str, words: Words, load: Grouped) -> Field {
        Field::new(name, words, FieldKind::GroupedOptions(load))
    }

    /// Пароль или ключ: вводится, но не показывается.
    pub fn secret(name: &'static str, words: Words) -> Field {
        Field::new(name, words, FieldKind::Secret)
    }

    /// Объект другой модели (`catalog.product`): ищется по мере набора, списка всех нет.
    pub fn pick(name: &'static str, words: Words, model: &'static str) -> Field {
        Field::new(name, words, FieldKind::Pick(model))
    }

    pub fn pick_many(name: &'static str, words: Words, model: &'static str) -> Field {
        Field::new(name, words, FieldKind::PickMany(model))
    }

    /// Список строк, по одной в строке.
    pub fn lines(name: &'static str, words: Words) -> Field {
        Field::new(name, words, FieldKind::Lines)
    }

    /// Файлы: в `Input::files`.
    pub fn files(name: &'static str, words: Words) -> Field {
        Field::new(name, words, FieldKind::Files)
    }

    /// Порядок всех перечисленных объектов.
    pub fn order(name: &'static str, words: Words, load: Options) -> Field {
        Field::new(name, words, FieldKind::Order(load))
    }

    /// Сколько каждого: в значении — `[{id, quantity}]`, нулей нет.
    pub fn quantities(name: &'static str, words: Words, load: Options) -> Field {
        Field::new(name, words, FieldKind::Quantities(load))
    }

    pub fn hint(mut self, words: Words) -> Field {
        self.hint = Some(words);
        self
    }

    pub fn required(mut self) -> Field {
        self.required = true;
        self
    }

    /// Пустое — это `null`: снять значение.
    pub fn nullable(mut self) -> Field {
        self.nullable = true;
        self
    }

    /// Границы числа, включительно (для настроек; у форм границы проверяет схема).
    pub fn between(mut self, least: i64, most: i64) -> Field {
        self.range = Some((least, most));
        self
    }

    /// Что стоит в поле новой записи.
    pub fn initial(mut self, value: &'static str) -> Field {
        self.initial = Some(value);
        self
    }

    /// У новой записи включено.
    pub fn on(self) -> Field {
        self.initial("on")
    }

    /// С этого поля начинается новая часть формы.
    pub fn section(mut self, words: Words) -> Field {
        self.section = Some(words);
        self
    }

    /// Поле видит и меняет только тот, у кого есть это право.
    pub fn needs(mut self, permission: Permission) -> Field {
        self.needs = Some(permission);
        self
    }
}
