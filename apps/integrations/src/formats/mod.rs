//! Чтение чужих файлов: формат узнаётся по содержимому, записи идут потоком,
//! память не зависит от размера файла. Чтение блокирующее — звать из своего потока.

pub mod commerceml;
pub mod counts;
mod input;
pub mod limits;
pub mod numbers;
pub mod problem;
pub mod record;
mod row;
mod source;
mod table;

use std::ops::ControlFlow;

pub use counts::Counts;
pub use input::ReadBytes;
pub use limits::Limits;
pub use problem::{Problem, ProblemKind, Result, Severity};
pub use record::*;
pub use row::{COLOR, SIZE};
pub use source::{Document, Format, Found, find};

/// Читает один документ от начала до конца, отдавая записи в `sink` по одной.
/// `read` растёт по мере чтения — по нему рисуют ход работы.
pub fn read(
    document: &Document,
    limits: &Limits,
    read: ReadBytes,
    sink: &mut dyn FnMut(Record) -> ControlFlow<()>,
) -> Result<Counts> {
    source::with_bytes(document, limits, |raw| {
        let io = |e: std::io::Error| ProblemKind::from(&e).at(&document.name, 0);
        let input = input::open(raw, limits, read).map_err(io)?;
        match document.format {
            Format::CommerceMl => commerceml::read(&document.name, input, limits, sink),
            Format::Csv => table::read_csv(&document.name, input, sink),
            Format::Jsonl => table::read_jsonl(&document.name, input, sink),
        }
    })
}
