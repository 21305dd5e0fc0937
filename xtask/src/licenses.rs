//! Чьи библиотеки лежат в программе: имя, версия, лицензия. `megashop licenses` печатает этот список.
//!
//! Список один на все площадки: он составлен для x86_64 Linux, где программу и собирают.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::{edit, shell};

/// Чужое, что лежит в хранилище файлами, а не приходит через cargo. Тексты лицензий — рядом с ними.
const FILES: [&str; 6] = [
    "@google/model-viewer 4.4.0 Apache-2.0",
    "Draco decoder (three 0.163.0) Apache-2.0",
    "Font Golos Text OFL-1.1",
    "Font Jost OFL-1.1",
    "SQLite (libsqlite3-sys) public domain",
    "common-passwords.txt (Django 5.2) BSD-3-Clause",
];

pub fn write() -> Result<()> {
    edit::write(&path(), &fresh()?)?;
    println!("{} is written", path().display());
    Ok(())
}

pub fn check() -> Result<()> {
    edit::expect_current(&path(), &fresh()?, "cargo xtask licenses")
}

fn path() -> PathBuf {
    shell::root().join("server/licenses.txt")
}

fn fresh() -> Result<String> {
    let tree = shell::output(shell::cargo().args([
        "tree",
        "--locked",
        "--package=megashop",
        "--edges=normal,no-proc-macro",
        "--target=x86_64-unknown-linux-gnu",
        "--prefix=none",
        "--no-dedupe",
        "--format={p}\t{l}",
    ]))?;
    let mut lines: BTreeSet<String> = FILES.iter().map(|line| (*line).to_owned()).collect();
    for line in tree.lines().filter(|line| !is_ours(line)) {
        lines.insert(entry(line)?);
    }
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}

/// У своих крейтов за версией стоит путь.
fn is_ours(line: &str) -> bool {
    line.split('\t').next().is_some_and(|package| package.ends_with(')'))
}

/// `serde v1.0.0⇥MIT OR Apache-2.0` → `serde 1.0.0 MIT OR Apache-2.0`.
fn entry(line: &str) -> Result<String> {
    let Some((package, license)) = line.split_once('\t') else { bail!("cannot read `{line}` of cargo tree") };
    let Some((name, version)) = package.split_once(" v") else { bail!("no version in `{package}`") };
    if license.is_empty() {
        bail!("{package} names no licence: read its files and decide");
    }
    Ok(format!("{name} {version} {license}"))
}
