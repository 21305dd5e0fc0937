//! Всё, что может быть не так с файлом. Слова для людей — в `texts/` под кодом проблемы.

use std::collections::BTreeMap;
use std::{fmt, io};

use serde_json::Value;

/// Насколько всё плохо.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Принято, но человеку стоит посмотреть.
    Warning,
    /// Не принята эта запись, остальные — да.
    Refused,
    /// Файл дальше не читается.
    Fatal,
}

/// Причина. Код постоянен: его видят программы.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    Io(String),
    NothingFound,
    UnknownFormat,
    UnsupportedRoot(String),
    UnknownHeader(String),
    BadEncoding(String),
    Doctype,
    Entity(String),
    Malformed(String),
    Truncated,
    TooDeep(usize),
    TooManyAttributes(usize),
    TooBig { what: &'static str, limit: u64 },
    Archive(String),
    Stopped,
    Missing(&'static str),
    BadNumber { field: &'static str, value: String },
    TooLong { field: &'static str, limit: usize },
    BadRow(String),
    Duplicate(String),
    UnknownProduct,
    IgnoredValue { field: &'static str, value: String },
    IgnoredColumn(String),
    IgnoredFile,
    RepeatedPrice(String),
    RoundedStock(String),
    UnknownGroup(String),
    UnknownCurrency(String),
    EmptyFullExport,
}

/// Проблема с местом: файл, строка и внешний ид записи, если они известны.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    /// С единицы; 0 — ко всему файлу сразу.
    pub line: u64,
    pub id: String,
    pub kind: ProblemKind,
}

pub type Result<T> = std::result::Result<T, Problem>;

impl ProblemKind {
    pub fn at(self, file: &str, line: u64) -> Problem {
        Problem { file: file.to_owned(), line, id: String::new(), kind: self }
    }

    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "integrations.io",
            Self::NothingFound => "integrations.nothing_to_import",
            Self::UnknownFormat => "integrations.unknown_format",
            Self::UnsupportedRoot(_) => "integrations.unsupported_document",
            Self::UnknownHeader(_) => "integrations.unknown_header",
            Self::BadEncoding(_) => "integrations.bad_encoding",
            Self::Doctype => "integrations.doctype_forbidden",
            Self::Entity(_) => "integrations.entity_forbidden",
            Self::Malformed(_) => "integrations.malformed",
            Self::Truncated => "integrations.truncated",
            Self::TooDeep(_) => "integrations.too_deep",
            Self::TooManyAttributes(_) => "integrations.too_many_attributes",
            Self::TooBig { .. } => "integrations.too_big",
            Self::Archive(_) => "integrations.bad_archive",
            Self::Stopped => "integrations.stopped",
            Self::Missing(_) => "integrations.missing_field",
            Self::BadNumber { .. } => "integrations.bad_number",
            Self::TooLong { .. } => "integrations.too_long",
            Self::BadRow(_) => "integrations.bad_row",
            Self::Duplicate(_) => "integrations.duplicate_row",
            Self::UnknownProduct => "integrations.unknown_product",
            Self::IgnoredValue { .. } => "integrations.ignored_value",
            Self::IgnoredColumn(_) => "integrations.ignored_column",
            Self::IgnoredFile => "integrations.ignored_file",
            Self::RepeatedPrice(_) => "integrations.repeated_price",
            Self::RoundedStock(_) => "integrations.rounded_stock",
            Self::UnknownGroup(_) => "integrations.unknown_group",
            Self::UnknownCurrency(_) => "integrations.unknown_currency",
            Self::EmptyFullExport => "integrations.empty_full_export",
        }
    }

    pub fn severity(&self) -> Severity {
        match self {
            Self::Missing(_)
            | Self::BadNumber { .. }
            | Self::TooLong { .. }
            | Self::BadRow(_)
            | Self::Duplicate(_)
            | Self::UnknownProduct => Severity::Refused,
            Self::IgnoredValue { .. }
            | Self::IgnoredColumn(_)
            | Self::IgnoredFile
            | Self::RepeatedPrice(_)
            | Self::RoundedStock(_)
            | Self::UnknownGroup(_)
            | Self::UnknownCurrency(_)
            | Self::EmptyFullExport => Severity::Warning,
            _ => Severity::Fatal,
        }
    }

    /// Подстановки для текста из `texts/`.
    pub fn args(&self) -> BTreeMap<String, Value> {
        let pairs: Vec<(&str, Value)> = match self {
            Self::Io(why) | Self::Malformed(why) | Self::Archive(why) | Self::BadRow(why) => {
                vec![("reason", why.as_str().into())]
            }
            Self::UnsupportedRoot(name) | Self::BadEncoding(name) | Self::Entity(name) | Self::IgnoredColumn(name) => {
                vec![("name", name.as_str().into())]
            }
            Self::UnknownHeader(header) => vec![("header", header.as_str().into())],
            Self::Duplicate(what)
            | Self::RepeatedPrice(what)
            | Self::RoundedStock(what)
            | Self::UnknownGroup(what)
            | Self::UnknownCurrency(what) => vec![("what", what.as_str().into())],
            Self::TooDeep(limit) | Self::TooManyAttributes(limit) => vec![("limit", (*limit).into())],
            Self::TooBig { what, limit } => vec![("what", (*what).into()), ("limit", (*limit).into())],
            Self::TooLong { field, limit } => vec![("field", (*field).into()), ("limit", (*limit).into())],
            Self::Missing(field) => vec![("field", (*field).into())],
            Self::BadNumber { field, value } | Self::IgnoredValue { field, value } => {
                vec![("field", (*field).into()), ("value", value.as_str().into())]
            }
            _ => Vec::new(),
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Problem {
    pub fn of(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.code(), self.args())
    }
}

impl std::error::Error for ProblemKind {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} [{}]", self.file, self.line, self.kind, self.kind.code())
    }
}

impl std::error::Error for Problem {}

/// Файл не принят целиком: отказ с кодом проблемы и местом.
impl From<Problem> for kernel::Error {
    fn from(problem: Problem) -> Self {
        let args = problem.kind.args();
        let error = kernel::Error::refused(problem.kind.code());
        let error = error.with("file", problem.file).with("line", problem.line);
        args.into_iter().fold(error, |error, (name, value)| error.with(&name, value))
    }
}

/// Причина едет внутри `io::Error`, когда её обнаруживает поток, а не разборщик.
impl From<ProblemKind> for io::Error {
    fn from(kind: ProblemKind) -> Self {
        io::Error::other(kind)
    }
}

impl From<&io::Error> for ProblemKind {
    fn from(error: &io::Error) -> Self {
        let inner = error.get_ref().and_then(|e| e.downcast_ref::<ProblemKind>());
        match inner {
            Some(kind) => kind.clone(),
            None if error.kind() == io::ErrorKind::UnexpectedEof => Self::Truncated,
            None => Self::Io(error.to_string()),
        }
    }
}
