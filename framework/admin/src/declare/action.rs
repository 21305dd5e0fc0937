//! Что можно сделать с объектом: форма, право и служба приложения.

use futures::future::BoxFuture;
use kernel::{Actor, Ctx, Permission, Result, Work};
use sea_orm::{DatabaseExecutor, EntityTrait};
use serde_json::Value;

use super::Field;
use crate::input::Input;
use crate::words::Words;

/// Дело в транзакции: журнал пишется в ней же.
pub type Inside = for<'a> fn(&'a mut Work, i64, Input) -> BoxFuture<'a, Result<()>>;
/// Дело, которое само открывает транзакции или ходит наружу; журнал пишется следом.
pub type Outside = for<'a> fn(&'a Ctx, &'a Actor, i64, Input) -> BoxFuture<'a, Result<()>>;
/// Завести; отвечает номером нового.
pub type Create = for<'a> fn(&'a mut Work, Input) -> BoxFuture<'a, Result<i64>>;
/// До транзакции: дополнить присланное тем, чего в ней делать нельзя.
pub type Prepare = for<'a> fn(&'a Ctx, &'a Actor, Input) -> BoxFuture<'a, Result<Input>>;
/// Нынешние значения полей формы, объектом JSON.
pub type Values<E> = for<'a> fn(DatabaseExecutor<'a>, <E as EntityTrait>::Model) -> BoxFuture<'a, Result<Value>>;
/// Что ещё затронет дело, словами.
pub type Along = for<'a> fn(&'a Ctx, i64) -> BoxFuture<'a, Result<Vec<String>>>;

/// HTML, каким станет объект с тем, что сейчас в форме; ничего не пишет.
pub type Preview = for<'a> fn(&'a Ctx, i64, Input) -> BoxFuture<'a, Result<String>>;

#[derive(Clone, Copy)]
pub(crate) enum Run {
    Inside(Inside),
    Outside(Outside),
}

/// Дело над объектом (или над многими сразу).
pub struct Action<E: EntityTrait> {
    pub(crate) name: &'static str,
    pub(crate) words: Words,
    pub(crate) permission: Permission,
    pub(crate) run: Run,
    pub(crate) fields: Vec<Field>,
    pub(crate) when: fn(&E::Model) -> bool,
    pub(crate) note: Option<Words>,
    pub(crate) danger: bool,
    pub(crate) bulk: bool,
    pub(crate) values: Option<Values<E>>,
    pub(crate) along: Option<Along>,
    pub(crate) bulk_fields: &'static [&'static str],
    pub(crate) preview: Option<Preview>,
}

impl<E: EntityTrait> Action<E> {
    fn with(name: &'static str, words: Words, permission: Permission, run: Run) -> Action<E> {
        Action {
            name,
            words,
            permission,
            run,
            fields: Vec::new(),
            when: |_| true,
            note: None,
            danger: false,
            bulk: false,
            values: None,
            along: None,
            bulk_fields: &[],
            preview: None,
        }
    }

    /// Дело службой приложения, в одной транзакции с записью в журнале.
    pub fn new(name: &'static str, words: Words, permission: Permission, run: Inside) -> Action<E> {
        Action::with(name, words, permission, Run::Inside(run))
    }

    /// Дело, которое нельзя делать внутри транзакции: спросить внешнюю систему, положить файл.
    pub fn outside(name: &'static str, words: Words, permission: Permission, run: Outside) -> Action<E> {
        Action::with(name, words, permission, Run::Outside(run))
    }

    /// Правка полей: `values` — нынешние, служба получает только изменённые. Двое правят одно — второму скажут.
    pub fn change(permission: Permission, values: Values<E>, run: Inside) -> Action<E> {
        Action { values: Some(values), ..Action::new("change", ("Изменить", "Edit"), permission, run) }
    }

    pub fn delete(permission: Permission, run: Inside) -> Action<E> {
        Action::new("delete", ("Удалить", "Delete"), permission, run).danger()
    }

    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Action<E> {
        self.fields = fields.into_iter().collect();
        self
    }

    /// Когда дело возможно: иначе кнопки нет.
    pub fn when(mut self, when: fn(&E::Model) -> bool) -> Action<E> {
        self.when = when;
        self
    }

    /// Пояснение над формой.
    pub fn note(mut self, words: Words) -> Action<E> {
        self.note = Some(words);
        self
    }

    /// Необратимое: кнопка предупреждает цветом.
    pub fn danger(mut self) -> Action<E> {
        self.danger = true;
        self
    }

    /// И над отмеченными в списке.
    pub fn bulk(mut self) -> Action<E> {
        self.bulk = true;
        self
    }

    /// Поля правки, которые меняют и сразу у многих строк: с показом «было → стало», деньги — ещё и на процент.
    pub fn bulk_fields(mut self, names: &'static [&'static str]) -> Action<E> {
        self.bulk_fields = names;
        self
    }

    /// Показать несохранённое: кнопка формы рисует его рядом, в песочнице.
    pub fn preview(mut self, preview: Preview) -> Action<E> {
        self.preview = Some(preview);
        self
    }

    /// Что ещё затронет: показывается до подтверждения.
    pub fn along(mut self, along: Along) -> Action<E> {
        self.along = Some(along);
        self
    }
}
