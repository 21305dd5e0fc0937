//! Страницы: по маршруту на модель и дело, у каждого — право, объявленное приложением.

mod bulk;
mod bulk_edit;
mod detail;
mod document;
mod draft;
mod export;
mod fields;
mod form;
mod history;
mod home;
mod list;
mod login;
mod page;
mod perform;
mod search;
pub(crate) mod settings;
mod view;
mod xlsx;

use std::sync::Arc;

use axum::response::{Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use http::{HeaderMap, Uri};
use kernel::http::{PathParam, Routes, csrf};
use kernel::{Access, Actor, Ctx, Result};
use tower_http::csrf::CsrfLayer;

use crate::assets;
use crate::declare::{self, Document, Screen};
use crate::input::Form;
use crate::own::permissions::{CHANGE_SETTINGS, ENTER};
use crate::screen::{ActionInfo, AnyModel};
use crate::session;

/// Объявленные модели, в порядке приложений.
pub(crate) fn screens(ctx: &Ctx) -> Vec<Arc<Screen>> {
    ctx.declared::<Screen>()
}

/// Модель по имени `orders.order`, если человеку можно её смотреть.
pub(crate) fn screen(ctx: &Ctx, actor: &Actor, model: &str) -> Option<Arc<dyn AnyModel>> {
    let found = screens(ctx).into_iter().find(|screen| screen.0.about().model() == model)?;
    actor.can(found.0.about().view).then(|| found.0.clone())
}

pub(crate) fn routes(ctx: &Ctx) -> Routes {
    let mut pages =
        Pages { csrf: csrf(ctx), upload: ctx.settings().kernel.limits.upload, routes: Routes::new("Админка") }
            .show("/admin/static/{name}", get(assets::serve), Access::Public)
            .show("/admin/login", get(login::show), Access::Public)
            .take("/admin/login", post(login::log_in), Access::Public)
            .take("/admin/logout", post(login::log_out), Access::Customer)
            .show("/admin", get(home::show), Access::Staff(ENTER))
            .show("/api/admin", get(|| async { Redirect::temporary("/admin") }), Access::Public)
            .show("/admin/search", get(search::show), Access::Staff(ENTER));
    pages = settings_pages(pages);
    for page in ctx.declared::<declare::Page>() {
        pages = own_page(pages, &page);
    }
    for screen in screens(ctx) {
        pages = model_pages(pages, &screen.0);
    }
    pages.routes
}

fn settings_pages(pages: Pages) -> Pages {
    let (url, access) = ("/admin/admin/settings/{section}", Access::Staff(CHANGE_SETTINGS));
    let show = get(|ctx: Ctx, actor: Actor, PathParam(name): PathParam<String>, uri: Uri| {
        settings::show(ctx, actor, name, uri)
    });
    let save = post(|ctx: Ctx, actor: Actor, PathParam(name): PathParam<String>, form: Form| {
        settings::save(ctx, actor, name, form)
    });
    pages.show("/admin/admin/settings", get(settings::index), access).show(url, show, access).take(url, save, access)
}

/// Страница приложения и по маршруту на её формы.
fn own_page(pages: Pages, page: &Arc<declare::Page>) -> Pages {
    let (url, own) = (page.url(), page.clone());
    let show = get(move |ctx: Ctx, actor: Actor, uri: Uri| page::show(ctx, actor, own.clone(), uri));
    let mut pages = pages.show(&url, show, page.access);
    for form in &page.forms {
        let (own, name) = (page.clone(), form.name);
        let take = post(move |ctx: Ctx, actor: Actor, form: Form| page::take(ctx, actor, own.clone(), name, form));
        pages = pages.upload(&format!("{url}/{name}"), take, page.access);
    }
    pages
}

fn model_pages(pages: Pages, model: &Arc<dyn AnyModel>) -> Pages {
    let (about, url) = (model.about(), model.about().url());
    let view = Access::Staff(about.view);
    let mut pages = pages
        .show(&url, list_page(model), view)
        .show(&format!("{url}/export"), export_page(model), view)
        .show(&format!("{url}/xlsx"), xlsx_page(model), view)
        .show(&format!("{url}/pick"), pick_page(model), view)
        .show(&format!("{url}/{{id}}"), detail_page(model), view)
        .show(&format!("{url}/{{id}}/history"), history_page(model), view);
    if let Some(add) = model.add_info() {
        let (show, take, access) = (model.clone(), model.clone(), Access::Staff(add.permission));
        let page = get(move |ctx: Ctx, actor: Actor, uri: Uri| form::show_add(ctx, actor, show.clone(), uri));
        let save = post(move |ctx: Ctx, actor: Actor, form: Form| form::add(ctx, actor, take.clone(), form));
        pages = pages.show(&format!("{url}/add"), page, access).upload(&format!("{url}/add"), save, access);
    }
    for document in model.documents() {
        pages = pages.show(
            &format!("{url}/{{id}}/{}", document.name),
            document_page(model, document),
            Access::Staff(document.permission),
        );
    }
    if let Some(action) = bulk_edit::action_of(model) {
        let many = model.clone();
        let edit = post(move |ctx: Ctx, actor: Actor, form: Form| bulk_edit::act(ctx, actor, many.clone(), form));
        pages = pages.take(&format!("{url}/bulk/{}", bulk_edit::NAME), edit, Access::Staff(action.permission));
    }
    for action in model.actions() {
        pages = action_pages(pages, model, &url, &action);
    }
    pages
}

fn action_pages(pages: Pages, model: &Arc<dyn AnyModel>, url: &str, action: &ActionInfo) -> Pages {
    let (name, access) = (action.name, Access::Staff(action.permission));
    let (show, take, many) = (model.clone(), model.clone(), model.clone());
    let page = get(move |ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>, uri: Uri| {
        form::show_action(ctx, actor, show.clone(), name, id, uri)
    });
    let act = post(move |ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>, form: Form| {
        form::act(ctx, actor, take.clone(), name, id, form)
    });
    let path = format!("{url}/{{id}}/{name}");
    let mut pages = pages.show(&path, page, access).upload(&path, act, access);
    if action.preview.is_some() {
        let own = model.clone();
        let preview = post(move |ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>, form: Form| {
            form::preview(ctx, actor, own.clone(), name, id, form)
        });
        pages = pages.take(&format!("{path}/preview"), preview, access);
    }
    if !action.bulk {
        return pages;
    }
    let bulk = post(move |ctx: Ctx, actor: Actor, form: Form| bulk::act(ctx, actor, many.clone(), name, form));
    pages.take(&format!("{url}/bulk/{name}"), bulk, access)
}

fn list_page(model: &Arc<dyn AnyModel>) -> MethodRouter {
    let model = model.clone();
    get(move |ctx: Ctx, actor: Actor, uri: Uri| list::show(ctx, actor, model.clone(), uri))
}

fn export_page(model: &Arc<dyn AnyModel>) -> MethodRouter {
    let model = model.clone();
    get(move |ctx: Ctx, actor: Actor, uri: Uri| async move { export::csv_file(ctx, actor, model.clone(), &uri) })
}

fn xlsx_page(model: &Arc<dyn AnyModel>) -> MethodRouter {
    let model = model.clone();
    get(move |ctx: Ctx, actor: Actor, uri: Uri| xlsx::file(ctx, actor, model.clone(), uri))
}

fn pick_page(model: &Arc<dyn AnyModel>) -> MethodRouter {
    let model = model.clone();
    get(move |ctx: Ctx, actor: Actor, uri: Uri| search::pick(ctx, actor, model.clone(), uri))
}

fn detail_page(model: &Arc<dyn AnyModel>) -> MethodRouter {
    let model = model.clone();
    get(move |ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>, uri: Uri| {
        detail::show(ctx, actor, model.clone(), id, uri)
    })
}

fn document_page(model: &Arc<dyn AnyModel>, document: &Document) -> MethodRouter {
    let (model, document) = (model.clone(), *document);
    get(move |ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>| {
        document::show(ctx, actor, model.clone(), document, id)
    })
}

fn history_page(model: &Arc<dyn AnyModel>) -> MethodRouter {
    let model = model.clone();
    get(move |ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>| history::show(ctx, actor, model.clone(), id))
}

/// Маршруты и общая для них защита.
struct Pages {
    csrf: CsrfLayer,
    upload: usize,
    routes: Routes,
}

impl Pages {
    fn show(self, path: &str, page: MethodRouter, access: Access) -> Pages {
        self.add("GET", path, page, access)
    }

    fn take(self, path: &str, form: MethodRouter, access: Access) -> Pages {
        self.add("POST", path, form, access)
    }

    /// Форма, в которой бывают файлы.
    fn upload(self, path: &str, form: MethodRouter, access: Access) -> Pages {
        let pages = self.add("POST", path, form, access);
        Pages { routes: pages.routes.body_limit(pages.upload), ..pages }
    }

    fn add(self, method: &'static str, path: &str, router: MethodRouter, access: Access) -> Pages {
        let guarded = router.layer(self.csrf.clone());
        Pages { routes: self.routes.page(method, path, guarded, access).outside(session::outside), ..self }
    }
}

/// После формы — на страницу (POST-redirect-GET).
fn see(url: &str) -> Response {
    axum::response::IntoResponse::into_response(Redirect::to(url))
}

/// Заголовки запроса нужны только входу.
type Headers = HeaderMap;

/// Ответ страницы.
type Page = Result<Response>;
