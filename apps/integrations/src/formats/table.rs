//! Таблицы: CSV с заголовком и JSONL (по объекту на строку) с теми же именами полей.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::ControlFlow;

use csv::{ErrorKind, ReaderBuilder, StringRecord};
use serde_json::value::RawValue;

use super::commerceml::Sink;
use super::counts::Counts;
use super::input::Input;
use super::numbers::clean;
use super::problem::{Problem, ProblemKind, Result, Severity};
use super::record::{Record, Scope, ScopeKind};
use super::row::{Column, Row, column};

pub fn read_csv(file: &str, mut input: Input<'_>, sink: &mut Sink<'_>) -> Result<Counts> {
    let io = |e: std::io::Error, line| ProblemKind::from(&e).at(file, line);
    let delimiter = delimiter(input.fill_buf().map_err(|e| io(e, 1))?);
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(input);
    let mut table = Table::new(file, sink);
    let mut record = StringRecord::new();
    let mut header: Option<Vec<Option<Column>>> = None;
    loop {
        reader.get_mut().checkpoint();
        let more = reader.read_record(&mut record);
        let line = line_of(&record, reader.position().line());
        match more {
            Ok(true) => {}
            Ok(false) => break,
            Err(e) => return Err(csv_problem(&e, file, line)),
        }
        match &header {
            None => header = Some(table.header(record.iter())?),
            Some(header) => table.csv_row(header, &record, line)?,
        }
    }
    match header {
        Some(_) => Ok(table.counts),
        None => Err(ProblemKind::UnknownFormat.at(file, 1)),
    }
}

pub fn read_jsonl(file: &str, mut input: Input<'_>, sink: &mut Sink<'_>) -> Result<Counts> {
    let mut table = Table::new(file, sink);
    table.scope()?;
    let mut bytes = Vec::new();
    loop {
        input.checkpoint();
        bytes.clear();
        let line = input.line();
        let n = input.read_until(b'\n', &mut bytes).map_err(|e| ProblemKind::from(&e).at(file, line))?;
        if n == 0 {
            return Ok(table.counts);
        }
        if !bytes.trim_ascii().is_empty() {
            table.json_row(&bytes, line)?;
        }
    }
}

/// Номер строки файла, где началась запись. `csv` отсчитывает его до пропущенных пустых строк,
/// поэтому идём ещё и от конца записи (`after` — строка за ней).
fn line_of(record: &StringRecord, after: u64) -> u64 {
    let start = record.position().map_or(1, csv::Position::line);
    let inner = record.iter().map(|field| field.matches('\n').count() as u64).sum::<u64>();
    start.max(after.saturating_sub(1 + inner))
}

/// Похоже ли начало файла на нашу таблицу CSV.
pub fn is_csv(head: &[u8]) -> std::result::Result<(), ProblemKind> {
    let first = head.split(|b| *b == b'\n').next().unwrap_or_default();
    let mut reader = ReaderBuilder::new().delimiter(delimiter(head)).has_headers(false).from_reader(first);
    let mut record = StringRecord::new();
    let is_read = reader.read_record(&mut record).unwrap_or(false);
    if !is_read {
        return Err(ProblemKind::UnknownFormat);
    }
    if record.iter().any(|name| column(name) == Some(Column::Article)) {
        return Ok(());
    }
    // Двоичный файл — не «таблица с чужим заголовком».
    let is_text = record.iter().all(|name| !name.contains(|c: char| c.is_control()));
    let names = record.iter().collect::<Vec<_>>().join(", ");
    Err(if is_text && record.len() > 1 {
        ProblemKind::UnknownHeader(names.chars().take(200).collect())
    } else {
        ProblemKind::UnknownFormat
    })
}

/// Запятая, точка с запятой или табуляция: чего в заголовке больше.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
    let count = |mark: u8| line.iter().filter(|b| **b == mark).count();
    [b',', b';', b'\t'].into_iter().max_by_key(|mark| (count(*mark), *mark == b',')).unwrap_or(b',')
}

fn csv_problem(error: &csv::Error, file: &str, line: u64) -> Problem {
    let kind = match error.kind() {
        ErrorKind::Io(e) => ProblemKind::from(e),
        _ => ProblemKind::Malformed(error.to_string()),
    };
    kind.at(file, error.position().map_or(line, csv::Position::line))
}

/// Общее для обеих таблиц: счёт, отказы, выдача записей.
struct Table<'a, 's> {
    file: &'a str,
    counts: Counts,
    sink: &'a mut Sink<'s>,
}

impl<'a, 's> Table<'a, 's> {
    fn new(file: &'a str, sink: &'a mut Sink<'s>) -> Self {
        Self { file, counts: Counts::default(), sink }
    }

    /// Таблица всегда «только изменения»: чего в ней нет, остаётся как было.
    fn scope(&mut self) -> Result<()> {
        let scope = Scope { kind: ScopeKind::Catalog, catalog_id: String::new(), changes_only: true };
        self.emit(Record::Scope(scope), 1)
    }

    fn header<'h>(&mut self, names: impl Iterator<Item = &'h str>) -> Result<Vec<Option<Column>>> {
        self.scope()?;
        let mut columns = Vec::new();
        for name in names {
            let found = column(name);
            if found.is_none() && !name.trim().is_empty() {
                self.refuse(ProblemKind::IgnoredColumn(name.trim().to_owned()), 1, "")?;
            }
            columns.push(found);
        }
        Ok(columns)
    }

    fn csv_row(&mut self, header: &[Option<Column>], record: &StringRecord, line: u64) -> Result<()> {
        let mut row = Row::default();
        for (column, value) in header.iter().zip(record.iter()) {
            if let Some(column) = column {
                row.set(*column, clean(value));
            }
        }
        if row.is_empty() {
            return Ok(());
        }
        if record.len() > header.len() {
            let why = format!("{} fields, {} in the header", record.len(), header.len());
            self.counts.rows += 1;
            return self.refuse(ProblemKind::BadRow(why), line, row.article());
        }
        self.row(row, line)
    }

    fn json_row(&mut self, bytes: &[u8], line: u64) -> Result<()> {
        match json_fields(bytes) {
            Ok(row) => self.row(row, line),
            Err(kind) => {
                self.counts.rows += 1;
                self.refuse(kind, line, "")
            }
        }
    }

    fn row(&mut self, row: Row, line: u64) -> Result<()> {
        self.counts.rows += 1;
        let article = row.article().to_owned();
        let mut notes = Vec::new();
        let parsed = row.into_records(line, &mut notes);
        for kind in notes {
            self.refuse(kind, line, &article)?;
        }
        let (product, offer) = match parsed {
            Ok(records) => records,
            Err(kind) => return self.refuse(kind, line, &article),
        };
        self.counts.product(&product);
        self.emit(Record::Product(Box::new(product)), line)?;
        let Some(offer) = offer else { return Ok(()) };
        self.counts.prices += offer.prices.len() as u64;
        self.counts.characteristics += offer.options.len() as u64;
        self.counts.offer(&offer, 0);
        self.emit(Record::Offer(Box::new(offer)), line)
    }

    fn refuse(&mut self, kind: ProblemKind, line: u64, id: &str) -> Result<()> {
        match kind.severity() {
            Severity::Warning => self.counts.warnings += 1,
            _ => self.counts.problems += 1,
        }
        self.emit(Record::Problem(kind.at(self.file, line).of(id)), line)
    }

    fn emit(&mut self, record: Record, line: u64) -> Result<()> {
        match (self.sink)(record) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ProblemKind::Stopped.at(self.file, line)),
        }
    }
}

/// Поля одной строки JSON. Числа берём как текст, чтобы не терять копейки в плавающей точке.
fn json_fields(bytes: &[u8]) -> std::result::Result<Row, ProblemKind> {
    let bad = |e: &dyn std::fmt::Display| ProblemKind::BadRow(e.to_string());
    let fields: BTreeMap<String, &RawValue> = serde_json::from_slice(bytes).map_err(|e| bad(&e))?;
    let mut row = Row::default();
    for (name, raw) in fields {
        let Some(column) = column(&name) else { continue };
        row.set(column, json_text(raw.get()).map_err(|why| bad(&format!("{name}: {why}")))?);
    }
    Ok(row)
}

fn json_text(raw: &str) -> std::result::Result<Option<String>, String> {
    match raw.as_bytes().first() {
        Some(b'"') => {
            let text: String = serde_json::from_str(raw).map_err(|e| e.to_string())?;
            Ok(clean(&text))
        }
        Some(b'[') => {
            let list: Vec<String> = serde_json::from_str(raw).map_err(|e| e.to_string())?;
            Ok(clean(&list.join("|")))
        }
        Some(b'{') => Err("an object is not expected".to_owned()),
        Some(b'n') => Ok(None),
        _ => Ok(Some(raw.to_owned())),
    }
}
