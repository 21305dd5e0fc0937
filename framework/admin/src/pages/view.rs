//! Значения шаблонов, общие для нескольких страниц.

use serde::Serialize;

use crate::cell::{Look, Shown, Tone};
use crate::screen::{About, ActionInfo};

#[derive(Serialize)]
pub(super) struct ModelView {
    pub title: &'static str,
    pub one: &'static str,
    pub url: String,
}

impl ModelView {
    pub fn of(about: &About, look: Look) -> ModelView {
        ModelView { title: look.say(about.words), one: look.say(about.one), url: about.url() }
    }
}

#[derive(Serialize)]
pub(super) struct Button {
    pub name: &'static str,
    pub title: &'static str,
    pub danger: bool,
}

impl Button {
    pub fn of(action: &ActionInfo, look: Look) -> Button {
        Button { name: action.name, title: look.say(action.words), danger: action.danger }
    }
}

/// Подписанное значение карточки.
#[derive(Serialize)]
pub(super) struct LineView {
    pub label: &'static str,
    pub cell: Shown,
}

/// Один из вариантов поля.
#[derive(Clone, Debug, Serialize)]
pub(super) struct OptionView {
    pub value: String,
    pub title: String,
    pub on: bool,
    /// Заголовок части, которая с этого варианта начинается.
    pub part: Option<String>,
}

/// Рисунок по дням: готовые столбики.
#[derive(Serialize)]
pub(super) struct Bars {
    bars: Vec<Bar>,
    width: usize,
}

#[derive(Serialize)]
struct Bar {
    x: usize,
    y: i64,
    height: i64,
    value: i64,
}

impl Bars {
    /// Высота рисунка, единиц.
    const HEIGHT: i64 = 40;

    pub fn of(values: &[i64]) -> Bars {
        let most = values.iter().copied().max().unwrap_or(0).max(1);
        let bar = |(n, value): (usize, &i64)| {
            let height = if *value > 0 { (value * Bars::HEIGHT / most).max(2) } else { 1 };
            Bar { x: n * 12, y: Bars::HEIGHT - height, height, value: *value }
        };
        Bars { bars: values.iter().enumerate().map(bar).collect(), width: values.len() * 12 }
    }
}

/// Отметка словами.
#[derive(Serialize)]
pub(super) struct Note {
    pub tone: Tone,
    pub text: String,
}
