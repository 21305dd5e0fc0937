//! `cargo xtask startapp NAME "Название"`: новое приложение из `xtask/templates/app` и три строки, которые его подключают.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{edit, shell};

pub fn run(name: &str, title: &str) -> Result<()> {
    generate(&shell::root(), name, title)?;
    println!("apps/{name} is ready and registered. Next:");
    println!("  cargo xtask test {name}    # its tests pass already");
    println!("  cargo xtask graph && cargo xtask snapshots    # refresh the committed files");
    Ok(())
}

/// Порождает приложение в данной рабочей копии.
fn generate(root: &Path, name: &str, title: &str) -> Result<()> {
    check_name(root, name)?;
    check_title(title)?;
    let app = root.join("apps").join(name);
    let templates = shell::root().join("xtask/templates/app");
    for template in files_in(&templates)? {
        let relative = template.strip_prefix(&templates)?.to_string_lossy().into_owned();
        let target = app.join(fill(relative.trim_end_matches(".tpl"), name, title));
        edit::write(&target, &fill(&edit::read(&template)?, name, title))?;
    }
    register(root, name)
}

/// Три строки, по одной после последней такой же: версия, зависимость сервера, список приложений.
fn register(root: &Path, name: &str) -> Result<()> {
    let apps: Vec<String> = names_in(&root.join("apps"))?;
    let version = format!("{name} = {{ path = \"apps/{name}\", package = \"megashop-{name}\" }}");
    add_line(&root.join("Cargo.toml"), &version, |line| line.contains("path = \"apps/"))?;
    let is_app =
        |line: &str| line.strip_suffix(".workspace = true").is_some_and(|word| apps.iter().any(|app| app == word));
    add_line(&root.join("server/Cargo.toml"), &format!("{name}.workspace = true"), is_app)?;
    let is_call = |line: &str| line.strip_suffix("::app(),").is_some_and(|word| apps.iter().any(|app| app == word));
    add_line(&root.join("server/src/apps.rs"), &format!("{name}::app(),"), is_call)
}

/// Доказательство для CI: приложение, порождённое в копии проекта, собирается и проходит свои тесты.
///
/// Копия лежит на постоянном месте и сохраняет времена файлов, поэтому второй прогон собирает только изменившееся.
pub fn check() -> Result<()> {
    let copy = shell::target_dir().join("startapp-proof");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    copy_project(&copy)?;
    generate(&copy, "probe", "Проба")?;
    // Имя тестам, чтобы выбрать их одних, оставив весь проект под `--workspace`: иначе cargo пересобрал бы чужие крейты
    // с другим набором возможностей.
    let manifest = copy.join("apps/probe/Cargo.toml");
    let named = edit::read(&manifest)?.replace("name = \"main\"", "name = \"probe\"");
    edit::write(&manifest, &named)?;
    for verb in [&["test", "--workspace", "--test", "probe"][..], &["check", "--workspace", "--bin", "megashop"]] {
        shell::run(shell::cargo().args(verb).current_dir(&copy))?;
    }
    Ok(())
}

/// Все файлы проекта, кроме тех, что git велено не замечать.
fn copy_project(copy: &Path) -> Result<()> {
    let mut git = shell::command("git");
    let list = shell::output(git.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]))?;
    let root = shell::root();
    for name in list.split_terminator('\0') {
        let (from, to) = (root.join(name), copy.join(name));
        // Удалённый, но ещё не зафиксированный файл git тоже называет.
        let Ok(modified) = fs::metadata(&from).and_then(|metadata| metadata.modified()) else {
            continue;
        };
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&from, &to).with_context(|| format!("cannot copy {name}"))?;
        fs::File::options().write(true).open(&to)?.set_modified(modified)?;
    }
    Ok(())
}

fn check_name(root: &Path, name: &str) -> Result<()> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
        bail!("an app is named in lower-case Latin letters, digits and _, like wishlist: got {name:?}");
    }
    for taken in ["apps", "framework"].map(|group| root.join(group).join(name)) {
        if taken.exists() {
            bail!("{} already exists", taken.display());
        }
    }
    Ok(())
}

/// Название попадает в строки Rust и TOML как есть.
fn check_title(title: &str) -> Result<()> {
    let bad = |c: char| c.is_control() || matches!(c, '"' | '\\' | '{' | '}' | '%');
    if title.trim().is_empty() || title.contains(bad) {
        bail!("the title is one line without quotes, backslashes, braces and %: got {title:?}");
    }
    Ok(())
}

/// `%app%` — wishlist, `%App%` — Wishlist, `%title%` — Избранное.
fn fill(text: &str, name: &str, title: &str) -> String {
    text.replace("%app%", name).replace("%App%", &camel(name)).replace("%title%", title)
}

fn camel(name: &str) -> String {
    let word = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('_').filter(|part| !part.is_empty()).map(word).collect()
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() { files.extend(files_in(&path)?) } else { files.push(path) }
    }
    Ok(files)
}

fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
}

/// Ставит строку после последней подходящей, с её же отступом.
fn add_line(path: &Path, line: &str, like: impl Fn(&str) -> bool) -> Result<()> {
    let text = edit::read(path)?;
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|old| like(old.trim()));
    let last = last.with_context(|| format!("{} has no line to put {line:?} after", path.display()))?;
    let indent = lines[last].len() - lines[last].trim_start().len();
    let line = format!("{}{line}", &lines[last][..indent]);
    lines.insert(last + 1, &line);
    edit::write(path, &(lines.join("\n") + "\n"))
}
