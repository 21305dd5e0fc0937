//! Вход и выход. Кто вошёл, решает приложение людей; перебор паролей останавливает оно же.

use axum::response::Response;
use http::Uri;
use kernel::texts::describe;
use kernel::{Actor, Ctx, Error, Kind, Result};
use serde::Serialize;

use super::{Headers, see};
use crate::declare::{Entry, People};
use crate::input::Form;
use crate::query::Query;
use crate::render::{self, Page};
use crate::session::{check_csrf, local, set_pass, with_status};

#[derive(Serialize)]
struct View<'a> {
    login: &'a str,
    next: &'a str,
    /// Билет второго шага: пароль уже верен, спрашивается код.
    ticket: &'a str,
    problem: Option<String>,
}

pub(super) async fn show(ctx: Ctx, uri: Uri) -> super::Page {
    let query = Query::of(&uri);
    let next = local(query.get("next").unwrap_or_default());
    page(&ctx, &View { login: "", next, ticket: "", problem: None })
}

fn page(ctx: &Ctx, view: &View<'_>) -> Result<Response> {
    let title = ctx.texts().get(ctx.lang(), "admin.log_in", &());
    render::html(ctx, &Actor::Anonymous, "login.html", Page::new(&title), view)
}

/// Приложение людей, если оно есть.
pub(super) fn people(ctx: &Ctx) -> Result<People> {
    let found = ctx.declared::<People>().first().map(|people| **people);
    found.ok_or_else(|| Error::not_found("admin.no_people"))
}

pub(super) async fn log_in(ctx: Ctx, headers: Headers, form: Form) -> super::Page {
    let (login, next) = (form.get("login").to_owned(), local(form.get("next")).to_owned());
    let ticket = form.get("ticket").to_owned();
    let people = people(&ctx)?;
    let entry = if ticket.is_empty() {
        let password = form.fields.get("password").and_then(|all| all.last()).cloned().unwrap_or_default();
        (people.log_in)(&ctx, headers, login.clone(), password).await
    } else {
        (people.confirm)(&ctx, headers, ticket.clone(), form.get("code").to_owned()).await.map(Entry::In)
    };
    match entry {
        Ok(Entry::In(pass)) => {
            let mut response = see(pass.first.unwrap_or(&next));
            set_pass(&ctx, &mut response, Some(&pass))?;
            Ok(response)
        }
        Ok(Entry::Code(ticket)) => page(&ctx, &View { login: &login, next: &next, ticket: &ticket, problem: None }),
        Err(error) if matches!(error.kind, Kind::Internal | Kind::Unavailable) => Err(error),
        Err(error) => {
            let (detail, fields) = describe(ctx.texts(), ctx.lang(), &error);
            let problem = fields.first().and_then(|field| field["message"].as_str()).map_or(detail, str::to_owned);
            let view = View { login: &login, next: &next, ticket: &ticket, problem: Some(problem) };
            Ok(with_status(page(&ctx, &view)?, error.kind.status()))
        }
    }
}

pub(super) async fn log_out(ctx: Ctx, actor: Actor, form: Form) -> super::Page {
    check_csrf(&ctx, &actor, &form)?;
    (people(&ctx)?.log_out)(&ctx, &actor).await?;
    let mut response = see("/admin/login");
    set_pass(&ctx, &mut response, None)?;
    Ok(response)
}
