//! Выгрузки CSV: собираются на ходу порциями, памяти — на одну порцию; формул в ячейках не бывает.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use http::header;

use crate::{Result, Timestamp};

/// По этой метке Excel узнаёт UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Откуда читать следующую порцию (последний прочитанный номер); `None` — всё прочитано.
pub type Next = Option<i64>;

/// Файл, который собирается на ходу: шапка, затем порции `read(последний номер)`, начиная с нуля.
pub fn file<F, R>(name: &str, head: Bytes, read: F) -> Response
where
    F: Fn(i64) -> R + Send + 'static,
    R: Future<Output = Result<(Bytes, Next)>> + Send + 'static,
{
    let rows = stream::try_unfold((Some(0), read), |(next, read)| async move {
        let Some(after) = next else { return Ok(None) };
        let (bytes, next) = read(after).await.map_err(|error| std::io::Error::other(error.code))?;
        Ok::<_, std::io::Error>(Some((bytes, (next, read))))
    });
    let body = futures::StreamExt::chain(stream::once(async { Ok(head) }), rows);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// Шапка; `bom` — с меткой для Excel.
pub fn head(heads: &[&str], bom: bool) -> Result<Bytes> {
    let line = lines([heads.iter().map(|head| (*head).to_owned())])?;
    Ok(if bom { [BYTE_ORDER_MARK.as_bytes(), &line].concat().into() } else { line })
}

/// Строки файла.
pub fn lines<L: IntoIterator<Item = String>>(lines: impl IntoIterator<Item = L>) -> Result<Bytes> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.write_record(line.into_iter().map(harmless)).map_err(std::io::Error::other)?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?.into())
}

/// Момент в ячейке, UTC.
pub fn moment(time: Timestamp) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Ячейка, которую таблица не выполнит. Телефон и число — не формула.
fn harmless(cell: String) -> String {
    let digits = |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == '.');
    match cell.chars().next() {
        Some('+' | '-') if digits(&cell[1..]) => cell,
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{cell}"),
        _ => cell,
    }
}
