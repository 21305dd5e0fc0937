//! Отбор списка.

use sea_orm::{Condition, EntityTrait};

use super::field::Options;
use crate::cell::Choice;
use crate::words::Words;

pub(crate) enum FilterKind<E: EntityTrait> {
    Choice(E::Column, &'static [Choice]),
    Flag(E::Column),
    /// Дни магазина, с и по включительно.
    Days(E::Column),
    /// Рубли, от и до включительно.
    Money(E::Column),
    /// Номер связанного объекта.
    Id(E::Column),
    /// Связанный объект, одним из перечисленных.
    Options(E::Column, Options),
    /// Чего одним столбцом не сказать: код → условие.
    By(&'static [Choice], fn(&str) -> Condition),
}

/// Один отбор; имя — имя в адресе страницы.
pub struct Filter<E: EntityTrait> {
    pub(crate) name: &'static str,
    pub(crate) words: Words,
    pub(crate) kind: FilterKind<E>,
}

impl<E: EntityTrait> Filter<E> {
    pub fn choice(name: &'static str, words: Words, column: E::Column, choices: &'static [Choice]) -> Filter<E> {
        Filter { name, words, kind: FilterKind::Choice(column, choices) }
    }

    pub fn flag(name: &'static str, words: Words, column: E::Column) -> Filter<E> {
        Filter { name, words, kind: FilterKind::Flag(column) }
    }

    pub fn days(name: &'static str, words: Words, column: E::Column) -> Filter<E> {
        Filter { name, words, kind: FilterKind::Days(column) }
    }

    pub fn money(name: &'static str, words: Words, column: E::Column) -> Filter<E> {
        Filter { name, words, kind: FilterKind::Money(column) }
    }

    /// Состояние, которое видно не по одному столбцу: код → условие.
    pub fn by(
        name: &'static str,
        words: Words,
        choices: &'static [Choice],
        condition: fn(&str) -> Condition,
    ) -> Filter<E> {
        Filter { name, words, kind: FilterKind::By(choices, condition) }
    }

    /// Связанный объект из тех, которых немного: номер и название.
    pub fn options(name: &'static str, words: Words, column: E::Column, load: Options) -> Filter<E> {
        Filter { name, words, kind: FilterKind::Options(column, load) }
    }

    /// По номеру связанного объекта.
    pub fn id(name: &'static str, words: Words, column: E::Column) -> Filter<E> {
        Filter { name, words, kind: FilterKind::Id(column) }
    }
}
