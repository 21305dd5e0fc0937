//! Приведение текста к виду, в котором его сравнивают: базы сравнивают текст по-разному, поэтому сравниваем готовое.

/// Нижний регистр, ё→е, без лишних пробелов.
pub fn key(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c }));
    }
    out
}

/// Тот же ключ, не длиннее `max` знаков (ширина столбца).
pub fn key_of(text: &str, max: usize) -> String {
    key(text).chars().take(max).collect()
}

/// Ключ артикула.
pub fn article(text: &str) -> String {
    key_of(text, 100)
}

/// Часть адреса из названия: латиница, цифры, дефисы; не длиннее `max`.
pub fn slug(text: &str, max: usize) -> String {
    let mut slug = slug::slugify(key(text));
    // slugify отдаёт ASCII, поэтому байты — это знаки.
    slug.truncate(max);
    slug.trim_end_matches('-').to_owned()
}

/// Знак, которым в образце LIKE отменяют особый смысл (обратная косая черта у MariaDB особая и в самой строке).
pub const LIKE_ESCAPE: char = '!';

/// Текст для образца LIKE: `%` и `_` из поиска человека ничего не значат.
pub fn like_escape(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
