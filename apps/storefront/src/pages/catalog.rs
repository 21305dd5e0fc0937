//! Главная, раздел, поиск: список товаров с отбором и страницами.

use axum::response::Response;
use catalog::queries::{Scope, Viewer, categories, filled_categories, list_products};
use catalog::schemas::{CategoryOut, ProductFilter, ProductList, Sort};
use http::{HeaderMap, Uri};
use kernel::http::{Paging, PathParam};
use kernel::{Ctx, Error, Money, Result};
use serde::Serialize;

use super::base::{Base, Crumb, Page, crumbs};
use crate::StorefrontSettings;
use crate::forms::Fields;
use crate::render;
use crate::views::{CARD_WIDTH, Card, PAGE_WIDTH};
use crate::visitor::Visitor;

/// Дальше страниц не листаем: там проще сузить отбор.
const MAX_PAGE: u64 = 1000;

/// Значение в адресе, название, порядок каталога; первое — по умолчанию.
const SORTS: [(&str, &str, Sort); 4] = [
    ("", "Советуем", Sort::Priority),
    ("new", "Сначала новые", Sort::CreatedDown),
    ("price", "Сначала дешевле", Sort::Price),
    ("-price", "Сначала дороже", Sort::PriceDown),
];

#[derive(Serialize)]
struct View {
    hero: Option<Hero>,
    tiles: Vec<Tile>,
    crumbs: Vec<Crumb>,
    lead: String,
    children: Vec<Tile>,
    filter: Filter,
    sorts: Vec<(&'static str, &'static str)>,
    products: Vec<Card>,
    total: u64,
    #[serde(flatten)]
    pages: Pages,
}

#[derive(Serialize)]
struct Hero {
    lead: String,
    product: Option<Card>,
}

#[derive(Serialize)]
struct Tile {
    slug: String,
    name: String,
    picture: Option<String>,
}

/// Отбор так, как он стоит в форме и в адресе.
#[derive(Clone, Default, Serialize)]
struct Filter {
    action: String,
    q: String,
    stock: bool,
    new: bool,
    sale: bool,
    from: String,
    to: String,
    sort: String,
    /// Выбрано хоть что-то, кроме поиска и порядка.
    active: bool,
}

impl Filter {
    /// Непонятное в адресе не ошибка: его просто нет.
    fn read(action: String, query: &Fields) -> Filter {
        let roubles = |name: &str| query.number(name).filter(|n| (0..=1_000_000_000).contains(n));
        let text = |name: &str| roubles(name).map(|n| n.to_string()).unwrap_or_default();
        let sort = query.get("sort");
        let mut filter = Filter {
            action,
            q: query.get("q").chars().take(100).collect(),
            stock: query.get("stock") == "1",
            new: query.get("new") == "1",
            sale: query.get("sale") == "1",
            from: text("from"),
            to: text("to"),
            sort: SORTS
                .iter()
                .find(|(value, ..)| *value == sort)
                .map(|(value, ..)| value.to_string())
                .unwrap_or_default(),
            active: false,
        };
        filter.active = filter.stock || filter.new || filter.sale || !filter.from.is_empty() || !filter.to.is_empty();
        filter
    }

    fn sort(&self) -> Sort {
        SORTS.iter().find(|(value, ..)| *value == self.sort).map_or(Sort::Priority, |(.., sort)| *sort)
    }

    fn for_catalog(&self, category: Option<&CategoryOut>) -> ProductFilter {
        let money = |text: &String| text.parse().ok().map(Money::rub);
        ProductFilter {
            category: category.map(|category| category.slug.clone()),
            search: Some(self.q.clone()).filter(|q| !q.is_empty()),
            in_stock: self.stock.then_some(true),
            is_new: self.new.then_some(true),
            on_sale: self.sale.then_some(true),
            price_min: money(&self.from),
            price_max: money(&self.to),
            sort: self.sort(),
            ..ProductFilter::default()
        }
    }

    /// Адрес этого же списка на другой странице.
    fn url(&self, page: u64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let flag = |on: bool| if on { "1" } else { "" };
        let number = if page > 1 { page.to_string() } else { String::new() };
        let pairs = [
            ("q", self.q.as_str()),
            ("stock", flag(self.stock)),
            ("new", flag(self.new)),
            ("sale", flag(self.sale)),
            ("from", &self.from),
            ("to", &self.to),
            ("sort", &self.sort),
            ("page", &number),
        ];
        query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
        match query.finish() {
            query if query.is_empty() => self.action.clone(),
            query => format!("{}?{query}", self.action),
        }
    }
}

/// Ссылки на страницы: первая, последняя и две вокруг нынешней.
#[derive(Default, Serialize)]
struct Pages {
    pages: Vec<PageLink>,
    prev_page: Option<String>,
    next_page: Option<String>,
}

#[derive(Serialize)]
struct PageLink {
    number: u64,
    url: String,
    current: bool,
    /// Пропуск страниц.
    gap: bool,
}

impl Pages {
    fn of(filter: &Filter, list: &ProductList) -> Pages {
        let last = list.total.div_ceil(list.page_size).clamp(1, MAX_PAGE);
        let shown = |n: &u64| *n == 1 || *n == last || n.abs_diff(list.page) <= 2;
        let mut pages: Vec<PageLink> = Vec::new();
        for number in (1..=last).filter(shown) {
            if pages.last().is_some_and(|before| before.number + 1 < number) {
                pages.push(PageLink { number: number - 1, url: String::new(), current: false, gap: true });
            }
            pages.push(PageLink { number, url: filter.url(number), current: number == list.page, gap: false });
        }
        Pages {
            pages,
            prev_page: (list.page > 1).then(|| filter.url(list.page - 1)),
            next_page: (list.page < last).then(|| filter.url(list.page + 1)),
        }
    }
}

/// Главная для браузера: сервер зовёт её, когда клиент просит `text/html`.
pub async fn home(ctx: &Ctx, headers: &HeaderMap, uri: &Uri) -> Result<Response> {
    let visitor = Visitor::of(ctx, headers).await?;
    let query = Fields::of_query(uri)?;
    let filter = Filter::read("/".to_owned(), &query);
    let all = filled_categories(ctx.db()).await?;
    let list = find(ctx, &filter, None, &query).await?;
    let is_front = filter.q.is_empty() && !filter.active && list.page == 1;
    let title = match filter.q.as_str() {
        "" => "Каталог".to_owned(),
        q => format!("Поиск: {q}"),
    };
    let view = View {
        hero: if is_front { Some(hero(ctx).await?) } else { None },
        tiles: if is_front { tiles(&all) } else { Vec::new() },
        crumbs: Vec::new(),
        lead: String::new(),
        children: Vec::new(),
        ..list_view(filter.clone(), list)
    };
    let page = Page {
        search: filter.q.clone(),
        section: filter.q.is_empty().then(String::new),
        description: ctx.section::<StorefrontSettings>().tagline.clone(),
        private: !filter.q.is_empty(),
        ..Page::public(title)
    };
    let base = Base::with_categories(ctx, &visitor, page, &all).await?;
    render::html("catalog.html", &base, &view)
}

pub async fn show_category(
    ctx: Ctx,
    visitor: Visitor,
    PathParam(slug): PathParam<String>,
    uri: Uri,
) -> Result<Response> {
    let all = categories(ctx.db(), Viewer::Public).await?;
    let category = all.iter().find(|category| category.slug == slug);
    let category = category.ok_or_else(|| Error::not_found(catalog::errors::CATEGORY_NOT_FOUND))?;
    let query = Fields::of_query(&uri)?;
    let filter = Filter::read(format!("/c/{slug}"), &query);
    let list = find(&ctx, &filter, Some(category), &query).await?;
    let filled = filled_categories(ctx.db()).await?;
    let below = filled.iter().filter(|other| other.parent_id == Some(category.id));
    let view = View {
        crumbs: crumbs(&all, category.parent_id),
        lead: category.description.clone(),
        children: below.map(tile).collect(),
        ..list_view(filter, list)
    };
    let page = Page {
        section: Some(category.slug.clone()),
        description: first_filled(&[&category.seo_description, &category.description]),
        ..Page::public(category.name.clone())
    };
    let base = Base::with_categories(&ctx, &visitor, page, &filled).await?;
    render::html("catalog.html", &base, &view)
}

async fn find(ctx: &Ctx, filter: &Filter, category: Option<&CategoryOut>, query: &Fields) -> Result<ProductList> {
    let wanted = filter.for_catalog(category);
    let limit = ctx.section::<StorefrontSettings>().page_size.clamp(1, 100);
    let page = query.number("page").and_then(|n| u64::try_from(n).ok()).unwrap_or(1).clamp(1, MAX_PAGE);
    let paging = Paging::nth(page, limit);
    let scope = Scope::resolve(ctx.db(), Viewer::Public, ctx.now().naive_utc(), &wanted, &[]).await?;
    list_products(ctx, &scope, wanted.sort, &paging, &format!("storefront {}", filter.url(1))).await
}

fn list_view(filter: Filter, list: ProductList) -> View {
    View {
        hero: None,
        tiles: Vec::new(),
        crumbs: Vec::new(),
        lead: String::new(),
        children: Vec::new(),
        sorts: SORTS.iter().map(|(value, name, _)| (*value, *name)).collect(),
        products: list.products.iter().map(|product| Card::of(product, CARD_WIDTH)).collect(),
        total: list.total,
        pages: Pages::of(&filter, &list),
        filter,
    }
}

/// Обложка главной: самый важный из популярных товаров.
async fn hero(ctx: &Ctx) -> Result<Hero> {
    let popular = ProductFilter { is_popular: Some(true), ..ProductFilter::default() };
    let scope = Scope::resolve(ctx.db(), Viewer::Public, ctx.now().naive_utc(), &popular, &[]).await?;
    let list = list_products(ctx, &scope, Sort::Priority, &Paging::first(1), "storefront hero").await?;
    let product =
        list.products.first().map(|product| Card::of(product, PAGE_WIDTH)).filter(|card| card.picture.is_some());
    Ok(Hero { lead: ctx.section::<StorefrontSettings>().lead.clone(), product })
}

/// Разделы с картинками; без картинок ряд не нужен.
fn tiles(all: &[CategoryOut]) -> Vec<Tile> {
    all.iter().filter(|category| category.image_url.is_some()).map(tile).take(12).collect()
}

fn tile(category: &CategoryOut) -> Tile {
    Tile { slug: category.slug.clone(), name: category.name.clone(), picture: category.image_url.clone() }
}

fn first_filled(texts: &[&String]) -> String {
    texts.iter().find(|text| !text.is_empty()).map(|text| text.chars().take(300).collect()).unwrap_or_default()
}
