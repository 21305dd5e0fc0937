//! Крейты рабочей копии, как они описаны в своих Cargo.toml.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml::Table;

use crate::shell;

/// Один крейт проекта.
pub struct Member {
    /// Короткое имя: папка (`orders`, `kernel`, `server`).
    pub name: String,
    /// Имя пакета для cargo (`megashop-orders`).
    pub package: String,
    /// Папка от корня (`apps/orders`).
    pub path: String,
    /// Короткие имена крейтов проекта, которые он вправе вызывать (`[dependencies]`).
    pub calls: BTreeSet<String>,
}

impl Member {
    pub fn is_app(&self) -> bool {
        self.path.starts_with("apps/")
    }
}

/// Все крейты framework, apps и server по алфавиту путей.
pub fn members() -> Result<Vec<Member>> {
    let root = shell::root();
    let mut folders = vec![root.join("server")];
    for group in ["framework", "apps"] {
        folders.extend(crates_in(&root.join(group))?);
    }
    let mut members = folders.iter().map(|folder| read_member(&root, folder)).collect::<Result<Vec<_>>>()?;
    members.sort_by(|a, b| a.path.cmp(&b.path));
    let names: BTreeMap<String, String> = members
        .iter()
        .flat_map(|member| [&member.name, &member.package].map(|word| (word.clone(), member.name.clone())))
        .collect();
    for member in &mut members {
        member.calls = member.calls.iter().filter_map(|word| names.get(word).cloned()).collect();
    }
    Ok(members)
}

fn crates_in(group: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(group).with_context(|| format!("cannot read {}", group.display()))? {
        let folder = entry?.path();
        if folder.join("Cargo.toml").is_file() {
            folders.push(folder);
        }
    }
    Ok(folders)
}

fn read_member(root: &Path, folder: &Path) -> Result<Member> {
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    let table: Table = text.parse().with_context(|| format!("cannot parse {}", manifest.display()))?;
    let package = table.get("package").and_then(|package| package.get("name")).and_then(|name| name.as_str());
    let calls = table.get("dependencies").and_then(|value| value.as_table()).map(|deps| deps.keys().cloned().collect());
    let path = folder.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
    Ok(Member {
        name: path.rsplit('/').next().unwrap_or(&path).to_owned(),
        package: package.context("no package.name")?.to_owned(),
        path,
        calls: calls.unwrap_or_default(),
    })
}
