//! Общий поиск по всем моделям и подсказки полям выбора.

use std::sync::Arc;

use axum::Json;
use axum::response::IntoResponse;
use http::Uri;
use kernel::{Actor, Ctx, Error};
use serde::Serialize;

use super::screens;
use super::view::ModelView;
use crate::cell::Look;
use crate::query::Query;
use crate::render::{self, Page};
use crate::screen::AnyModel;

/// Найденных строк одной модели.
const LIMIT: u64 = 10;

#[derive(Serialize)]
struct View {
    q: String,
    found: Vec<Found>,
}

#[derive(Serialize)]
struct Found {
    model: ModelView,
    rows: Vec<(i64, String)>,
}

pub(super) async fn show(ctx: Ctx, actor: Actor, uri: Uri) -> super::Page {
    let (look, query) = (Look::of(&ctx), Query::of(&uri));
    let q = query.get("q").unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for screen in screens(&ctx) {
        let about = screen.0.about();
        if q.is_empty() || !actor.can(about.view) {
            continue;
        }
        let rows = screen.0.find(&ctx, &actor, &q, LIMIT).await?;
        if !rows.is_empty() {
            found.push(Found { model: ModelView::of(&about, look), rows });
        }
    }
    let title = ctx.texts().get(ctx.lang(), "admin.search", &());
    render::html(
        &ctx,
        &actor,
        "search.html",
        Page { title: &title, model: "", search: &q },
        &View { q: q.clone(), found },
    )
}

/// Подсказки полю выбора: `[[номер, название]]`.
pub(super) async fn pick(ctx: Ctx, actor: Actor, model: Arc<dyn AnyModel>, uri: Uri) -> super::Page {
    let query = Query::of(&uri);
    let text = query.get("q").ok_or_else(|| Error::invalid("q", "required"))?;
    Ok(Json(model.find(&ctx, &actor, text, LIMIT).await?).into_response())
}
