//! Задачи проекта: `cargo xtask ГЛАГОЛ`.
//!
//! Крейт нарочно почти без зависимостей: он собирается за секунды, и `cargo xtask demo`
//! на чистом клоне сразу занят магазином, а не инструментами.

mod browser;
mod ci;
mod codes;
mod demo;
mod edit;
mod graph;
mod licenses;
mod links;
mod makemigration;
mod manifests;
mod probe;
mod report;
mod shell;
mod snapshots;
mod startapp;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
Usage: cargo xtask VERB

  demo [-- ARGS]               build the shop and run `megashop demo ARGS` (--listen, --data-dir)
  test [CRATE]                 run every test this machine can run, on every database it has
  test browser                 only the purchase in a real Chromium
  ci                           what .ci/run runs: formatting, lints, licences, generated files, tests
  startapp NAME \"Название\"     generate apps/NAME and register it (--check: prove it in a copy of the project)
  makemigration APP WHAT       add an empty migration to apps/APP
  snapshots                    write docs/openapi.json and tests/access_matrix.txt (the tests compare them)
  graph [--check]              write the dependency map into docs/architecture.md (--check: only compare)
  licenses [--check]           write server/licenses.txt: every library in the program and its licence
  codes [--check]              write the table of error codes into docs/frontend/errors.md
  links                        check every relative link of the documents
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["demo", "--", rest @ ..] | ["demo", rest @ ..] => demo::run(rest),
        ["test"] => test::run(None),
        ["test", "browser"] => browser::run(),
        ["test", package] => test::run(Some(package)),
        ["ci"] => ci::run(),
        ["startapp", "--check"] => startapp::check(),
        ["startapp", name, title] => startapp::run(name, title),
        ["makemigration", app, what] => makemigration::run(app, what),
        ["snapshots"] => snapshots::write(),
        ["graph"] => graph::write(),
        ["graph", "--check"] => graph::check(),
        ["licenses"] => licenses::write(),
        ["licenses", "--check"] => licenses::check(),
        ["codes"] => codes::write(),
        ["codes", "--check"] => codes::check(),
        ["links"] => links::check().map(|count| println!("{count} links are whole")),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => bail!("cannot read `cargo xtask {}`\n\n{USAGE}", words.join(" ")),
    }
}
