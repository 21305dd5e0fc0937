//! Выгрузка нынешнего списка в CSV: порциями, памяти — на одну порцию.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use http::{Uri, header};
use kernel::{Actor, Ctx, Error, Result};

use crate::cell::Look;
use crate::query::Query;
use crate::screen::{AnyModel, ListPage};

/// Строк в порции.
pub(super) const BATCH: u64 = 1000;
/// По этой метке Excel узнаёт UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) fn csv_file(ctx: Ctx, actor: Actor, model: Arc<dyn AnyModel>, uri: &Uri) -> Result<Response> {
    let about = model.about();
    let name = format!("{}-{}-{}.csv", about.app, about.name, ctx.now().format("%Y%m%d"));
    let first = Some((Query::of(uri).with("at", ""), true));
    let rows = stream::try_unfold(first, move |state| {
        let (ctx, actor, model) = (ctx.clone(), actor.clone(), model.clone());
        async move {
            let Some((query, with_heads)) = state else { return Ok(None) };
            let page = model.page(&ctx, &actor, &query, BATCH, false).await.map_err(broken)?;
            let bytes = lines(&page, Look::of(&ctx), with_heads).map_err(broken)?;
            let next = page.next.as_ref().map(|spot| spot.encode()).transpose().map_err(broken)?;
            Ok::<_, std::io::Error>(Some((bytes, next.map(|at| (query.with("at", &at), false)))))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(rows)).into_response())
}

fn broken(error: Error) -> std::io::Error {
    std::io::Error::other(error.code)
}

fn lines(page: &ListPage, look: Look, with_heads: bool) -> Result<Bytes> {
    let mut out = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    if with_heads {
        out.write_record(page.heads.iter().map(|head| look.say(head.words))).map_err(Error::internal)?;
    }
    for row in &page.rows {
        out.write_record(row.cells.iter().map(|cell| harmless(cell.plain(look)))).map_err(Error::internal)?;
    }
    let bytes = out.into_inner().map_err(|error| Error::internal(anyhow::anyhow!("csv: {error}")))?;
    let mark = if with_heads { BYTE_ORDER_MARK.as_bytes() } else { &[] };
    Ok([mark, &bytes].concat().into())
}

/// Таблица не должна принять чужой текст за формулу. Числа и телефоны ею не станут.
fn harmless(text: String) -> String {
    let looks_like_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let is_number = text.chars().skip(1).all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | ',' | '-'));
    if looks_like_formula && !is_number { format!("'{text}") } else { text }
}
