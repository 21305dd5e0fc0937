//! Отписка от рекламы по ссылке из письма, без входа. Отписывает только POST: почтовые службы открывают ссылки сами.

use axum::response::Html;
use kernel::http::PathParam;
use kernel::{Actor, Ctx, Error, Result, Work};
use serde_json::json;

use crate::models::consent::Source;
use crate::models::message::Purpose;
use crate::services::{Said, set_preference};
use crate::unsubscribe::read;

/// Страница с кнопкой.
#[utoipa::path(get, path = "/unsubscribe/{token}", params(("token" = String, Path)),
    responses((status = 200, body = String, content_type = "text/html")))]
pub async fn show_unsubscribe(ctx: Ctx, PathParam(token): PathParam<String>) -> Result<Html<String>> {
    read(&ctx, &token).ok_or_else(bad_link)?;
    let button = format!("<form method=\"post\"><button>{}</button></form>", words(&ctx, "unsubscribe_button"));
    Ok(page(&ctx, "unsubscribe_question", &button))
}

/// Отозвать согласие на рекламу (RFC 8058: почтовые программы шлют это по одному нажатию).
#[utoipa::path(post, path = "/unsubscribe/{token}", params(("token" = String, Path)),
    responses((status = 200, body = String, content_type = "text/html")))]
pub async fn unsubscribe(ctx: Ctx, PathParam(token): PathParam<String>) -> Result<Html<String>> {
    let (user_id, channel) = read(&ctx, &token).ok_or_else(bad_link)?;
    let said = Said { channel, purpose: Purpose::Advertising, is_given: false, source: Source::Unsubscribe };
    let withdraw = async move |work: &mut Work| set_preference(work, user_id, said).await;
    ctx.atomic(&Actor::Anonymous, withdraw).await?;
    Ok(page(&ctx, "unsubscribe_done", ""))
}

fn bad_link() -> Error {
    Error::not_found("notifications.bad_unsubscribe_link")
}

fn words(ctx: &Ctx, name: &str) -> String {
    ctx.texts().get(ctx.lang(), &format!("notifications.{name}"), &json!({}))
}

fn page(ctx: &Ctx, name: &str, rest: &str) -> Html<String> {
    let (lang, text) = (ctx.lang().code(), words(ctx, name));
    Html(format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{text}</title><h1>{text}</h1>{rest}"
    ))
}
