//! Сборка: маршруты приложений → один `axum::Router`, одна таблица доступа, один документ OpenAPI.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ContactBuilder, Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder,
    SecurityRequirement,
};
use utoipa::{PartialSchema, ToSchema};

use super::problem::ProblemField;
use super::routes::{Route, operations_of};
use super::{Problem, Routes, layers};
use crate::error::Kind;
use crate::{Access, Actor, Ctx, Error};

/// Строка таблицы доступа (`megashop routes`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    pub method: String,
    /// Канонический адрес: `/api/v1/orders/{id}` или корневой.
    pub path: String,
    pub access: Access,
    pub operation: String,
}

/// Собранное приложение HTTP.
pub struct Mounted {
    pub router: Router,
    pub routes: Vec<RouteInfo>,
    pub openapi: OpenApi,
}

/// Основания, под которыми отвечает API; первое — каноническое.
const BASES: [&str; 2] = ["/api/v1", "/api"];

/// Собирает всё. `aliases` — старые адреса систем-предшественниц: `("/register", "/auth/register")`.
pub fn build(ctx: &Ctx, groups: Vec<Routes>, aliases: &[(&str, &str)]) -> Mounted {
    let openapi = openapi(&groups);
    let mut routes = Vec::new();
    let mut router = Router::new();
    for group in groups {
        for route in group.routes {
            routes.extend(describe(&route));
            let guarded = guard_route(&route);
            for path in addresses(&route, aliases) {
                router = router.route(&path, guarded.clone());
            }
        }
    }
    let router = router
        .fallback(|| async { Error::new(Kind::NotFound, "request.unknown_route") })
        .method_not_allowed_fallback(|| async { Error::new(Kind::MethodNotAllowed, "request.method_not_allowed") });
    Mounted { router: layers::wrap(ctx, router), routes, openapi }
}

fn describe(route: &Route) -> Vec<RouteInfo> {
    let path = if route.root { route.path.clone() } else { format!("{}{}", BASES[0], route.path) };
    let row = |(method, operation): &(String, String)| RouteInfo {
        method: method.clone(),
        path: path.clone(),
        access: route.access,
        operation: operation.clone(),
    };
    route.operations.iter().map(row).collect()
}

/// Все адреса маршрута: основания × слэш на конце, и старые имена.
fn addresses(route: &Route, aliases: &[(&str, &str)]) -> Vec<String> {
    if route.root {
        return slash_twins(&route.path);
    }
    let canonical = route.path.trim_end_matches('/');
    let old = aliases.iter().filter(|(_, new)| new.trim_end_matches('/') == canonical).map(|(old, _)| *old);
    let names: Vec<&str> = std::iter::once(route.path.as_str()).chain(old).collect();
    BASES.iter().flat_map(|base| names.iter().flat_map(move |name| slash_twins(&format!("{base}{name}")))).collect()
}

fn slash_twins(path: &str) -> Vec<String> {
    let bare = path.trim_end_matches('/');
    if bare.is_empty() || bare.contains("{*") {
        return vec![path.to_owned()];
    }
    vec![bare.to_owned(), format!("{bare}/")]
}

/// Что проверяет страж: доступ и незнакомые параметры.
struct Guard {
    access: Access,
    query: Option<Vec<String>>,
}

fn guard_route(route: &Route) -> axum::routing::MethodRouter {
    let query = (!route.lenient).then(|| route.query.clone());
    let guard = Arc::new(Guard { access: route.access, query });
    let guarded = route.router.clone().layer(from_fn_with_state(guard, guard_request));
    route.outside.map_or(guarded.clone(), |layer| layer(guarded))
}

async fn guard_request(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&guard, &parts).await {
        Ok(actor) => {
            parts.extensions.insert(actor);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => error.into_response(),
    }
}

async fn admit(guard: &Guard, parts: &Parts) -> crate::Result<Actor> {
    let actor = match guard.access {
        Access::Public => Actor::Anonymous,
        _ => authenticate(parts).await?,
    };
    guard.access.check(&actor)?;
    if let (Some(known), Some(query)) = (&guard.query, parts.uri.query()) {
        refuse_unknown(known, query)?;
    }
    Ok(actor)
}

async fn authenticate(parts: &Parts) -> crate::Result<Actor> {
    let Some(ctx) = parts.extensions.get::<Ctx>() else {
        return Err(Error::internal(anyhow::anyhow!("no Ctx in the request")));
    };
    match &ctx.shared().authenticator {
        Some(authenticator) => authenticator.authenticate(ctx, &parts.headers).await,
        None => Ok(Actor::Anonymous),
    }
}

/// Незнакомый параметр — ошибка: опечатка в фильтре не должна молча вернуть весь список.
fn refuse_unknown(known: &[String], query: &str) -> crate::Result<()> {
    for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
        if !known.iter().any(|k| *k == name) {
            return Err(Error::invalid(&name, "unknown"));
        }
    }
    Ok(())
}

/// Документ OpenAPI 3.1 из объявленного приложениями.
pub fn openapi(groups: &[Routes]) -> OpenApi {
    let mut schemas: Vec<(String, RefOr<utoipa::openapi::schema::Schema>)> = vec![
        (Problem::name().into_owned(), Problem::schema()),
        (ProblemField::name().into_owned(), ProblemField::schema()),
        (crate::Money::name().into_owned(), crate::Money::schema()),
    ];
    let mut paths = utoipa::openapi::path::Paths::new();
    for group in groups {
        for route in &group.routes {
            schemas.extend(route.schemas.iter().cloned());
            add_paths(&mut paths, route, group.tag);
        }
    }
    schemas.sort_by(|a, b| a.0.cmp(&b.0));
    debug_assert_eq!(two_of_one_name(&schemas), None, "different schemas share a name: add #[schema(as = …)] to one");
    let mut components = Components::new();
    components.schemas.extend(schemas);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let info = InfoBuilder::new()
        .title("Megashop")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Магазин, предзаказы, кампании, курсы и бонусы — один API."))
        .contact(Some(ContactBuilder::new().name(Some("Megashop")).build()));
    let tags = groups.iter().filter(|g| !g.routes.is_empty()).map(|g| TagBuilder::new().name(g.tag).build());
    OpenApiBuilder::new().info(info.build()).paths(paths).components(Some(components)).tags(Some(tags)).build()
}

/// Имя, под которым два приложения описали разное: в документе осталось бы одно описание, и клиенту солгали бы о другом.
fn two_of_one_name(sorted: &[(String, RefOr<utoipa::openapi::schema::Schema>)]) -> Option<&str> {
    sorted.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1).map(|pair| pair[0].0.as_str())
}

fn add_paths(paths: &mut utoipa::openapi::path::Paths, route: &Route, tag: &str) {
    for (path, item) in &route.paths.paths {
        let full = if route.root { path.clone() } else { format!("{}{path}", BASES[0]) };
        let mut item = item.clone();
        let methods: Vec<&'static str> = operations_of(&item).into_iter().map(|(method, _)| method).collect();
        for method in methods {
            let operation = match method {
                "GET" => &mut item.get,
                "POST" => &mut item.post,
                "PUT" => &mut item.put,
                "PATCH" => &mut item.patch,
                _ => &mut item.delete,
            };
            if let Some(operation) = operation {
                finish_operation(operation, route.access, tag);
            }
        }
        match paths.paths.get_mut(&full) {
            Some(existing) => existing.merge_operations(item),
            None => {
                paths.paths.insert(full, item);
            }
        }
    }
}

/// Раздел, доступ и общие ответы об ошибках — одинаково у всех операций.
fn finish_operation(operation: &mut utoipa::openapi::path::Operation, access: Access, tag: &str) {
    operation.tags = Some(vec![tag.to_owned()]);
    let bearer = || SecurityRequirement::new::<_, [&str; 0], &str>("bearer", []);
    operation.security = Some(match access {
        Access::Public => vec![SecurityRequirement::default()],
        Access::Visitor => vec![SecurityRequirement::default(), bearer()],
        _ => vec![bearer()],
    });
    let mut common = vec![("default", "Отказ: код в поле code, слова в detail")];
    if access != Access::Public {
        common.push(("401", "Нет действующего пропуска"));
    }
    if matches!(access, Access::Staff(_) | Access::Admin) {
        common.push(("403", "Нет права"));
    }
    for (status, text) in common {
        let content = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
        let response = ResponseBuilder::new().description(text).content("application/problem+json", content).build();
        operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
    }
}
