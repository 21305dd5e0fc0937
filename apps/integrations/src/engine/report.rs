//! Итог загрузки: что нового, что изменилось, что не принято и почему.

use std::sync::Arc;

use kernel::texts::Texts;
use kernel::{Actor, Ctx, Lang};
use serde::Serialize;

use crate::formats::{Counts, Format, Problem};

/// Сколько проблем показываем в отчёте; остальные — в таблице `import_rows`.
pub const SHOWN_PROBLEMS: usize = 100;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub created: u64,
    pub changed: u64,
    pub unchanged: u64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.created += other.created;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentInfo {
    pub name: String,
    pub format: Format,
    pub bytes: u64,
}

/// Счёт по сущностям. Складывается по пачкам.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tallies {
    pub categories: Tally,
    pub attributes: Tally,
    pub products: Tally,
    pub variants: Tally,
    pub prices: Tally,
    pub stocks: Tally,
    /// Скрыто: в полной выгрузке их больше нет.
    pub hidden: u64,
    /// Цены и остатки, которые ждут своего товара.
    pub pending: u64,
    pub refused: u64,
    pub warnings: u64,
}

impl Tallies {
    pub fn add(&mut self, other: &Tallies) {
        self.categories.add(other.categories);
        self.attributes.add(other.attributes);
        self.products.add(other.products);
        self.variants.add(other.variants);
        self.prices.add(other.prices);
        self.stocks.add(other.stocks);
        self.hidden += other.hidden;
        self.pending += other.pending;
        self.refused += other.refused;
        self.warnings += other.warnings;
    }

    /// Сумма по всем сущностям.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        let all = [self.categories, self.attributes, self.products, self.variants, self.prices, self.stocks];
        all.into_iter().for_each(|tally| total.add(tally));
        total
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    pub dry_run: bool,
    /// Строка `import_runs`; у пробы командой её нет.
    pub run_id: Option<i64>,
    pub documents: Vec<DocumentInfo>,
    /// Файлы, которые каталогом не оказались (картинки и прочее).
    pub ignored_files: u64,
    /// Что лежало в файлах.
    pub counts: Counts,
    #[serde(flatten)]
    pub tallies: Tallies,
    /// Первые [`SHOWN_PROBLEMS`].
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

impl Report {
    /// Строка о проблеме словами: `import.xml:12: Нет поля «Ид».`
    pub fn describe(ctx: &Ctx, lang: Lang, problem: &Problem) -> String {
        describe(ctx.texts(), lang, problem)
    }

    /// Ничего не записано и записывать нечего.
    pub fn is_unchanged(&self) -> bool {
        let total = self.tallies.total();
        total.created == 0 && total.changed == 0 && self.tallies.hidden == 0
    }
}

fn describe(texts: &Texts, lang: Lang, problem: &Problem) -> String {
    let text = texts.get(lang, problem.kind.code(), &problem.kind.args());
    let place = match problem.line {
        0 => problem.file.clone(),
        line => format!("{}:{line}", problem.file),
    };
    match problem.id.as_str() {
        "" => format!("{place}: {text}"),
        id => format!("{place} ({id}): {text}"),
    }
}

/// Чем занята загрузка.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Файлы читаются целиком, чтобы битый не загрузился наполовину.
    Checking,
    Loading,
    /// Скрывается то, чего нет в полной выгрузке.
    Finishing,
}

#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub stage: Stage,
    pub bytes_done: u64,
    pub bytes_total: u64,
}

/// Вызывается часто и не должен ждать.
pub type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// Показать, что изменится, и не записать ничего.
    pub dry_run: bool,
    /// От чьего имени: попадёт в журналы.
    pub actor: Actor,
    /// Присланный в админке файл: тогда записывается и проба, со строками.
    pub file: Option<OfFile>,
}

/// Какой файл загружают.
#[derive(Debug, Clone)]
pub struct OfFile {
    pub id: i64,
    pub name: String,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { dry_run: false, actor: Actor::System("import"), file: None }
    }
}
