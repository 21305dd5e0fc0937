//! `cargo xtask ci`: всё, что должно быть зелёным до слияния. Сначала быстрое, тесты — последними.

use anyhow::Result;

use crate::report::{Outcome, Report};
use crate::{codes, graph, licenses, links, shell, startapp, test, tools};

pub fn run() -> Result<()> {
    let mut report = Report::default();
    report.step("formatting", || done(&mut cargo(&["fmt", "--all", "--check"])));
    report.step("dependency map", || graph::check().map(|()| Outcome::Done("current".to_owned())));
    report.step("list of licences", || licenses::check().map(|()| Outcome::Done("current".to_owned())));
    report.step("table of error codes", || codes::check().map(|()| Outcome::Done("current".to_owned())));
    report.step("links of documents", || links::check().map(|count| Outcome::Done(format!("{count} links"))));
    report.step("unused dependencies", unused_dependencies);
    report.step("licences and bans", licences);
    report.step("advisories", advisories);
    report.step("clippy", || done(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])));
    test::add_steps(&mut report, None)?;
    report.step("a generated app", || startapp::check().map(|()| Outcome::Done("its tests pass".to_owned())));
    report.finish()
}

fn cargo(args: &[&str]) -> std::process::Command {
    let mut cargo = shell::cargo();
    cargo.args(args);
    cargo
}

fn done(command: &mut std::process::Command) -> Result<Outcome> {
    shell::run(command)?;
    Ok(Outcome::Done("clean".to_owned()))
}

fn unused_dependencies() -> Result<Outcome> {
    done(shell::command(tools::MACHETE.path()?).arg(shell::root()))
}

fn licences() -> Result<Outcome> {
    done(shell::command(tools::DENY.path()?).args(["check", "licenses", "bans", "sources"]))
}

/// Список уязвимостей лежит на GitHub. Если он недостижим, шаг не падает, а говорит об этом вслух:
/// замкнутая сеть не должна ни красить CI, ни молча выдавать себя за проверку.
fn advisories() -> Result<Outcome> {
    let deny = tools::DENY.path()?;
    if shell::run(shell::command(&deny).args(["fetch", "db"])).is_err() {
        return Ok(Outcome::Done(
            "NOT CHECKED: the advisory database (github.com/RustSec/advisory-db) cannot be fetched from here"
                .to_owned(),
        ));
    }
    done(shell::command(&deny).args(["check", "--disable-fetch", "advisories"]))
}
