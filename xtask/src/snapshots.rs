//! Снимки того, что обещает программа: OpenAPI и таблица доступа. Сверяют их тесты, а переписывают — они же, с `UPDATE_SNAPSHOTS=1`.

use anyhow::Result;

use crate::shell;

pub fn write() -> Result<()> {
    let mut cargo = shell::cargo();
    cargo.args(["test", "--quiet", "--package", "megashop-tests"]).env("UPDATE_SNAPSHOTS", "1");
    shell::run(&mut cargo)
}
