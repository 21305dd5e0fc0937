//! Снимок OpenAPI в хранилище: изменение интерфейса видно при чтении правки.

use std::path::PathBuf;

use anyhow::Result;

use crate::{edit, shell};

pub fn write() -> Result<()> {
    let (path, text) = fresh()?;
    edit::write(&path, &text)?;
    println!("{} is written", path.display());
    Ok(())
}

pub fn check() -> Result<()> {
    let (path, text) = fresh()?;
    edit::expect_current(&path, &text, "cargo xtask openapi")
}

fn fresh() -> Result<(PathBuf, String)> {
    let text = shell::output(shell::cargo().args(["run", "--quiet", "--package", "megashop", "--", "openapi"]))?;
    Ok((shell::root().join("docs/openapi.json"), format!("{}\n", text.trim_end())))
}
