//! `/setup`: первый администратор по одноразовой ссылке, которую сервер печатает при запуске. Страница здесь, а не на витрине:
//! она нужна и магазину без витрины.

use accounts::schemas::{SessionOut, SetupIn};
use accounts::settings::AuthSettings;
use axum::Form;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use kernel::http::{Created, Valid, check_value};
use kernel::texts::{Lang, describe};
use kernel::{Ctx, Error, Kind, Result};
use minijinja::Environment;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

const TEMPLATE: &str = include_str!("../pages/setup.html");
const STYLE: &str = include_str!("../pages/setup.css");

/// Что показать: `form`, `dead` (ссылка не годится) или `done`.
#[derive(Default, Serialize)]
struct Page {
    state: &'static str,
    token: String,
    login: String,
    login_error: Option<String>,
    password_error: Option<String>,
    password_min: usize,
    storefront: bool,
}

#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// Присланная форма.
#[derive(Deserialize)]
pub struct Filled {
    token: String,
    login: String,
    password: String,
}

pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

pub async fn show(ctx: Ctx, Query(link): Query<Link>) -> Result<Response> {
    match accounts::admin_link_is_live(&ctx, &link.token).await? {
        true => render(&ctx, StatusCode::OK, Page { state: "form", token: link.token, ..Page::default() }),
        false => dead(&ctx),
    }
}

pub async fn set_up(ctx: Ctx, headers: HeaderMap, Form(filled): Form<Filled>) -> Result<Response> {
    match make_admin(&ctx, headers, &filled).await {
        Ok(session) => done(&ctx, &session),
        Err(error) if error.code == accounts::WRONG_CODE => dead(&ctx),
        Err(error) if matches!(error.kind, Kind::Internal | Kind::Unavailable) => Err(error),
        Err(error) => again(&ctx, filled, &error),
    }
}

/// Теми же дверями, что и `POST /api/v1/auth/setup`.
async fn make_admin(ctx: &Ctx, headers: HeaderMap, filled: &Filled) -> Result<SessionOut> {
    let login = Some(filled.login.trim().to_owned());
    let is_email = filled.login.contains('@');
    let input = SetupIn {
        token: filled.token.clone(),
        phone: login.clone().filter(|_| !is_email),
        email: login.filter(|_| is_email),
        password: filled.password.clone(),
    };
    check_value(&input)?;
    let Created(session) = accounts::set_up(ctx.clone(), headers, Valid(input)).await?;
    Ok(session)
}

fn dead(ctx: &Ctx) -> Result<Response> {
    render(ctx, StatusCode::BAD_REQUEST, Page { state: "dead", ..Page::default() })
}

/// На витрине администратор уже вошёл: его пропуск лежит в печенье.
fn done(ctx: &Ctx, session: &SessionOut) -> Result<Response> {
    let mut response = render(ctx, StatusCode::OK, Page { state: "done", ..Page::default() })?;
    if has_storefront(ctx) {
        storefront::set_session(ctx, &mut response, &session.access_token, session.expires_in)?;
    }
    Ok(response)
}

/// Та же форма с объяснением; пароль вводят заново.
fn again(ctx: &Ctx, filled: Filled, error: &Error) -> Result<Response> {
    let (detail, fields) = describe(ctx.texts(), Lang::Ru, error);
    let about_password = |field: &&serde_json::Value| field["field"] == "password";
    let words = |field: &serde_json::Value| field["message"].as_str().unwrap_or_default().to_owned();
    let password_error = fields.iter().find(about_password).map(words);
    let login_error = fields.iter().find(|field| !about_password(field)).map(words);
    // Отказ не о поле — о человеке: например, телефон занят.
    let login_error = login_error.or_else(|| password_error.is_none().then_some(detail));
    let page = Page {
        state: "form",
        token: filled.token,
        login: filled.login,
        login_error,
        password_error,
        ..Page::default()
    };
    render(ctx, error.kind.status(), page)
}

fn render(ctx: &Ctx, status: StatusCode, page: Page) -> Result<Response> {
    let password_min = ctx.section::<AuthSettings>().password_min_length;
    let page = Page { password_min, storefront: has_storefront(ctx), ..page };
    let body = Environment::new().render_named_str("setup.html", TEMPLATE, Serde(page)).map_err(Error::internal)?;
    // В адресе и в форме — пропуск: ни кэшу, ни чужим страницам его знать незачем.
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")];
    Ok((status, headers, Html(body)).into_response())
}

/// Включена ли витрина.
pub fn has_storefront(ctx: &Ctx) -> bool {
    ctx.settings().kernel.apps.is_on("storefront")
}
