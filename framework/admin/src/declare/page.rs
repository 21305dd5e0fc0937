//! Страница не о таблице: свой второй фактор, сводка. Что показать и что принять, решает приложение; рисует и защищает админка.

use futures::future::BoxFuture;
use kernel::{Access, Actor, Ctx, Result};

use super::{Field, Table};
use crate::cell::Tone;
use crate::input::Input;
use crate::words::Words;

/// Что на странице.
pub type Show = for<'a> fn(&'a Ctx, &'a Actor) -> BoxFuture<'a, Result<Vec<Block>>>;
/// Принять форму. Пусто — вернуться на страницу; иначе показать это сразу и один раз (одноразовые коды).
pub type Take = for<'a> fn(&'a Ctx, &'a Actor, Input) -> BoxFuture<'a, Result<Vec<Block>>>;

/// Часть страницы.
#[derive(Clone, Debug)]
pub enum Block {
    Text(String),
    Note(Tone, String),
    /// То, что человек перепишет: по одному в строке.
    Codes(Vec<String>),
    /// Рисунок SVG, построенный программой.
    Drawing(String),
    Table(Words, Table),
    /// Форма с этим именем.
    Form(&'static str),
    /// Ссылка-кнопка: слова и адрес.
    Link(Words, String),
}

/// Форма на странице.
pub struct PageForm {
    pub(crate) name: &'static str,
    pub(crate) words: Words,
    pub(crate) fields: Vec<Field>,
    pub(crate) danger: bool,
    pub(crate) take: Take,
}

impl PageForm {
    pub fn new(name: &'static str, words: Words, take: Take) -> PageForm {
        PageForm { name, words, fields: Vec::new(), danger: false, take }
    }

    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> PageForm {
        self.fields = fields.into_iter().collect();
        self
    }

    /// Необратимое: кнопка предупреждает цветом.
    pub fn danger(mut self) -> PageForm {
        self.danger = true;
        self
    }
}

/// Объявление страницы: `App::declare(page)`.
pub struct Page {
    pub(crate) path: &'static str,
    pub(crate) words: Words,
    pub(crate) access: Access,
    pub(crate) show: Show,
    pub(crate) forms: Vec<PageForm>,
}

impl Page {
    /// `account/second-factor` → `/admin/account/second-factor`.
    pub fn new(path: &'static str, words: Words, access: Access, show: Show) -> Page {
        Page { path, words, access, show, forms: Vec::new() }
    }

    pub fn form(mut self, form: PageForm) -> Page {
        self.forms.push(form);
        self
    }

    pub(crate) fn url(&self) -> String {
        format!("/admin/{}", self.path)
    }
}

/// Раздел настроек, который владелец меняет на ходу. Имя поля — ключ раздела (`yookassa.shop_id`).
pub struct SettingsOf {
    pub(crate) section: &'static str,
    pub(crate) words: Words,
    pub(crate) help: Words,
    pub(crate) fields: Vec<Field>,
}

impl SettingsOf {
    pub fn new(
        section: &'static str,
        words: Words,
        help: Words,
        fields: impl IntoIterator<Item = Field>,
    ) -> SettingsOf {
        SettingsOf { section, words, help, fields: fields.into_iter().collect() }
    }
}
