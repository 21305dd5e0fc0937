//! `cargo xtask makemigration APP WHAT`: пустой следующий шаг базы и строка о нём в списке приложения.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{edit, shell};

const BODY: &str = "\
-- Что меняется и зачем. Старый код должен работать с новой таблицей: добавляйте, а не переименовывайте.
-- Подстановки: {id}, {uuid}, {time}, {longtext}; остальное — SQL, общий для трёх движков. `;` только в конце строки.
";

pub fn run(app: &str, what: &str) -> Result<()> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if what.is_empty() || !what.chars().all(letters) {
        bail!("a migration is named in lower-case Latin letters, digits and _, like add_color: got {what:?}");
    }
    let folder = shell::root().join("apps").join(app).join("src/migrations");
    let name = format!("m{:04}_{what}", next_number(&folder)?);
    let file = folder.join(format!("{name}.sql"));
    edit::write(&file, BODY)?;
    let list = folder.join("mod.rs");
    edit::write(&list, &with_entry(&edit::read(&list)?, &name)?)?;
    shell::run(shell::command("rustfmt").args(["--edition", "2024"]).arg(&list))?;
    println!("{} is created and listed in {}", file.display(), list.display());
    Ok(())
}

fn next_number(folder: &Path) -> Result<u32> {
    let mut last = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix('m').and_then(|rest| rest.get(..4)).and_then(|digits| digits.parse().ok());
        last = last.max(number.unwrap_or(0));
    }
    Ok(last + 1)
}

/// Дописывает `Migration::new(…)` после последнего в списке.
fn with_entry(list: &str, name: &str) -> Result<String> {
    let start = list.rfind("Migration::new(").context("no `Migration::new(` in src/migrations/mod.rs")?;
    let end = closing_bracket(&list[start..]).context("unclosed `Migration::new(` in src/migrations/mod.rs")?;
    let (head, tail) = list.split_at(start + end + 1);
    Ok(format!("{head}, Migration::new(\"{name}\", include_str!(\"{name}.sql\")){tail}"))
}

fn closing_bracket(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (index, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(index),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}
