//! Страница с текстом: оферта, вопросы и ответы, о магазине.

use axum::response::Response;
use content::queries::find_page;
use content::schemas::PageOut;
use kernel::http::PathParam;
use kernel::{Actor, Ctx, Result};
use serde::Serialize;

use super::base::{Base, Page};
use crate::render;
use crate::visitor::Visitor;

#[derive(Serialize)]
struct View {
    title: String,
    /// Очищенный HTML.
    content: String,
}

pub async fn show_page(ctx: Ctx, visitor: Visitor, PathParam(slug): PathParam<String>) -> Result<Response> {
    let found = PageOut::from(find_page(ctx.db(), &Actor::Anonymous, &slug).await?);
    let title = if found.seo_title.is_empty() { found.title.clone() } else { found.seo_title };
    let page = Page { description: found.seo_description, ..Page::public(title) };
    let base = Base::of(&ctx, &visitor, page).await?;
    render::html("info.html", &base, &View { title: found.title, content: found.content })
}
