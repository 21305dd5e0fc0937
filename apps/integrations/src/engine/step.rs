//! Одна пачка внутри одной транзакции: чем пишем, что помним, какие исходы строк копим.

use kernel::data::insert_all;
use kernel::{Result, Work};
use sea_orm::{ActiveValue::NotSet, Set};

use super::report::{Tallies, Tally};
use super::state::State;
use crate::formats::{Problem, ProblemKind, Scope, Severity};
use crate::models::import_row::{self, Outcome};

/// Проблем на одну загрузку в `import_rows`: битый файл на миллион строк не раздует базу.
const STORED_PROBLEMS: usize = 10_000;
/// Строк пробы: их показывают человеку, миллион он не прочтёт; счёт точен и без них.
const TRIAL_ROWS: usize = 20_000;

pub struct Step<'a> {
    pub work: &'a mut Work,
    pub state: &'a mut State,
    pub source: &'static str,
    pub scope: Scope,
    pub file: &'a str,
    rows: Vec<import_row::ActiveModel>,
    problem_rows: usize,
}

/// О чём строка исхода.
#[derive(Clone, Copy)]
pub struct About<'a> {
    pub entity: &'static str,
    pub external_id: &'a str,
    pub entity_id: Option<i64>,
    pub line: u64,
}

impl<'a> Step<'a> {
    pub fn new(work: &'a mut Work, state: &'a mut State, source: &'static str, scope: Scope, file: &'a str) -> Self {
        Self { work, state, source, scope, file, rows: Vec::new(), problem_rows: 0 }
    }

    pub fn created(&mut self, about: About<'_>, count: fn(&mut Tallies) -> &mut Tally) {
        count(self.state.tally()).created += 1;
        self.row(about, Outcome::Created, None, String::new());
    }

    pub fn changed(&mut self, about: About<'_>, count: fn(&mut Tallies) -> &mut Tally) {
        count(self.state.tally()).changed += 1;
        self.row(about, Outcome::Changed, None, String::new());
    }

    /// Новое, о котором отдельная строка исхода ничего не добавит: цена и остаток нового варианта.
    pub fn counted(&mut self, count: fn(&mut Tallies) -> &mut Tally) {
        count(self.state.tally()).created += 1;
    }

    pub fn unchanged(&mut self, count: fn(&mut Tallies) -> &mut Tally) {
        count(self.state.tally()).unchanged += 1;
    }

    pub fn hidden(&mut self, about: About<'_>) {
        self.state.tally().hidden += 1;
        self.row(about, Outcome::Hidden, None, String::new());
    }

    /// Ждёт своего товара.
    pub fn pending(&mut self, id: &str, line: u64) {
        self.state.tally().pending += 1;
        self.problem(ProblemKind::UnknownProduct.at(self.file, line).of(id), Outcome::Pending);
    }

    /// Отказ или предупреждение по записи.
    pub fn note(&mut self, kind: ProblemKind, id: &str, line: u64) {
        self.reported(kind.at(self.file, line).of(id));
    }

    /// Проблема с известным местом.
    pub fn reported(&mut self, problem: Problem) {
        let outcome = match problem.kind.severity() {
            Severity::Warning => {
                self.state.tally().warnings += 1;
                Outcome::Warning
            }
            _ => {
                self.state.tally().refused += 1;
                Outcome::Refused
            }
        };
        self.problem(problem, outcome);
    }

    fn problem(&mut self, problem: Problem, outcome: Outcome) {
        self.state.remember(&problem);
        if self.state.stored_problems + self.problem_rows >= STORED_PROBLEMS {
            return;
        }
        self.problem_rows += 1;
        let detail = serde_json::to_string(&problem.kind.args()).unwrap_or_default();
        let about = About { entity: "", external_id: &problem.id, entity_id: None, line: problem.line };
        self.row(about, outcome, Some(problem.kind.code()), detail);
    }

    fn row(&mut self, about: About<'_>, outcome: Outcome, code: Option<&str>, detail: String) {
        let Some(run_id) = self.state.run_id else { return };
        self.rows.push(import_row::ActiveModel {
            id: NotSet,
            run_id: Set(run_id),
            entity: Set(about.entity.to_owned()),
            external_id: Set(fit(about.external_id, 255)),
            entity_id: Set(about.entity_id),
            outcome: Set(outcome),
            file: Set(fit(self.file, 255)),
            line: Set(i64::try_from(about.line).unwrap_or(i64::MAX)),
            code: Set(code.map(str::to_owned)),
            detail: Set(fit(&detail, 1000)),
        });
    }

    /// Записывает накопленные исходы; отдаёт, сколько среди них проблем.
    pub async fn finish(self) -> Result<usize> {
        if self.state.is_trial {
            let room = TRIAL_ROWS.saturating_sub(self.state.trial_rows.len());
            self.state.trial_rows.extend(self.rows.into_iter().take(room).map(forget_new));
            self.state.stored_problems += self.problem_rows;
            return Ok(self.problem_rows);
        }
        insert_all(self.work.db(), self.rows).await?;
        Ok(self.problem_rows)
    }
}

/// Заведённого пробой не существует: номер достанется другому.
fn forget_new(mut row: import_row::ActiveModel) -> import_row::ActiveModel {
    if row.outcome == Set(Outcome::Created) {
        row.entity_id = Set(None);
    }
    row
}

/// Обрезает текст до ширины столбца.
pub fn fit(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => text[..end].to_owned(),
        None => text.to_owned(),
    }
}
