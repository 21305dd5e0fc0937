//! Карта зависимостей приложений: читает Cargo.toml и рисует её в docs/architecture.md.
//!
//! «Кого можно звать» — это `[dependencies]` приложения, поэтому карта не может разойтись с кодом.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Result;

use crate::manifests::{self, Member};
use crate::{edit, shell};

const MARK: &str = "graph";

pub fn write() -> Result<()> {
    let (path, text) = fresh()?;
    edit::write(&path, &text)?;
    println!("{} is written", path.display());
    Ok(())
}

pub fn check() -> Result<()> {
    let (path, text) = fresh()?;
    edit::expect_current(&path, &text, "cargo xtask graph")
}

fn fresh() -> Result<(PathBuf, String)> {
    let path = shell::root().join("docs/architecture.md");
    let apps: Vec<Member> = manifests::members()?.into_iter().filter(Member::is_app).collect();
    let text = edit::between_marks(&edit::read(&path)?, MARK, &format!("{}\n{}", diagram(&apps), table(&apps)))?;
    Ok((path, text))
}

/// Стрелка рисуется к непосредственному соседу: если `orders → cart → catalog`, стрелка `orders → catalog` лишь пачкает рисунок
/// (в таблице ниже она есть).
fn diagram(apps: &[Member]) -> String {
    let mut text = String::from("```mermaid\nflowchart TD\n");
    for app in apps {
        let _ = writeln!(text, "    {}", app.name);
    }
    for app in apps {
        for called in nearest(apps, app) {
            let _ = writeln!(text, "    {} --> {called}", app.name);
        }
    }
    text.push_str("```\n");
    text
}

fn nearest<'a>(apps: &'a [Member], app: &'a Member) -> Vec<&'a str> {
    let called: Vec<&Member> = called_apps(apps, app).collect();
    let through: BTreeSet<&str> = called.iter().flat_map(|next| reachable(apps, next)).collect();
    called.iter().map(|next| next.name.as_str()).filter(|name| !through.contains(name)).collect()
}

fn reachable<'a>(apps: &'a [Member], from: &'a Member) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut queue: Vec<&Member> = called_apps(apps, from).collect();
    while let Some(next) = queue.pop() {
        if seen.insert(next.name.as_str()) {
            queue.extend(called_apps(apps, next));
        }
    }
    seen
}

fn called_apps<'a>(apps: &'a [Member], app: &'a Member) -> impl Iterator<Item = &'a Member> {
    apps.iter().filter(|other| app.calls.contains(&other.name))
}

fn table(apps: &[Member]) -> String {
    let mut text = String::from("| приложение | вправе вызывать | его вызывают |\n| --- | --- | --- |\n");
    for app in apps {
        let calls = called_apps(apps, app).map(|other| other.name.as_str());
        let callers = apps.iter().filter(|other| other.calls.contains(&app.name)).map(|other| other.name.as_str());
        let _ =
            writeln!(text, "| [{0}](../{1}/README.md) | {2} | {3} |", app.name, app.path, list(calls), list(callers));
    }
    text
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() { "—".to_owned() } else { names.join(", ") }
}
