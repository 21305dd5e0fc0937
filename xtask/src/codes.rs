//! Таблица кодов отказов для авторов клиентов: собирается из `texts/ru.toml` в docs/frontend/errors.md.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::{edit, manifests, shell};

const MARK: &str = "codes";
/// Чьих отказов клиент API не видит: страницы админки и строки загружаемого файла.
const HIDDEN: [&str; 2] = ["admin", "integrations"];
/// Слова, которые лежат рядом с отказами, но отказами не бывают.
const NOT_CODES: [&str; 13] = [
    "content.splash",
    "notifications.telegram_linked",
    "notifications.telegram_stopped",
    "notifications.unsubscribe_button",
    "notifications.unsubscribe_done",
    "notifications.unsubscribe_question",
    "orders.balance_description",
    "orders.delivery_line",
    "orders.payment_description",
    "preorders.below_minimum_message",
    "preorders.bulk_moved",
    "promos.valid",
    "promos.valid_from_sum",
];

pub fn write() -> Result<()> {
    let (path, text) = fresh()?;
    edit::write(&path, &text)?;
    println!("{} is written", path.display());
    Ok(())
}

pub fn check() -> Result<()> {
    let (path, text) = fresh()?;
    edit::expect_current(&path, &text, "cargo xtask codes")
}

fn fresh() -> Result<(PathBuf, String)> {
    let path = shell::root().join("docs/frontend/errors.md");
    let mut tables = String::new();
    for (group, words) in groups()? {
        section(&mut tables, &group, &words);
    }
    let text = edit::between_marks(&edit::read(&path)?, MARK, &tables)?;
    Ok((path, text))
}

/// Разделы по алфавиту: у приложения — его имя, у ядра — имена таблиц его файла.
fn groups() -> Result<Vec<(String, Table)>> {
    let mut groups = Vec::new();
    for member in manifests::members()? {
        let path = shell::root().join(&member.path).join("texts/ru.toml");
        if !path.is_file() || HIDDEN.contains(&member.name.as_str()) {
            continue;
        }
        let words: Table = edit::read(&path)?.parse().with_context(|| format!("cannot parse {}", path.display()))?;
        match member.name.as_str() {
            "kernel" => groups.extend(words.into_iter().filter_map(|(name, words)| match words {
                Value::Table(words) => Some((name, words)),
                _ => None,
            })),
            "server" => groups.push(("system".to_owned(), words)),
            _ => groups.push((member.name, words)),
        }
    }
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(groups)
}

fn section(out: &mut String, group: &str, words: &Table) {
    let codes = words.iter().filter_map(|(key, text)| Some((format!("{group}.{key}"), text.as_str()?)));
    let codes: Vec<_> = codes.filter(|(code, _)| is_code(code)).collect();
    if codes.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {group}\n\n| код | слова |\n| --- | --- |");
    for (code, text) in codes {
        // Код поля из ядра клиент видит без имени раздела.
        let code = code.strip_prefix("fields.").unwrap_or(&code);
        let _ = writeln!(out, "| `{code}` | {} |", cell(text));
    }
}

/// Слово `section` есть у каждого приложения: так его зовёт меню админки.
fn is_code(code: &str) -> bool {
    !NOT_CODES.contains(&code) && !code.ends_with(".section")
}

/// Подстановки остаются видны: это данные, которые встанут на их место. Только из форм слова по числу остаётся последняя.
fn cell(text: &str) -> String {
    let mut shown = String::new();
    for piece in text.trim().split_inclusive("}}") {
        let (head, inside) = piece.split_once("{{").unwrap_or((piece, ""));
        let forms = inside.contains("|plural(").then(|| inside.rsplit('\'').nth(1)).flatten();
        shown += forms.map_or(piece.to_owned(), |many| format!("{head}{many}")).as_str();
    }
    shown.replace('\n', " ").replace('|', "\\|")
}
