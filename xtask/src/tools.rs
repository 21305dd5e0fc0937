//! Инструменты CI, которых нет в Rust: ставятся один раз в ~/.cache/megashop/tools.

use std::path::PathBuf;

use anyhow::Result;

use crate::shell;

/// Инструмент и его закреплённая версия.
pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
}

pub const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
pub const MACHETE: Tool = Tool { name: "cargo-machete", version: "0.9.2" };

impl Tool {
    /// Путь к программе; при первом вызове собирает её.
    ///
    /// Собираем без оптимизации и отладочных сведений: cargo-deny так готов вдвое быстрее, а работает он секунды.
    pub fn path(&self) -> Result<PathBuf> {
        let home = shell::tools_dir()?.join(format!("{}-{}", self.name, self.version));
        let program = home.join("bin").join(self.name);
        if program.is_file() {
            return Ok(program);
        }
        let package = format!("{}@{}", self.name, self.version);
        let mut install = shell::cargo();
        install.args(["install", "--locked", "--debug", &package, "--root"]).arg(&home);
        // Без общей папки сборки: cargo соберёт во временной и уберёт её за собой.
        install.env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "0");
        shell::run(&mut install)?;
        Ok(program)
    }
}
