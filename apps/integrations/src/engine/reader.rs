//! Разбор идёт в своём потоке и отдаёт пачки через узкий канал: база не ждёт разбора, память ограничена.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::hints::Hints;
use super::report::{OnProgress, Progress, Stage};
use crate::formats::{self, Counts, Document, Format, Limits, ProductRecord, ReadBytes, Record, Result, Scope};
use crate::settings::ImportSettings;

/// Записей в пачке: строка таблицы — это товар и вариант, так что товаров в ней до 2000. Больше пачка — меньше фиксаций,
/// но дольше ждут другие записи в базу.
const BATCH: usize = 4000;
/// Предел пачки по объёму текста, байт.
const BATCH_BYTES: usize = 4 << 20;
/// Готовых пачек в канале.
const QUEUE: usize = 2;

/// Записи одного документа и одного каталога подряд.
#[derive(Debug)]
pub struct Batch {
    pub file: String,
    pub format: Format,
    pub scope: Option<Scope>,
    pub records: Vec<Record>,
}

/// Читает все документы и ничего не делает с записями: битый файл отказывает до первой записи в базу.
/// Заодно узнаёт будущие цены товаров.
pub fn check(
    documents: Vec<Document>,
    limits: Limits,
    settings: Arc<ImportSettings>,
    mut hints: Hints,
    progress: OnProgress,
) -> JoinHandle<Result<(Counts, Hints)>> {
    tokio::task::spawn_blocking(move || {
        let meter = Meter::new(&documents, Stage::Checking, progress);
        let mut total = Counts::default();
        for document in &documents {
            let mut seen = 0u32;
            let counts = formats::read(document, &limits, meter.read.clone(), &mut |record| {
                hints.take(&record, &settings);
                seen += 1;
                if seen.is_multiple_of(1000) {
                    meter.tick();
                }
                ControlFlow::Continue(())
            })?;
            total.add(&counts);
        }
        meter.tick();
        Ok((total, hints))
    })
}

/// Поток пачек; закрывается сам, когда документы кончились.
pub struct Batches {
    pub receiver: mpsc::Receiver<Batch>,
    pub task: JoinHandle<Result<()>>,
}

pub fn start(documents: Vec<Document>, limits: Limits, progress: OnProgress) -> Batches {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let task = tokio::task::spawn_blocking(move || {
        let meter = Meter::new(&documents, Stage::Loading, progress);
        for document in &documents {
            let mut packer = Packer::new(document, &sender, &meter);
            formats::read(document, &limits, meter.read.clone(), &mut |record| packer.take(record))?;
            if packer.flush().is_break() {
                break;
            }
        }
        Ok(())
    });
    Batches { receiver, task }
}

struct Meter {
    read: ReadBytes,
    total: u64,
    stage: Stage,
    progress: OnProgress,
}

impl Meter {
    fn new(documents: &[Document], stage: Stage, progress: OnProgress) -> Self {
        let total = documents.iter().map(|document| document.size).sum();
        Self { read: ReadBytes::default(), total, stage, progress }
    }

    fn tick(&self) {
        let bytes_done = self.read.load(Ordering::Relaxed);
        (self.progress)(Progress { stage: self.stage, bytes_done, bytes_total: self.total });
    }
}

/// Складывает записи в пачки.
struct Packer<'a> {
    sender: &'a mpsc::Sender<Batch>,
    meter: &'a Meter,
    batch: Batch,
    bytes: usize,
}

impl<'a> Packer<'a> {
    fn new(document: &Document, sender: &'a mpsc::Sender<Batch>, meter: &'a Meter) -> Self {
        let batch = Batch { file: document.name.clone(), format: document.format, scope: None, records: Vec::new() };
        Self { sender, meter, batch, bytes: 0 }
    }

    fn take(&mut self, record: Record) -> ControlFlow<()> {
        if let Record::Scope(scope) = record {
            self.flush()?;
            self.batch.scope = Some(scope);
            return ControlFlow::Continue(());
        }
        let is_full = self.batch.records.len() >= BATCH || self.bytes >= BATCH_BYTES;
        // Товар и его вариант из одной строки таблицы не разлучаем.
        let is_pair = matches!((self.batch.records.last(), &record), (Some(Record::Product(_)), Record::Offer(_)));
        if is_full && !is_pair {
            self.flush()?;
        }
        self.bytes += weight(&record);
        self.batch.records.push(record);
        ControlFlow::Continue(())
    }

    /// `Break` — слушать больше некому.
    fn flush(&mut self) -> ControlFlow<()> {
        self.bytes = 0;
        self.meter.tick();
        let next = Batch {
            file: self.batch.file.clone(),
            format: self.batch.format,
            scope: self.batch.scope.clone(),
            records: Vec::new(),
        };
        let batch = std::mem::replace(&mut self.batch, next);
        match self.sender.blocking_send(batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// Сколько примерно текста в записи.
fn weight(record: &Record) -> usize {
    let text = |t: &Option<String>| t.as_ref().map_or(0, String::len);
    match record {
        Record::Product(p) => product_weight(p),
        Record::Property(p) => p.choices.iter().map(|(id, value)| id.len() + value.len() + 48).sum(),
        Record::Group(g) => g.name.len() + text(&g.description),
        Record::Offer(o) => 64 * (o.prices.len() + o.options.len()) + text(&o.name),
        _ => 64,
    }
}

fn product_weight(p: &ProductRecord) -> usize {
    let texts = [&p.name, &p.description, &p.description_html];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let values: usize = p.properties.iter().flat_map(|p| &p.values).map(|v| v.len() + 64).sum();
    texts + values + p.images.iter().map(|image| image.path.len() + 64).sum::<usize>() + 256
}
