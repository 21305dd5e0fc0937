//! Значение на странице: столбец списка, строка карточки, ячейка вложенной таблицы.

use chrono::TimeDelta;
use kernel::texts::format_roubles;
use kernel::{Ctx, Lang, Money, Timestamp};
use serde::Serialize;

use crate::words::{Words, say};

/// Чем выделить: обычное, хорошее, ждущее внимания, плохое, законченное.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Plain,
    Good,
    Wait,
    Bad,
    Quiet,
}

/// Один из возможных кодов столбца и как его назвать.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub code: &'static str,
    pub words: Words,
    pub tone: Tone,
}

impl Choice {
    pub const fn new(code: &'static str, words: Words, tone: Tone) -> Choice {
        Choice { code, words, tone }
    }

    pub const fn plain(code: &'static str, words: Words) -> Choice {
        Choice::new(code, words, Tone::Plain)
    }
}

/// Значение, ещё без языка и времени магазина.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    #[default]
    Empty,
    Text(String),
    /// Переводы строк сохраняются.
    Long(String),
    Number(i64),
    Money(Money),
    Time(Timestamp),
    Flag(bool),
    Badge(Words, Tone),
    /// Ссылка на объект другой модели: `catalog.product`, номер, как назвать.
    Object(&'static str, i64, String),
    /// Ссылка на страницу.
    Link(String, String),
    /// Адрес картинки.
    Picture(String),
    /// Адрес 3D-модели (GLB): её показывает просмотрщик, а без него — ссылка.
    Model(String),
    /// Слова по коду из текстов приложения и подстановки к ним (JSON): отказ строки загрузки.
    Said(String, String),
    /// Кто сделал, как записано (`user:17`): страница назовёт человека по имени.
    Actor(String),
    /// Сколько сделано из скольких.
    Progress(i64, i64),
    /// Целое по частям, рисунком и числами.
    Parts(Vec<(Words, i64, Tone)>),
}

/// Код как отметка со словами; незнакомый код — как есть.
pub fn badge(choices: &[Choice], code: &str) -> Cell {
    match choices.iter().find(|choice| choice.code == code) {
        Some(choice) => Cell::Badge(choice.words, choice.tone),
        None => Cell::Text(code.to_owned()),
    }
}

impl Cell {
    /// Отметка по коду перечисления: `Cell::coded(STATUSES, &order.status)`.
    pub fn coded<T: sea_orm::ActiveEnum<Value = String>>(choices: &[Choice], value: &T) -> Cell {
        badge(choices, &value.to_value())
    }

    pub fn long(text: impl Into<String>) -> Cell {
        let text = text.into();
        if text.is_empty() { Cell::Empty } else { Cell::Long(text) }
    }

    /// Объект другой модели, если он назван.
    pub fn object(model: &'static str, id: Option<i64>, text: impl Into<String>) -> Cell {
        id.map_or(Cell::Empty, |id| Cell::Object(model, id, text.into()))
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        text.to_owned().into()
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Number(number)
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Cell {
        Cell::Number(number.into())
    }
}

impl From<Money> for Cell {
    fn from(money: Money) -> Cell {
        Cell::Money(money)
    }
}

impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Cell {
        Cell::Time(at)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Cell {
        Cell::Flag(flag)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Empty, Into::into)
    }
}

/// Как показывать: язык и сдвиг времени магазина.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub lang: Lang,
    pub offset: TimeDelta,
}

impl Look {
    pub fn of(ctx: &Ctx) -> Look {
        Look { lang: ctx.lang(), offset: ctx.shop_offset() }
    }

    /// Журнал ведётся на одном языке, кто бы что ни смотрел.
    pub fn of_log(ctx: &Ctx) -> Look {
        Look { lang: Lang::Ru, ..Look::of(ctx) }
    }

    pub fn say(self, words: Words) -> &'static str {
        say(words, self.lang)
    }

    /// «21.11.2026 14:05» по времени магазина.
    pub fn time(self, at: Timestamp) -> String {
        (at + self.offset).format("%d.%m.%Y %H:%M").to_string()
    }
}

/// Готовое для шаблона.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Shown {
    pub kind: &'static str,
    pub text: String,
    pub url: Option<String>,
    pub tone: Option<Tone>,
    pub parts: Vec<Share>,
    /// Процентов сделано.
    pub share: Option<i64>,
}

/// Часть целого: место на рисунке шириной 1000.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Share {
    pub title: &'static str,
    pub count: i64,
    pub tone: Tone,
    pub from: i64,
    pub width: i64,
}

/// Ширина рисунка частей.
const WHOLE: i64 = 1000;

fn shares(parts: &[(Words, i64, Tone)], look: Look) -> Vec<Share> {
    let total = parts.iter().map(|part| part.1).sum::<i64>().max(1);
    let mut before = 0;
    let share = |(words, count, tone): &(Words, i64, Tone)| {
        let (from, to) = (before * WHOLE / total, (before + count) * WHOLE / total);
        before += count;
        Share { title: look.say(*words), count: *count, tone: *tone, from, width: to - from }
    };
    parts.iter().map(share).filter(|share| share.count > 0).collect()
}

fn percent(done: i64, all: i64) -> i64 {
    (done.saturating_mul(100) / all.max(1)).clamp(0, 100)
}

/// Адрес объекта: `catalog.product`, 5 → `/admin/catalog/product/5`.
pub(crate) fn object_url(model: &str, id: i64) -> String {
    format!("/admin/{}/{id}", model.replacen('.', "/", 1))
}

impl Cell {
    /// Код, заменённый словами.
    pub(crate) fn spoken(self, ctx: &Ctx) -> Cell {
        let Cell::Said(code, args) = self else { return self };
        let args: serde_json::Value = serde_json::from_str(&args).unwrap_or_default();
        Cell::Text(ctx.texts().get(ctx.lang(), &code, &args))
    }

    pub(crate) fn show(&self, look: Look) -> Shown {
        let text = self.plain(look);
        let kind = match self {
            Cell::Empty => "empty",
            Cell::Text(_) => "text",
            Cell::Long(_) => "long",
            Cell::Number(_) | Cell::Money(_) => "number",
            Cell::Time(_) => "time",
            Cell::Flag(_) => "flag",
            Cell::Badge(..) => "badge",
            Cell::Object(..) | Cell::Link(..) => "link",
            Cell::Picture(_) => "picture",
            Cell::Model(_) => "model",
            Cell::Said(..) | Cell::Actor(_) => "text",
            Cell::Progress(..) => "progress",
            Cell::Parts(_) => "parts",
        };
        let url = match self {
            Cell::Object(model, id, _) => Some(object_url(model, *id)),
            Cell::Link(url, _) | Cell::Picture(url) | Cell::Model(url) => safe_url(url),
            _ => None,
        };
        let tone = match self {
            Cell::Badge(_, tone) => Some(*tone),
            Cell::Flag(yes) => Some(if *yes { Tone::Good } else { Tone::Quiet }),
            _ => None,
        };
        let parts = match self {
            Cell::Parts(parts) => shares(parts, look),
            _ => Vec::new(),
        };
        let share = match self {
            Cell::Progress(done, all) => Some(percent(*done, *all)),
            _ => None,
        };
        Shown { kind, text, url, tone, parts, share }
    }

    /// Словами: для выгрузки и журнала.
    pub(crate) fn plain(&self, look: Look) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Long(text) | Cell::Object(_, _, text) | Cell::Link(_, text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Money(money) => format_roubles(*money),
            Cell::Time(at) => look.time(*at),
            Cell::Flag(yes) => look.say(if *yes { ("да", "yes") } else { ("нет", "no") }).to_owned(),
            Cell::Badge(words, _) => look.say(*words).to_owned(),
            Cell::Picture(url) | Cell::Model(url) => url.clone(),
            Cell::Said(code, _) | Cell::Actor(code) => code.clone(),
            Cell::Progress(done, all) => format!("{} %", percent(*done, *all)),
            Cell::Parts(parts) => {
                let part = |(words, count, _): &(Words, i64, Tone)| format!("{} {count}", look.say(*words));
                parts.iter().map(part).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// Чужой адрес из данных: `javascript:` и подобное ссылкой не станет.
fn safe_url(url: &str) -> Option<String> {
    let own = url.starts_with('/') && !url.starts_with("//");
    (own || url.starts_with("https://") || url.starts_with("http://")).then(|| url.to_owned())
}
