//! `cargo xtask demo`: собрать магазин облегчённым профилем и показать его.

use std::env::consts::EXE_SUFFIX;

use anyhow::Result;

use crate::shell;

/// Профиль `demo` (корневой Cargo.toml) собирается заметно быстрее выпуска, а работает почти так же быстро.
const PROFILE: &str = "demo";

pub fn run(args: &[&str]) -> Result<()> {
    eprintln!("building… (the first build compiles every dependency and takes minutes)");
    shell::run(shell::cargo().args(["build", "--profile", PROFILE, "--package", "megashop", "--bin", "megashop"]))?;
    let binary = shell::target_dir().join(PROFILE).join(format!("megashop{EXE_SUFFIX}"));
    become_program(std::process::Command::new(binary).arg("demo").args(args))
}

/// Процесс становится магазином: Ctrl+C и сигналы доходят до него без посредника.
#[cfg(unix)]
fn become_program(command: &mut std::process::Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn become_program(command: &mut std::process::Command) -> Result<()> {
    shell::run(command)
}
