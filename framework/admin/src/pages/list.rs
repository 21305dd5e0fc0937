//! Список модели: поиск, отборы, сортировка, отметки, листание.

use std::sync::Arc;

use http::Uri;
use kernel::{Actor, Ctx, Result};
use serde::Serialize;

use super::bulk_edit;
use super::view::{Button, ModelView, OptionView};
use crate::AdminSettings;
use crate::cell::{Look, Shown};
use crate::query::Query;
use crate::render::{self, Page};
use crate::screen::{AnyModel, COUNTED, FilterView, ListPage};

#[derive(Serialize)]
struct View {
    model: ModelView,
    heads: Vec<HeadView>,
    rows: Vec<RowView>,
    filters: Vec<FilterForm>,
    /// Есть ли что снять.
    filtered: bool,
    /// Действует ли отбор, кроме поиска.
    narrowed: bool,
    search: Option<&'static str>,
    q: String,
    sort: String,
    count: i64,
    more: bool,
    previous: Option<String>,
    next: Option<String>,
    bulk: Vec<Button>,
    /// Меняют ли поля сразу у многих.
    bulk_edit: Option<BulkEdit>,
    can_add: bool,
    export: String,
    export_xlsx: String,
}

#[derive(Serialize)]
struct BulkEdit {
    name: &'static str,
    title: &'static str,
    query: String,
}

#[derive(Serialize)]
struct HeadView {
    title: &'static str,
    link: Option<String>,
    /// `asc`, `desc`, пусто.
    order: &'static str,
}

#[derive(Serialize)]
struct RowView {
    id: i64,
    label: String,
    url: String,
    cells: Vec<CellView>,
}

#[derive(Serialize)]
struct CellView {
    head: &'static str,
    cell: Shown,
}

#[derive(Serialize)]
struct FilterForm {
    name: &'static str,
    title: &'static str,
    kind: &'static str,
    options: Vec<OptionView>,
    value: String,
    from: String,
    to: String,
}

pub(super) async fn show(ctx: Ctx, actor: Actor, model: Arc<dyn AnyModel>, uri: Uri) -> super::Page {
    let (look, query, about) = (Look::of(&ctx), Query::of(&uri), model.about());
    model.before_list(&ctx).await?;
    let page = model.page(&ctx, &actor, &query, ctx.section::<AdminSettings>().page_size, true).await?;
    let own = ["q", "sort", "at"];
    let narrowed = query.pairs().iter().any(|(name, value)| !own.contains(&name.as_str()) && !value.is_empty());
    let bulk = model.actions().into_iter().filter(|action| action.bulk && actor.can(action.permission));
    let at = |spot: &Option<crate::keyset::Spot>| -> Result<Option<String>> {
        spot.as_ref().map(|spot| Ok(query.with("at", &spot.encode()?).link())).transpose()
    };
    let mut filters = Vec::new();
    for filter in model.filters() {
        filters.push(form(&ctx, filter, &query, look).await?);
    }
    let view = View {
        heads: heads(&page, &query, look),
        filters,
        filtered: narrowed || query.get("q").is_some(),
        narrowed,
        search: model.search_words().map(|words| look.say(words)),
        q: query.get("q").unwrap_or_default().to_owned(),
        sort: query.get("sort").unwrap_or_default().to_owned(),
        count: page.count.min(COUNTED),
        more: page.count > COUNTED,
        previous: at(&page.previous)?,
        next: at(&page.next)?,
        bulk: bulk.map(|action| Button::of(&action, look)).collect(),
        bulk_edit: bulk_edit::action_of(&model).filter(|action| actor.can(action.permission)).map(|_| BulkEdit {
            name: bulk_edit::NAME,
            title: look.say(bulk_edit::WORDS),
            query: query.with("at", "").link(),
        }),
        can_add: model.add_info().is_some_and(|add| actor.can(add.permission)),
        export: format!("{}/export{}", about.url(), query.with("at", "").link()),
        export_xlsx: format!("{}/xlsx{}", about.url(), query.with("at", "").link()),
        rows: rows(&page, &about.url(), look),
        model: ModelView::of(&about, look),
    };
    let page = Page { title: look.say(about.words), model: &about.model(), search: "" };
    render::html(&ctx, &actor, "list.html", page, &view)
}

fn heads(page: &ListPage, query: &Query, look: Look) -> Vec<HeadView> {
    let view = |head: &crate::screen::Head| {
        let (name, descending) = (&page.sort.0, page.sort.1);
        let sorted = head.sort.is_some_and(|own| own == name);
        let order = if !sorted {
            ""
        } else if descending {
            "desc"
        } else {
            "asc"
        };
        let link = head.sort.map(|own| {
            let next = if sorted && !descending { format!("-{own}") } else { own.to_owned() };
            query.with("at", "").with("sort", &next).link()
        });
        HeadView { title: look.say(head.words), link, order }
    };
    page.heads.iter().map(view).collect()
}

fn rows(page: &ListPage, url: &str, look: Look) -> Vec<RowView> {
    let view = |row: &crate::screen::ListRow| RowView {
        id: row.id,
        label: row.label.clone(),
        url: format!("{url}/{}", row.id),
        cells: page
            .heads
            .iter()
            .zip(&row.cells)
            .map(|(head, cell)| CellView { head: look.say(head.words), cell: cell.show(look) })
            .collect(),
    };
    page.rows.iter().map(view).collect()
}

async fn form(
    ctx: &Ctx,
    (name, words, kind): (&'static str, crate::Words, FilterView),
    query: &Query,
    look: Look,
) -> Result<FilterForm> {
    let value = query.get(name).unwrap_or_default().to_owned();
    let bound = |end: &str| query.get(&format!("{name}_{end}")).unwrap_or_default().to_owned();
    let option = |code: &str, title: &str| OptionView {
        value: code.to_owned(),
        title: title.to_owned(),
        on: code == value,
        part: None,
    };
    let (kind, options) = match kind {
        FilterView::Choice(choices) => {
            ("choice", choices.iter().map(|choice| option(choice.code, look.say(choice.words))).collect())
        }
        FilterView::Flag => {
            ("choice", vec![option("1", look.say(("да", "yes"))), option("0", look.say(("нет", "no")))])
        }
        FilterView::Days => ("days", Vec::new()),
        FilterView::Money => ("money", Vec::new()),
        FilterView::Id => ("number", Vec::new()),
        FilterView::Options(load) => {
            ("choice", load(ctx, 0).await?.iter().map(|(code, title)| option(code, title)).collect())
        }
    };
    Ok(FilterForm { name, title: look.say(words), kind, options, from: bound("from"), to: bound("to"), value })
}
