//! Разметка страниц внутри файла другого вида.

/// Теги, с которых у браузера начинается страница или сценарий.
const TAGS: [&str; 6] = ["script", "html", "!doctype", "iframe", "object", "foreignobject"];

/// Есть ли в файле кусок HTML: такой «двуликий» файл опасен, если его отдадут с неверным типом.
pub(crate) fn is_inside(bytes: &[u8]) -> bool {
    let after_brackets = bytes.split(|byte| *byte == b'<').skip(1);
    after_brackets.into_iter().any(|rest| TAGS.iter().any(|tag| starts_with(rest, tag)))
}

fn starts_with(bytes: &[u8], tag: &str) -> bool {
    bytes.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
}
