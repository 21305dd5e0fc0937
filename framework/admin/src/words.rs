//! Слова объявлений: по-русски и по-английски рядом, чтобы перевод нельзя было забыть.

use kernel::Lang;

/// (по-русски, по-английски).
pub type Words = (&'static str, &'static str);

pub(crate) fn say(words: Words, lang: Lang) -> &'static str {
    match lang {
        Lang::Ru => words.0,
        Lang::En => words.1,
    }
}
