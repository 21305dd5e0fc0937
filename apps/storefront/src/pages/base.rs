//! Общее для всех страниц: шапка, разделы, корзина, сообщение после действия.

use std::sync::Arc;

use catalog::queries::filled_categories;
use catalog::schemas::CategoryOut;
use kernel::{Actor, Ctx, Result};
use serde::Serialize;

use crate::StorefrontSettings;
use crate::assets;
use crate::visitor::Visitor;

/// Больше разделов в строке — показываем только верхние.
const NAV_LIMIT: usize = 10;

/// Ссылок на страницы с текстом.
const INFO_LIMIT: u64 = 8;

/// Заголовок и подсказки одной страницы.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Page {
    pub title: String,
    pub description: String,
    /// Что вписано в поле поиска.
    pub search: String,
    /// Отмеченный раздел; пустая строка — «Всё».
    pub section: Option<String>,
    /// Поисковикам здесь нечего делать.
    pub private: bool,
    /// Через сколько секунд перечитать страницу.
    pub refresh: Option<u32>,
    /// На какой чужой адрес сразу уйти.
    pub leave: Option<String>,
}

impl Page {
    pub fn public(title: impl Into<String>) -> Page {
        Page { title: title.into(), ..Page::default() }
    }

    pub fn private(title: impl Into<String>) -> Page {
        Page { title: title.into(), private: true, ..Page::default() }
    }
}

/// Сообщение после действия.
#[derive(Clone, Debug, Serialize)]
pub struct Flash {
    /// `good`, `info`, `bad`: цвет.
    pub kind: &'static str,
    pub text: String,
    pub link: Option<(String, &'static str)>,
}

#[derive(Clone, Debug, Serialize)]
pub struct NavItem {
    pub slug: String,
    pub name: String,
}

/// Ступень пути «Каталог / Мебель / Кухни».
#[derive(Clone, Debug, Serialize)]
pub struct Crumb {
    pub url: String,
    pub name: String,
}

/// Путь от каталога до раздела `id` включительно.
pub fn crumbs(all: &[CategoryOut], id: Option<i64>) -> Vec<Crumb> {
    let mut path = Vec::new();
    let mut at = id;
    while let Some(category) = at.and_then(|id| all.iter().find(|category| category.id == id)) {
        path.push(Crumb { url: format!("/c/{}", category.slug), name: category.name.clone() });
        // Круг в дереве каталог не допускает; предел — на случай повреждённых данных.
        at = category.parent_id.filter(|_| path.len() < 20);
    }
    path.push(Crumb { url: "/".to_owned(), name: "Каталог".to_owned() });
    path.reverse();
    path
}

/// То, что шаблону `base.html` нужно всегда.
#[derive(Clone, Debug, Serialize)]
pub struct Base {
    shop: Arc<StorefrontSettings>,
    pub nav: Vec<NavItem>,
    /// Страницы с текстом: ссылки внизу.
    info: Vec<NavItem>,
    pub cart_count: i64,
    /// Вошёл ли посетитель.
    user: bool,
    pub flash: Option<Flash>,
    pub page: Page,
    static_version: &'static str,
}

impl Base {
    pub async fn of(ctx: &Ctx, visitor: &Visitor, page: Page) -> Result<Base> {
        let all = filled_categories(ctx.db()).await?;
        Base::with_categories(ctx, visitor, page, &all).await
    }

    /// То же, когда непустые разделы уже прочитаны.
    pub async fn with_categories(ctx: &Ctx, visitor: &Visitor, page: Page, all: &[CategoryOut]) -> Result<Base> {
        let cart_count = cart::queries::count(ctx, &visitor.cart).await?;
        let user = matches!(visitor.actor, Actor::User(_));
        let info = info(ctx).await?;
        Ok(Base { nav: nav(all), info, cart_count, user, ..Base::bare(ctx, page) })
    }

    /// Страница ошибки: всё, что удалось прочитать.
    pub async fn plain(ctx: &Ctx, page: Page) -> Base {
        let all = filled_categories(ctx.db()).await.unwrap_or_default();
        Base { nav: nav(&all), ..Base::bare(ctx, page) }
    }

    fn bare(ctx: &Ctx, page: Page) -> Base {
        Base {
            shop: ctx.section::<StorefrontSettings>(),
            nav: Vec::new(),
            info: Vec::new(),
            cart_count: 0,
            user: false,
            flash: None,
            page,
            static_version: assets::VERSION.as_str(),
        }
    }
}

/// Строка разделов: все конечные, если их немного, иначе верхние.
fn nav(all: &[CategoryOut]) -> Vec<NavItem> {
    let is_parent = |category: &&CategoryOut| all.iter().any(|other| other.parent_id == Some(category.id));
    let leaves: Vec<&CategoryOut> = all.iter().filter(|category| !is_parent(category)).collect();
    let shown = match leaves.len() <= NAV_LIMIT {
        true => leaves,
        false => all.iter().filter(|category| category.parent_id.is_none()).take(NAV_LIMIT).collect(),
    };
    shown.into_iter().map(|category| NavItem { slug: category.slug.clone(), name: category.name.clone() }).collect()
}

async fn info(ctx: &Ctx) -> Result<Vec<NavItem>> {
    let titles = content::queries::titles(ctx.db(), INFO_LIMIT).await?;
    Ok(titles.into_iter().map(|(slug, name)| NavItem { slug, name }).collect())
}
