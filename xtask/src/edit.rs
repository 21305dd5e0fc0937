//! Правка файлов: участок между пометками и сверка созданного с лежащим в хранилище.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Читает файл с именем в тексте ошибки.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Пишет файл, создавая папки.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Заменяет всё между `<!-- NAME:begin -->` и `<!-- NAME:end -->`.
pub fn between_marks(text: &str, name: &str, inside: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {name}:begin -->"), format!("<!-- {name}:end -->"));
    let Some((head, rest)) = text.split_once(&begin) else { bail!("no mark {begin}") };
    let Some((_, tail)) = rest.split_once(&end) else { bail!("no mark {end}") };
    Ok(format!("{head}{begin}\n{inside}{end}{tail}"))
}

/// Ошибка, если созданное отличается от файла; называет первую отличную строку и команду, которая чинит.
pub fn expect_current(path: &Path, fresh: &str, command: &str) -> Result<()> {
    let committed = read(path)?;
    if committed == fresh {
        return Ok(());
    }
    let same = committed.lines().zip(fresh.lines()).take_while(|(old, new)| old == new).count();
    bail!("{} is out of date (first difference: line {}): run `{command}` and commit", path.display(), same + 1);
}
