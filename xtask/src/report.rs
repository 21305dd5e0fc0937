//! Ведомость шагов: что сделано, что пропущено и почему, сколько заняло.

use std::env;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Чем кончился шаг.
pub enum Outcome {
    /// Всё хорошо; строка — что именно сделано («412 passed»).
    Done(String),
    /// Шаг не выполнялся; строка — почему и чего не хватает.
    Skipped(String),
    /// Шаг нашёл ошибку.
    Failed(String),
}

struct Line {
    name: String,
    outcome: Outcome,
    took: Duration,
}

/// Накопленные шаги одного запуска.
#[derive(Default)]
pub struct Report {
    lines: Vec<Line>,
}

impl Report {
    /// Выполняет шаг и запоминает исход; ошибка шага не прерывает остальные.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) {
        eprintln!("\n==> {name}");
        let started = Instant::now();
        let outcome = work().unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        let took = started.elapsed();
        eprintln!("<== {name}: {} ({})", describe(&outcome), human(took));
        self.lines.push(Line { name: name.to_owned(), outcome, took });
    }

    /// Печатает таблицу; ошибка, если что-то не прошло (или пропущено там, где пропускать нельзя).
    pub fn finish(self) -> Result<()> {
        let width = self.lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
        let total: Duration = self.lines.iter().map(|line| line.took).sum();
        println!();
        for line in &self.lines {
            println!("  {:width$}  {:>8}  {}", line.name, human(line.took), describe(&line.outcome));
        }
        println!("  {:width$}  {:>8}", "total", human(total));
        let bad: Vec<&str> =
            self.lines.iter().filter(|line| is_bad(&line.outcome)).map(|line| line.name.as_str()).collect();
        if !bad.is_empty() {
            bail!("not passed: {}", bad.join(", "));
        }
        Ok(())
    }
}

/// `MEGASHOP_REQUIRE_ALL=1` (так в CI): пропуск считается неудачей.
pub fn require_all() -> bool {
    env::var("MEGASHOP_REQUIRE_ALL").is_ok_and(|value| value == "1")
}

fn is_bad(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Done(_) => false,
        Outcome::Skipped(_) => require_all(),
        Outcome::Failed(_) => true,
    }
}

fn describe(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done(what) => what.clone(),
        Outcome::Skipped(why) if require_all() => {
            format!("SKIPPED, and MEGASHOP_REQUIRE_ALL=1 forbids it: {why}")
        }
        Outcome::Skipped(why) => format!("skipped: {why}"),
        Outcome::Failed(why) => format!("FAILED: {why}"),
    }
}

fn human(took: Duration) -> String {
    match took.as_secs() {
        0..60 => format!("{:.1}s", took.as_secs_f64()),
        seconds => format!("{}m{:02}s", seconds / 60, seconds % 60),
    }
}
