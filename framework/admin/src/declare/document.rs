//! Готовая страница об объекте: накладная на печать, письмо таким, каким его получат.

use futures::future::BoxFuture;
use kernel::{Ctx, Permission, Result};

use crate::words::Words;

/// HTML страницы (или текст файла) по номеру объекта.
pub type Draw = for<'a> fn(&'a Ctx, i64) -> BoxFuture<'a, Result<String>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocumentKind {
    /// Печатают; ссылка в карточке.
    Sheet,
    /// Чужая вёрстка: показывают в карточке, в песочнице.
    Letter,
    /// Скачивают; ссылку ставит приложение.
    Csv,
}

/// Страница об объекте вне оформления админки.
#[derive(Clone, Copy)]
pub struct Document {
    pub(crate) name: &'static str,
    pub(crate) words: Words,
    pub(crate) permission: Permission,
    pub(crate) kind: DocumentKind,
    pub(crate) draw: Draw,
}

impl Document {
    /// На печать: стили — `/admin/static/sheet.css`, скриптов нет.
    pub fn sheet(name: &'static str, words: Words, permission: Permission, draw: Draw) -> Document {
        Document { name, words, permission, kind: DocumentKind::Sheet, draw }
    }

    /// Вёрстка письма: своя политика с песочницей — ни скриптов, ни форм, ни чужих страниц.
    pub fn letter(name: &'static str, words: Words, permission: Permission, draw: Draw) -> Document {
        Document { name, words, permission, kind: DocumentKind::Letter, draw }
    }

    /// Таблица CSV: скачивается под именем `<name>-<номер>.csv`.
    pub fn csv(name: &'static str, permission: Permission, draw: Draw) -> Document {
        Document { name, words: ("CSV", "CSV"), permission, kind: DocumentKind::Csv, draw }
    }
}
