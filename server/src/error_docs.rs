//! `/docs/errors`: таблица отказов. На её строки ведёт `type` каждого отказа (RFC 9457).

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

const BOOK: &str = include_str!("../../docs/frontend/errors.md");
const STYLE: &str = include_str!("../pages/errors.css");
static PAGE: LazyLock<String> = LazyLock::new(render);

pub async fn show() -> Response {
    Html(PAGE.as_str()).into_response()
}

pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// Ссылки книги ведут к её соседям, которых здесь нет: от них остаются слова. У строки таблицы — место, куда ведёт `#код`.
fn render() -> String {
    let is_link = |event: &Event| matches!(event, Event::Start(Tag::Link { .. }) | Event::End(TagEnd::Link));
    let mut book = String::new();
    html::push_html(&mut book, Parser::new_ext(BOOK, Options::ENABLE_TABLES).filter(|event| !is_link(event)));
    let mut rows = book.split("<td><code>");
    let mut page = include_str!("../pages/errors.html").to_owned() + rows.next().unwrap_or_default();
    for row in rows {
        let code = row.split('<').next().unwrap_or_default();
        page += &format!("<td id=\"{code}\"><code>{row}");
    }
    page
}
