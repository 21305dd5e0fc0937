//! Шаблоны: вшиты в программу, разобраны один раз.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};
use kernel::{Actor, Ctx, Error, Result};
use minijinja::value::{Kwargs, Serde};
use minijinja::{Environment, Value, context};
use serde::Serialize;

use crate::assets;
use crate::declare::{self, SettingsOf, Viewer};
use crate::own::permissions::CHANGE_SETTINGS;
use crate::pages::screens;
use crate::pages::settings::MODEL;
use crate::session;
use crate::words::say;

#[rustfmt::skip]
const TEMPLATES: [(&str, &str); 14] = [
    ("base.html", include_str!("../templates/base.html")),
    ("bulk.html", include_str!("../templates/bulk.html")),
    ("bulk_edit.html", include_str!("../templates/bulk_edit.html")),
    ("detail.html", include_str!("../templates/detail.html")),
    ("done.html", include_str!("../templates/done.html")),
    ("error.html", include_str!("../templates/error.html")),
    ("form.html", include_str!("../templates/form.html")),
    ("history.html", include_str!("../templates/history.html")),
    ("home.html", include_str!("../templates/home.html")),
    ("list.html", include_str!("../templates/list.html")),
    ("login.html", include_str!("../templates/login.html")),
    ("page.html", include_str!("../templates/page.html")),
    ("parts.html", include_str!("../templates/parts.html")),
    ("search.html", include_str!("../templates/search.html")),
];

#[expect(clippy::expect_used, reason = "шаблоны вшиты: ошибка в них видна в первом же тесте")]
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).expect("a built-in template is broken");
    }
    environment
});

/// Всё своё и только своё: ни чужих скриптов, ни вписанных в страницу. Картинки товаров бывают чужими.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; \
    connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Странице с 3D-моделью нужно больше: текстуры из `blob:`, распаковка в WebAssembly, один стиль просмотрщика, названный отпечатком.
fn policy_with(viewer: &Viewer) -> String {
    POLICY
        .replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
        .replace("style-src 'self'", &format!("style-src 'self' {}", viewer.style))
        .replace("https: data:", "https: data: blob:")
        .replace("connect-src 'self'", "connect-src 'self' blob: data:; worker-src 'self' blob:")
}

#[derive(Serialize)]
struct NavItem {
    title: &'static str,
    url: String,
    current: bool,
}

/// Раздел меню: приложение. Раскрыт тот, где человек сейчас; прочие помнит браузер.
#[derive(Serialize)]
struct NavApp {
    name: &'static str,
    title: String,
    current: bool,
    items: Vec<NavItem>,
}

/// Общее для всех страниц.
#[derive(Serialize)]
struct Base<'a> {
    title: &'a str,
    lang: &'static str,
    user: bool,
    csrf: String,
    nav: Vec<NavApp>,
    search: &'a str,
    version: &'static str,
    viewer: Option<ViewerView>,
}

#[derive(Serialize)]
struct ViewerView {
    script: &'static str,
    draco: &'static str,
}

/// Страница из шаблона.
pub(crate) fn html(
    ctx: &Ctx,
    actor: &Actor,
    template: &str,
    page: Page<'_>,
    view: &impl Serialize,
) -> Result<Response> {
    let viewer = ctx.declared::<Viewer>().pop();
    let base = Base {
        title: page.title,
        lang: ctx.lang().code(),
        user: matches!(actor, Actor::User(_)),
        csrf: session::csrf_token(ctx, actor),
        nav: nav(ctx, actor, page.model),
        search: page.search,
        version: assets::VERSION.as_str(),
        viewer: viewer.as_ref().map(|viewer| ViewerView { script: viewer.script, draco: viewer.draco }),
    };
    let words = ctx.clone();
    let t = Value::from_function(move |key: &str, args: Kwargs| -> std::result::Result<String, minijinja::Error> {
        let mut data = serde_json::Map::new();
        for name in args.args() {
            let value: Value = args.get(name)?;
            data.insert(
                name.to_owned(),
                value.as_i64().map_or_else(|| value.to_string().into(), serde_json::Value::from),
            );
        }
        args.assert_all_used()?;
        Ok(words.texts().get(words.lang(), &format!("admin.{key}"), &data))
    });
    let template = ENVIRONMENT.get_template(template).map_err(Error::internal)?;
    let body = template
        .render(context! { t => t, base => Value::from(Serde(&base)), ..Serde(view) })
        .map_err(Error::internal)?;
    let policy = match viewer.filter(|_| body.contains("data-viewer=")) {
        Some(viewer) => HeaderValue::from_str(&policy_with(&viewer)).map_err(Error::internal)?,
        None => HeaderValue::from_static(POLICY),
    };
    let mut response = Html(body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(HeaderName::from_static("content-security-policy"), policy);
    Ok(response)
}

/// Чем одна страница отличается от другой в шапке.
#[derive(Clone, Copy, Default)]
pub(crate) struct Page<'a> {
    pub title: &'a str,
    /// `orders.order`: отметить в меню.
    pub model: &'a str,
    pub search: &'a str,
}

impl<'a> Page<'a> {
    pub fn new(title: &'a str) -> Page<'a> {
        Page { title, ..Page::default() }
    }
}

/// Страницы самой админки внизу меню: настройки и объявленные приложениями без своей модели.
fn own_pages(ctx: &Ctx, actor: &Actor, current: &str) -> Vec<NavItem> {
    let mut items = Vec::new();
    if actor.can(CHANGE_SETTINGS) && !ctx.declared::<SettingsOf>().is_empty() {
        let title = say(("Настройки", "Settings"), ctx.lang());
        items.push(NavItem { title, url: "/admin/admin/settings".to_owned(), current: current == MODEL });
    }
    for page in ctx.declared::<declare::Page>() {
        if page.access.check(actor).is_ok() {
            let title = say(page.words, ctx.lang());
            items.push(NavItem { title, url: page.url(), current: page.path == current });
        }
    }
    items
}

/// Меню: только то, что человеку можно смотреть. Приложения идут снизу вверх, а человеку ближе верхние: заказы, потом всё прочее.
fn nav(ctx: &Ctx, actor: &Actor, current: &str) -> Vec<NavApp> {
    let mut apps: Vec<NavApp> = Vec::new();
    for screen in screens(ctx) {
        let about = screen.0.about();
        if about.hidden || !actor.can(about.view) {
            continue;
        }
        let item = NavItem { title: say(about.words, ctx.lang()), url: about.url(), current: about.model() == current };
        match apps.last_mut().filter(|app| app.name == about.app) {
            Some(app) => app.items.push(item),
            None => apps.push(section(ctx, about.app, vec![item])),
        }
    }
    apps.reverse();
    let own = own_pages(ctx, actor, current);
    match apps.last_mut().filter(|app| app.name == "admin") {
        Some(app) => app.items.extend(own),
        None if own.is_empty() => {}
        None => apps.push(section(ctx, "admin", own)),
    }
    for app in &mut apps {
        app.current = app.items.iter().any(|item| item.current);
    }
    apps
}

/// Слова раздела — `section` в текстах приложения; нет их — имя приложения.
fn section(ctx: &Ctx, name: &'static str, items: Vec<NavItem>) -> NavApp {
    let title = ctx.texts().find(ctx.lang(), &format!("{name}.section"), &()).unwrap_or_else(|| name.to_owned());
    NavApp { name, title, current: false, items }
}
