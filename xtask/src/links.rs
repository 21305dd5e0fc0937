//! Ссылки в документах: файл, на который ведёт относительная ссылка, есть, и заголовок в нём тоже; каждая страница `docs/` стоит в
//! оглавлении книги.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{edit, shell};

const SUMMARY: &str = "docs/SUMMARY.md";
/// Здесь чужое или порождённое.
const SKIPPED: [&str; 4] = [".git", "node_modules", "target", "book"];

/// Сколько ссылок проверено.
pub fn check() -> Result<usize> {
    let root = shell::root();
    let mut pages = BTreeMap::new();
    for path in markdown_under(&root)? {
        let text = prose(&edit::read(&path)?);
        pages.insert(path, text);
    }
    let mut broken = Vec::new();
    let mut checked = 0;
    for (page, text) in &pages {
        for link in links(text) {
            checked += 1;
            if let Err(why) = resolve(page, &link, &pages) {
                broken.push(format!("{}: {link}: {why}", page.strip_prefix(&root)?.display()));
            }
        }
    }
    broken.extend(orphans(&root, &pages));
    if !broken.is_empty() {
        bail!("broken links:\n  {}", broken.join("\n  "));
    }
    Ok(checked)
}

fn markdown_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !SKIPPED.contains(&name.as_str()) {
            found.extend(markdown_under(&path)?);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
    Ok(found)
}

/// Текст без кода: в примерах скобки значат другое.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Относительные цели `[слова](цель)` и `src="цель"`.
fn links(text: &str) -> BTreeSet<String> {
    let text: String = text.split('`').step_by(2).collect();
    let after = |mark: &'static str, end: char| {
        let pieces = text.split(mark).skip(1).filter_map(move |rest| rest.split_once(end));
        pieces.map(|(target, _)| target.to_owned()).collect::<Vec<_>>()
    };
    let all = after("](", ')').into_iter().chain(after("src=\"", '"'));
    all.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

fn resolve(page: &Path, link: &str, pages: &BTreeMap<PathBuf, String>) -> Result<()> {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => page.to_path_buf(),
        _ => tidy(&page.parent().unwrap_or(page).join(file)),
    };
    if !target.exists() {
        bail!("no such file");
    }
    if anchor.is_empty() {
        return Ok(());
    }
    let Some(text) = pages.get(&target) else { bail!("an anchor in something that is not Markdown") };
    let headings = text.lines().filter(|line| line.starts_with('#'));
    if !headings.map(slug).any(|slug| slug == anchor) {
        bail!("no such heading");
    }
    Ok(())
}

/// Путь без `..`: канонический увёл бы по символическим ссылкам.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(tidy.pop()),
            Component::CurDir => {}
            part => tidy.push(part),
        }
    }
    tidy
}

/// Имя заголовка в адресе — как у GitHub и mdBook.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Страницы, которых книга не покажет.
fn orphans(root: &Path, pages: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let docs = root.join("docs");
    let summary = root.join(SUMMARY);
    let listed: BTreeSet<PathBuf> =
        pages.get(&summary).map(|text| links(text).iter().map(|link| docs.join(link)).collect()).unwrap_or_default();
    let lost = pages.keys().filter(|page| page.starts_with(&docs) && **page != summary && !listed.contains(*page));
    lost.map(|page| format!("{}: not in {SUMMARY}", page.strip_prefix(root).unwrap_or(page).display())).collect()
}
