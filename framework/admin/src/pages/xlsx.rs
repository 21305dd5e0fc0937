//! Выгрузка XLSX нынешнего списка: числа, деньги и даты — своими типами, всё прочее — строками, поэтому формулой чужой текст не станет.

use std::io::Seek;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{Datelike, Timelike};
use futures::stream;
use http::{Uri, header};
use kernel::{Actor, Ctx, Error, Result};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

use super::export::BATCH;
use crate::cell::{Cell, Look};
use crate::query::Query;
use crate::screen::{AnyModel, ListPage};

/// Больше строк не выгружаем: книгу собирают целиком до ответа. Для миллиона есть CSV.
const ROWS: u32 = 200_000;
/// Знаков в ячейке не больше, чем примет Excel.
const CELL: usize = 32_767;
/// Число длиннее Excel округлил бы.
const EXACT: i64 = 1 << 53;
const CHUNK: usize = 64 << 10;

pub(super) async fn file(ctx: Ctx, actor: Actor, model: Arc<dyn AnyModel>, uri: Uri) -> super::Page {
    let about = model.about();
    let name = format!("{}-{}-{}.xlsx", about.app, about.name, ctx.now().format("%Y%m%d"));
    let look = Look::of(&ctx);
    // Строки читаются из базы порциями, пишет их в книгу отдельный поток; память не растёт с их числом.
    let (sender, receiver) = mpsc::channel(2);
    let writer = tokio::task::spawn_blocking(move || write(receiver, look));
    let read = read(&ctx, &actor, &model, &uri, sender).await;
    let written = writer.await.map_err(Error::internal)?;
    read?;
    let file = tokio::fs::File::from_std(written.map_err(Error::internal)?);
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok::<Response, Error>((headers, streamed(file)).into_response())
}

fn streamed(file: tokio::fs::File) -> Body {
    Body::from_stream(stream::try_unfold(file, |mut file| async move {
        let mut chunk = vec![0; CHUNK];
        let size = file.read(&mut chunk).await?;
        chunk.truncate(size);
        Ok::<_, std::io::Error>((size > 0).then(|| (Bytes::from(chunk), file)))
    }))
}

async fn read(
    ctx: &Ctx,
    actor: &Actor,
    model: &Arc<dyn AnyModel>,
    uri: &Uri,
    sender: mpsc::Sender<ListPage>,
) -> Result<()> {
    let (mut query, mut rows) = (Query::of(uri).with("at", ""), 0);
    loop {
        let page = model.page(ctx, actor, &query, BATCH, false).await?;
        rows += page.rows.len();
        if rows > ROWS as usize {
            return Err(Error::refused("admin.too_many_rows").with("limit", ROWS));
        }
        let next = page.next.as_ref().map(|spot| spot.encode()).transpose()?;
        // Слушать некому, только если книга не пишется: причину скажет сам поток.
        if sender.send(page).await.is_err() {
            return Ok(());
        }
        match next {
            Some(at) => query = query.with("at", &at),
            None => return Ok(()),
        }
    }
}

/// Виды ячеек, которым мало обычного.
struct Formats {
    head: Format,
    money: Format,
    time: Format,
}

fn write(mut pages: mpsc::Receiver<ListPage>, look: Look) -> anyhow::Result<std::fs::File> {
    let formats = Formats {
        head: Format::new().set_bold(),
        money: Format::new().set_num_format("#,##0.00"),
        time: Format::new().set_num_format("dd.mm.yyyy hh:mm"),
    };
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    let mut line = 0;
    while let Some(page) = pages.blocking_recv() {
        if line == 0 {
            for (column, head) in (0..).zip(&page.heads) {
                sheet.write_string_with_format(0, column, look.say(head.words), &formats.head)?;
            }
        }
        for row in &page.rows {
            line += 1;
            for (column, cell) in (0..).zip(&row.cells) {
                put(sheet, line, column, cell, look, &formats)?;
            }
        }
    }
    let mut file = tempfile::tempfile()?;
    book.save_to_writer(&mut file)?;
    file.rewind()?;
    Ok(file)
}

fn put(
    sheet: &mut Worksheet,
    line: u32,
    column: u16,
    cell: &Cell,
    look: Look,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => return Ok(()),
        Cell::Number(number) if number.abs() < EXACT => sheet.write_number(line, column, *number as f64)?,
        Cell::Money(money) => {
            sheet.write_number_with_format(line, column, money.to_minor() as f64 / 100.0, &formats.money)?
        }
        Cell::Time(at) => {
            let at = *at + look.offset;
            let year = u16::try_from(at.year()).unwrap_or_default();
            let day = ExcelDateTime::from_ymd(year, at.month() as u8, at.day() as u8)?;
            let time = day.and_hms(at.hour() as u16, at.minute() as u8, f64::from(at.second()))?;
            sheet.write_datetime_with_format(line, column, &time, &formats.time)?
        }
        other => {
            let text: String = other.plain(look).chars().take(CELL).collect();
            sheet.write_string(line, column, text)?
        }
    };
    Ok(())
}
