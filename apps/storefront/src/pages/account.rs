//! Вход, регистрация, выход.

use accounts::schemas::{LoginIn, RegisterIn, SessionOut};
use accounts::settings::AuthSettings;
use axum::Json;
use axum::extract::Query;
use axum::response::Response;
use http::HeaderMap;
use kernel::http::{Created, Valid};
use kernel::{Actor, Ctx, Error, Kind, Result, Work};
use serde::{Deserialize, Serialize};

use super::base::{Base, Page};
use super::see;
use crate::StorefrontSettings;
use crate::demo::{DemoLogin, demo_logins};
use crate::forms::{Fields, Form};
use crate::render;
use crate::visitor::{Visitor, set_session};

#[derive(Serialize)]
struct View {
    mode: &'static str,
    form: Form,
    next: String,
    password_min: usize,
    demo_logins: Vec<DemoLogin>,
}

/// Куда вернуться после входа.
#[derive(Debug, Default, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

const LOGIN: &str = "login";
const REGISTER: &str = "register";

/// Поля служб → поля формы.
const KNOWN: [(&str, &str); 6] = [
    ("phone", "login"),
    ("email", "login"),
    ("login", "login"),
    ("password", "password"),
    ("full_name", "full_name"),
    ("code", "code"),
];

pub async fn show_login(ctx: Ctx, visitor: Visitor, Query(query): Query<Next>) -> Result<Response> {
    show(&ctx, &visitor, LOGIN, Form::default(), &query.next).await
}

pub async fn show_register(ctx: Ctx, visitor: Visitor, Query(query): Query<Next>) -> Result<Response> {
    show(&ctx, &visitor, REGISTER, Form::default(), &query.next).await
}

async fn show(ctx: &Ctx, visitor: &Visitor, mode: &'static str, form: Form, next: &str) -> Result<Response> {
    let title = if mode == LOGIN { "Вход" } else { "Регистрация" };
    let settings = ctx.section::<StorefrontSettings>();
    let view = View {
        mode,
        form,
        next: local(next).to_owned(),
        password_min: ctx.section::<AuthSettings>().password_min_length,
        demo_logins: if settings.demo { demo_logins() } else { Vec::new() },
    };
    let base = Base::of(ctx, visitor, Page::private(title)).await?;
    render::html("login.html", &base, &view)
}

pub async fn log_in(ctx: Ctx, visitor: Visitor, headers: HeaderMap, fields: Fields) -> Result<Response> {
    let input = LoginIn {
        phone: None,
        email: None,
        login: Some(fields.get("login").to_owned()),
        password: fields.raw("password").to_owned(),
        code: Some(fields.get("code").to_owned()).filter(|code| !code.is_empty()),
    };
    match enter(&ctx, headers, input).await {
        Ok(session) => welcome(&ctx, session, fields.get("next")),
        Err(error) => again(&ctx, &visitor, LOGIN, &fields, error).await,
    }
}

/// Обработчик API ждёт уже проверенное тело: правила те же.
async fn enter(ctx: &Ctx, headers: HeaderMap, input: LoginIn) -> Result<SessionOut> {
    kernel::http::check_value(&input)?;
    let Json(session) = accounts::log_in(ctx.clone(), headers, Valid(input)).await?;
    Ok(session)
}

pub async fn register(ctx: Ctx, visitor: Visitor, headers: HeaderMap, fields: Fields) -> Result<Response> {
    let login = fields.get("login").to_owned();
    let is_email = login.contains('@');
    let input = RegisterIn {
        phone: Some(login.clone()).filter(|_| !is_email),
        email: Some(login).filter(|_| is_email),
        password: Some(fields.raw("password").to_owned()),
        code: None,
        first_name: String::new(),
        last_name: String::new(),
        patronymic: String::new(),
        full_name: fields.get("full_name").to_owned(),
        newsletter: false,
    };
    match join(&ctx, headers, input).await {
        Ok(session) => welcome(&ctx, session, fields.get("next")),
        Err(error) => again(&ctx, &visitor, REGISTER, &fields, error).await,
    }
}

async fn join(ctx: &Ctx, headers: HeaderMap, input: RegisterIn) -> Result<SessionOut> {
    kernel::http::check_value(&input)?;
    let Created(session) = accounts::register(ctx.clone(), headers, Valid(input)).await?;
    Ok(session)
}

/// Та же форма с объяснением; поломка базы формой не прикрывается.
async fn again(ctx: &Ctx, visitor: &Visitor, mode: &'static str, fields: &Fields, error: Error) -> Result<Response> {
    if matches!(error.kind, Kind::Internal | Kind::Unavailable) {
        return Err(error);
    }
    let form = Form::keep(fields).refused(ctx, &error, &KNOWN, None);
    let mut response = show(ctx, visitor, mode, form, fields.get("next")).await?;
    *response.status_mut() = error.kind.status();
    Ok(response)
}

/// Пропуск — в печенье, человек — туда, откуда пришёл. Корзину гостя его корзина примет на следующей странице.
fn welcome(ctx: &Ctx, session: SessionOut, next: &str) -> Result<Response> {
    let mut response = see(local(next));
    set_session(ctx, &mut response, &session.access_token, session.expires_in)?;
    Ok(response)
}

pub async fn log_out(ctx: Ctx, visitor: Visitor) -> Result<Response> {
    if let Actor::User(user) = &visitor.actor
        && let Some(device) = user.session
    {
        let user_id = user.id;
        ctx.atomic(&visitor.actor, async move |work: &mut Work| {
            accounts::services::end_session(work, user_id, device).await
        })
        .await?;
    }
    let mut response = see("/");
    set_session(&ctx, &mut response, "", 0)?;
    Ok(response)
}

/// Возвращаем только на свои страницы: чужой адрес в `next` — приманка.
fn local(next: &str) -> &str {
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if own { next } else { "/" }
}
