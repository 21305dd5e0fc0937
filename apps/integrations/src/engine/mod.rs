//! Загрузка: узнать → перевести → сравнить → применить. Пачка — одна транзакция, поэтому обрыв в любом
//! месте и повторный запуск приводят к тому же, что и один запуск.

mod details;
mod dictionary;
mod digest;
mod hide;
mod hints;
mod known;
mod links;
mod mapping;
mod offers;
mod pending;
mod prices;
mod pricing;
mod products;
mod reader;
pub mod report;
mod runs;
mod shelf;
mod state;
mod step;

use std::path::Path;
use std::sync::Arc;

use kernel::{Actor, Ctx, Error, Result, Work};
use tokio::sync::Mutex;

use crate::formats::{self, Format, Found, Limits, ProblemKind, Record, Scope, ScopeKind};
use crate::models::import_link::LinkEntity;
use crate::settings::ImportSettings;
use hints::Hints;
use known::Aspect;
use reader::{Batch, Batches};
use report::{DocumentInfo, ImportOptions, OnProgress, Progress, Report, Stage};
use state::{COMMERCEML, State, TABLE};
use step::Step;

/// Сколько раз повторить пачку, которой помешала соседняя загрузка того же самого.
const ATTEMPTS: u32 = 4;
/// Так заканчивается пробная загрузка: всё посчитано, транзакция откатывается.
const DRY_RUN: &str = "integrations.dry_run";
/// Пробу прервала занятая база: её стоит повторить.
pub const DRY_RUN_INTERRUPTED: &str = "integrations.dry_run_interrupted";

type Shared = Arc<Mutex<State>>;

pub async fn run(ctx: &Ctx, path: &Path, options: ImportOptions, progress: OnProgress) -> Result<Report> {
    let limits = Limits::default();
    let found = find(path, limits.clone()).await?;
    let settings = ctx.section::<ImportSettings>();
    let mut state = State::load(ctx, settings.clone()).await?;
    let hints = Hints::new(state.price_types.clone());
    let checked = reader::check(found.documents.clone(), limits.clone(), settings, hints, progress.clone());
    let (counts, hints) = joined(checked.await)??;
    state.hints = hints;
    state.foreseen(&found.warnings);

    let source = found.documents.first().map_or(TABLE, |document| source_of(document.format));
    if !options.dry_run || options.file.is_some() {
        state.run_id = Some(runs::start(ctx, &options, source, path).await?);
    }
    state.is_trial = options.dry_run;
    let run_id = state.run_id;
    let state = Arc::new(Mutex::new(state));
    let job = Job { ctx: ctx.clone(), actor: options.actor.clone(), state: state.clone(), progress: progress.clone() };
    let batches = reader::start(found.documents.clone(), limits, progress);
    ctx.db_handle().bulk_writes(true).await?;
    let outcome = if options.dry_run { job.rehearse(batches).await } else { job.load(batches).await };
    ctx.db_handle().bulk_writes(false).await?;
    if let Some(run_id) = run_id {
        let rows = std::mem::take(&mut state.lock().await.trial_rows);
        runs::keep_rows(ctx, &options.actor, rows).await?;
        let tallies = state.lock().await.tallies().clone();
        runs::finish(ctx, &options.actor, run_id, &tallies, outcome.as_ref().err()).await?;
    }
    outcome?;
    let (tallies, problems) = state.lock().await.results();
    let info = |d: &formats::Document| DocumentInfo { name: d.name.clone(), format: d.format, bytes: d.size };
    Ok(Report {
        dry_run: options.dry_run,
        run_id,
        documents: found.documents.iter().map(info).collect(),
        ignored_files: found.ignored,
        counts,
        tallies,
        problems,
    })
}

async fn find(path: &Path, limits: Limits) -> Result<Found> {
    let path = path.to_owned();
    Ok(joined(tokio::task::spawn_blocking(move || formats::find(&path, &limits)).await)??)
}

fn joined<T>(result: std::result::Result<T, tokio::task::JoinError>) -> Result<T> {
    result.map_err(Error::internal)
}

fn source_of(format: Format) -> &'static str {
    match format {
        Format::CommerceMl => COMMERCEML,
        Format::Csv | Format::Jsonl => TABLE,
    }
}

/// Одна загрузка в работе.
struct Job {
    ctx: Ctx,
    actor: Actor,
    state: Shared,
    progress: OnProgress,
}

impl Job {
    /// Пачка за пачкой, каждая — своя транзакция.
    async fn load(&self, mut batches: Batches) -> Result<()> {
        while let Some(batch) = batches.receiver.recv().await {
            let batch = Arc::new(batch);
            self.commit(async |job: &Job| {
                let (state, batch) = (job.state.clone(), batch.clone());
                job.ctx
                    .atomic(&job.actor, async move |work: &mut Work| {
                        let mut state = state.lock().await;
                        state.rollback();
                        apply(work, &mut state, &batch).await
                    })
                    .await
            })
            .await?;
        }
        joined(batches.task.await)??;
        self.finish().await
    }

    /// Фиксирует память после успешной транзакции; спор с соседней загрузкой за те же иды повторяет.
    async fn commit(&self, attempt: impl AsyncFn(&Job) -> Result<Done>) -> Result<Done> {
        let mut attempts = 1;
        loop {
            match attempt(self).await {
                Ok(done) => {
                    let mut state = self.state.lock().await;
                    state.commit();
                    state.stored_problems += done.problems;
                    return Ok(done);
                }
                Err(error) if is_rivalry(&error) && attempts < ATTEMPTS => attempts += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Скрывает то, чего не было в полных выгрузках.
    async fn finish(&self) -> Result<()> {
        (self.progress)(Progress { stage: Stage::Finishing, bytes_done: 0, bytes_total: 0 });
        let ends = self.state.lock().await.full_exports();
        for end in ends {
            let mut after = Some(0);
            while let Some(from) = after {
                let done = self
                    .commit(async |job: &Job| {
                        let (state, end) = (job.state.clone(), end.clone());
                        job.ctx
                            .atomic(&job.actor, async move |work: &mut Work| {
                                let mut state = state.lock().await;
                                state.rollback();
                                hide(work, &mut state, &end, from).await
                            })
                            .await
                    })
                    .await?;
                after = done.next;
            }
        }
        Ok(())
    }

    /// Проба: то же самое одной транзакцией, которая в конце откатывается. Счёт поэтому не может разойтись
    /// с настоящей загрузкой. На SQLite на это время ждут другие записи.
    async fn rehearse(&self, batches: Batches) -> Result<()> {
        let (state, progress) = (self.state.clone(), self.progress.clone());
        let batches = Arc::new(Mutex::new(Some(batches)));
        let outcome = self
            .ctx
            .atomic(&self.actor, async move |work: &mut Work| -> Result<()> {
                let Some(batches) = batches.lock().await.take() else {
                    return Err(Error::refused(DRY_RUN_INTERRUPTED));
                };
                rehearse(work, &mut *state.lock().await, batches, &progress).await?;
                Err(Error::refused(DRY_RUN))
            })
            .await;
        match outcome {
            Err(error) if error.code != DRY_RUN => Err(error),
            _ => Ok(()),
        }
    }
}

async fn rehearse(work: &mut Work, state: &mut State, mut batches: Batches, progress: &OnProgress) -> Result<()> {
    while let Some(batch) = batches.receiver.recv().await {
        apply(work, state, &batch).await?;
        state.commit();
    }
    joined(batches.task.await)??;
    progress(Progress { stage: Stage::Finishing, bytes_done: 0, bytes_total: 0 });
    for end in state.full_exports() {
        let mut after = Some(0);
        while let Some(from) = after {
            after = hide(work, state, &end, from).await?.next;
            state.commit();
        }
    }
    Ok(())
}

/// Две загрузки одного и того же встретились на одном иде или артикуле: вторая увидит первую и просто сверится.
fn is_rivalry(error: &Error) -> bool {
    matches!(error.code, "database.unique" | "catalog.article_taken" | "catalog.slug_taken")
}

/// Итог одной транзакции.
struct Done {
    /// Проблем записано.
    problems: usize,
    /// С какого соответствия продолжать скрытие.
    next: Option<i64>,
}

/// Конец полной выгрузки одного каталога.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullExport {
    pub entity: LinkEntity,
    pub catalog_id: String,
    /// Сколько записей пришло.
    pub count: u64,
}

async fn apply(work: &mut Work, state: &mut State, batch: &Batch) -> Result<Done> {
    let scope = batch.scope.clone().unwrap_or_else(|| Scope {
        kind: ScopeKind::Catalog,
        catalog_id: String::new(),
        changes_only: true,
    });
    let mut sorted = Sorted::default();
    let mut step = Step::new(work, state, source_of(batch.format), scope, &batch.file);
    for record in &batch.records {
        match record {
            Record::Problem(problem) => {
                step.state.seen.insert(Aspect::Refused, &problem.id);
                step.reported(problem.clone());
            }
            other => sorted.take(other),
        }
    }
    dictionary::groups(&mut step, &sorted.groups).await?;
    dictionary::properties(&mut step, &sorted.properties).await?;
    dictionary::price_types(&mut step, &sorted.price_types).await?;
    let offered = sorted.offers.iter().map(|offer| offer.product_id.as_str()).collect();
    let outcome = products::apply(&mut step, &sorted.products, &offered).await?;
    sorted.offers.retain(|offer| outcome.allows(&offer.product_id, offer.line));
    offers::apply(&mut step, &sorted.offers, &outcome.created).await?;
    if !step.scope.changes_only {
        let described = sorted.offers.iter().filter(|offer| offer.describes_variant()).count();
        let catalog = step.scope.catalog_id.clone();
        match step.scope.kind {
            ScopeKind::Catalog => {
                step.state.full_export(LinkEntity::Product, &catalog, sorted.products.len() as u64);
            }
            ScopeKind::Offers => step.state.full_export(LinkEntity::Variant, &catalog, described as u64),
        }
    }
    Ok(Done { problems: step.finish().await?, next: None })
}

async fn hide(work: &mut Work, state: &mut State, end: &FullExport, from: i64) -> Result<Done> {
    let scope = Scope { kind: ScopeKind::Catalog, catalog_id: end.catalog_id.clone(), changes_only: false };
    let mut step = Step::new(work, state, COMMERCEML, scope, "");
    if end.count == 0 {
        if end.entity == LinkEntity::Product {
            step.note(ProblemKind::EmptyFullExport, &end.catalog_id, 0);
        }
        return Ok(Done { problems: step.finish().await?, next: None });
    }
    let next = hide::page(&mut step, end.entity, from).await?;
    Ok(Done { problems: step.finish().await?, next })
}

/// Записи пачки по видам.
#[derive(Default)]
struct Sorted<'r> {
    groups: Vec<&'r formats::GroupRecord>,
    properties: Vec<&'r formats::PropertyRecord>,
    price_types: Vec<&'r formats::PriceTypeRecord>,
    products: Vec<&'r formats::ProductRecord>,
    offers: Vec<&'r formats::OfferRecord>,
}

impl<'r> Sorted<'r> {
    fn take(&mut self, record: &'r Record) {
        match record {
            Record::Group(group) => self.groups.push(group),
            Record::Property(property) => self.properties.push(property),
            Record::PriceType(kind) => self.price_types.push(kind),
            Record::Product(product) => self.products.push(product),
            Record::Offer(offer) => self.offers.push(offer),
            Record::Warehouse(_) | Record::Scope(_) | Record::Problem(_) => {}
        }
    }
}
