//! Имена людей.

/// «Фамилия Имя Отчество» из непустых частей.
pub fn join(last: &str, first: &str, patronymic: &str) -> String {
    let parts = [last, first, patronymic].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

/// Вид для поиска: строчными, ё→е, одиночные пробелы.
pub fn searchable(text: &str) -> String {
    let lower = text.to_lowercase().replace('ё', "е");
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}
