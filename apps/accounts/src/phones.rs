//! Телефоны: один человек — одна запись, как бы он номер ни набрал.
//!
//! Правила короче любой библиотеки номеров, а её таблицы стран заняли бы мегабайты памяти без пользы:
//! для России нужен именно этот список, для остальных достаточно вида E.164.

/// Номер в E.164 (`+79161234567`) или `None`, если это не телефон.
///
/// Между цифрами допустимы пробелы, дефисы, скобки и точки; буквы — нет: «8916ф…» — опечатка, а не номер.
pub fn parse(input: &str) -> Option<String> {
    let input = input.trim();
    let (has_plus, rest) = match input.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, input),
    };
    if !rest.chars().all(|c| c.is_ascii_digit() || is_separator(c)) {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let digits = match (has_plus, digits.len(), digits.as_bytes().first()?) {
        (false, 11, b'8' | b'7') => format!("7{}", &digits[1..]),
        (false, 10, b'9') => format!("7{digits}"),
        (true, _, _) => digits,
        _ => return None,
    };
    is_valid(&digits).then(|| format!("+{digits}"))
}

/// Можно ли слать СМС: только на российские мобильные.
pub fn takes_sms(e164: &str) -> bool {
    e164.starts_with("+79")
}

/// Вид для людей: `+7 (916) 123-45-67`; чужие номера — как есть.
pub fn display(e164: &str) -> String {
    match e164.strip_prefix("+7") {
        Some(d) if d.len() == 10 && d.is_ascii() => {
            format!("+7 ({}) {}-{}-{}", &d[..3], &d[3..6], &d[6..8], &d[8..])
        }
        _ => e164.to_owned(),
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '-' | '\u{2011}' | '–' | '(' | ')' | '.')
}

/// После +7: 3, 4, 8 — городские и 800, 9 — мобильные, 6 и 7 — Казахстан. Прочие страны: 8–15 цифр.
fn is_valid(digits: &str) -> bool {
    match digits.as_bytes() {
        [b'7', next, ..] => digits.len() == 11 && matches!(next, b'3' | b'4' | b'6' | b'7' | b'8' | b'9'),
        [b'0', ..] => false,
        _ => (8..=15).contains(&digits.len()),
    }
}
