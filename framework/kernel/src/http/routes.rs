//! Список маршрутов приложения. Маршрут без доступа не добавить: `add(routes!(create_order), Access::Customer)`.

use axum::extract::DefaultBodyLimit;
use axum::routing::MethodRouter;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, ParameterIn, Paths};
use utoipa::openapi::schema::Schema;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::Access;

/// Один адрес с методами, у которых общий доступ.
pub struct Route {
    pub path: String,
    /// Методы и имена операций: `("POST", "create_order")`.
    pub operations: Vec<(String, String)>,
    pub access: Access,
    /// Под `/api/v1` и `/api` или прямо в корне.
    pub root: bool,
    /// Незнакомые параметры запроса не ошибка (старые клиенты).
    pub lenient: bool,
    pub(crate) query: Vec<String>,
    pub(crate) router: MethodRouter,
    pub(crate) outside: Option<fn(MethodRouter) -> MethodRouter>,
    pub(crate) paths: Paths,
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
}

/// Маршруты приложения.
pub struct Routes {
    /// Раздел в OpenAPI, по-русски.
    pub tag: &'static str,
    pub(crate) routes: Vec<Route>,
}

impl Routes {
    pub fn new(tag: &'static str) -> Routes {
        Routes { tag, routes: Vec::new() }
    }

    /// Маршрут API: отвечает под `/api/v1` и `/api`, со слэшем на конце и без.
    pub fn add(mut self, route: UtoipaMethodRouter, access: Access) -> Routes {
        self.routes.push(Route::documented(route, access, false));
        self
    }

    /// Описанный в OpenAPI маршрут прямо в корне (`/health`, шесть вызовов кампаний).
    pub fn add_root(mut self, route: UtoipaMethodRouter, access: Access) -> Routes {
        self.routes.push(Route::documented(route, access, true));
        self
    }

    /// Страница или файл в корне; в OpenAPI не входит.
    pub fn page(mut self, method: &'static str, path: &str, router: MethodRouter, access: Access) -> Routes {
        self.routes.push(Route {
            path: path.to_owned(),
            operations: vec![(method.to_owned(), "page".to_owned())],
            access,
            root: true,
            lenient: true,
            query: Vec::new(),
            router,
            outside: None,
            paths: Paths::new(),
            schemas: Vec::new(),
        });
        self
    }

    /// Слой снаружи стража последнего маршрута: пропуск из печенья, отказ страницей.
    pub fn outside(mut self, layer: fn(MethodRouter) -> MethodRouter) -> Routes {
        if let Some(route) = self.routes.last_mut() {
            route.outside = Some(layer);
        }
        self
    }

    /// Последний добавленный маршрут прощает незнакомые параметры: по старым контрактам клиенты шлют лишнее.
    pub fn lenient(mut self) -> Routes {
        if let Some(route) = self.routes.last_mut() {
            route.lenient = true;
        }
        self
    }

    /// Последний добавленный маршрут принимает тела до `bytes` байт (загрузки).
    pub fn body_limit(mut self, bytes: usize) -> Routes {
        if let Some(route) = self.routes.last_mut() {
            route.router = std::mem::take(&mut route.router).layer(DefaultBodyLimit::max(bytes));
        }
        self
    }
}

impl Route {
    #[expect(clippy::expect_used, reason = "routes! всегда даёт хотя бы один путь; видно при старте")]
    fn documented((schemas, paths, router): UtoipaMethodRouter, access: Access, root: bool) -> Route {
        let (path, item) = paths.paths.iter().next().expect("routes! gives a path");
        let mut operations = Vec::new();
        let mut query = Vec::new();
        for (method, operation) in operations_of(item) {
            operations.push((method.to_owned(), operation.operation_id.clone().unwrap_or_default()));
            for parameter in operation.parameters.iter().flatten() {
                if let RefOr::T(parameter) = parameter
                    && parameter.parameter_in == ParameterIn::Query
                {
                    query.push(parameter.name.clone());
                }
            }
        }
        Route {
            path: path.clone(),
            operations,
            access,
            root,
            lenient: false,
            query,
            router,
            outside: None,
            paths,
            schemas,
        }
    }
}

/// Операции пути вместе с методами.
pub(crate) fn operations_of(item: &utoipa::openapi::path::PathItem) -> Vec<(&'static str, &Operation)> {
    let all = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| operation.as_ref().map(|o| (method, o))).collect()
}
