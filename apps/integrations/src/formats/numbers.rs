//! Числа из чужих файлов: без плавающей точки, с запятой и пробелами, как их пишет 1С.

/// Разбирает десятичную дробь в целое с `scale` знаками: `fixed("1 234,5", 2)` = `123450`.
/// Лишние знаки округляются от половины вверх по модулю. `None` — не число или не помещается.
pub fn fixed(text: &str, scale: u32) -> Option<i64> {
    let mut digits = text.trim();
    let negative = digits.starts_with('-');
    digits = digits.trim_start_matches(['-', '+']);
    if text.trim().len() - digits.len() > 1 {
        return None;
    }
    let (whole, fraction) = match digits.find(['.', ',']) {
        Some(dot) => (&digits[..dot], &digits[dot + 1..]),
        None => (digits, ""),
    };
    let mut value: i64 = 0;
    let mut seen = false;
    for c in whole.chars().filter(|c| !c.is_whitespace()) {
        value = value.checked_mul(10)?.checked_add(i64::from(c.to_digit(10)?))?;
        seen = true;
    }
    let mut left = scale;
    let mut round_up = false;
    for (i, c) in fraction.chars().enumerate() {
        let digit = i64::from(c.to_digit(10)?);
        seen = true;
        if left > 0 {
            value = value.checked_mul(10)?.checked_add(digit)?;
            left -= 1;
        } else if i == scale as usize {
            round_up = digit >= 5;
        }
    }
    if !seen {
        return None;
    }
    value = value.checked_mul(10i64.checked_pow(left)?)?;
    value = value.checked_add(i64::from(round_up))?;
    Some(if negative { -value } else { value })
}

/// Пишет `fixed`-число обратно: `show(123450, 2)` = `1234.50`.
pub fn show(value: i64, scale: u32) -> String {
    let unit = 10u64.pow(scale);
    let sign = if value < 0 { "-" } else { "" };
    let abs = value.unsigned_abs();
    match scale {
        0 => format!("{sign}{abs}"),
        _ => format!("{sign}{}.{:0width$}", abs / unit, abs % unit, width = scale as usize),
    }
}

/// Логическое значение: `true|false|1|0` у 1С, «да/нет» у людей.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "1" | "да" | "yes" | "y" | "истина" => Some(true),
        "false" | "0" | "нет" | "no" | "n" | "ложь" => Some(false),
        _ => None,
    }
}

/// Валюта словами 1С в код ISO: «руб.», «RUR» и 643 — всё RUB.
pub fn currency(text: &str) -> Option<String> {
    let lower = text.trim().trim_end_matches('.').to_lowercase();
    match lower.as_str() {
        "" => None,
        "руб" | "р" | "rur" | "rub" | "643" | "810" | "₽" => Some("RUB".into()),
        other => Some(other.to_uppercase()),
    }
}

/// Значение без пустоты: обрезает края, выкидывает управляющие знаки (их не хранит PostgreSQL).
/// Пустой элемент значит «значения нет», а не «пустая строка».
pub fn clean(text: &str) -> Option<String> {
    let bad = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if !text.contains(bad) {
        return Some(text.to_owned());
    }
    let kept: String = text.chars().filter(|c| !bad(*c)).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}
