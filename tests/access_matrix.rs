//! Каждый маршрут × каждый вызывающий — против таблицы `access_matrix.txt`. Новый маршрут не пройдёт, пока его строка не записана:
//! `cargo xtask snapshots` перепишет таблицу, а правку увидит рецензент.

use accounts::factories;
use http::{HeaderValue, Method};
use kernel::http::RouteInfo;
use kernel::{Access, Permission};
use megashop::apps;
use megashop_files::{Storage, StorageConfig};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use testkit::{Client, TestApp};

use crate::snapshot::assert_current;

/// Право, которого не требует ни один маршрут.
const UNRELATED: Permission = Permission::new("tests.unrelated", "Постороннее");

struct Callers {
    anonymous: Client,
    customer: Client,
    other: Client,
    without: Client,
    admin: Client,
}

#[tokio::test]
async fn every_route_admits_exactly_whom_the_table_says() {
    let app = TestApp::new(apps::all()).await;
    app.ctx.provide(Storage::open(&StorageConfig::Memory).expect("storage"));
    let callers = Callers {
        anonymous: app.anon(),
        customer: app.anon().bearer(&factories::customer(&app.ctx).await.token),
        other: app.anon().bearer(&factories::customer(&app.ctx).await.token),
        without: app.anon().bearer(&factories::staff(&app.ctx, &[UNRELATED]).await.token),
        admin: app.anon().bearer(&factories::admin(&app.ctx).await.token),
    };
    let mut routes: Vec<RouteInfo> = app.routes.clone();
    routes.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    let mut table = String::from(
        "# метод  адрес  доступ  | аноним  покупатель  другой покупатель  сотрудник без права  с правом  администратор\n",
    );
    for route in &routes {
        table.push_str(&row(&app, &callers, route).await);
    }
    // Разрешённые вызовы могли поставить задачи; их исход проверяют тесты приложений.
    while app.run_jobs().await > 0 {}
    app.close().await;
    assert_current("tests/access_matrix.txt", &table);
}

async fn row(app: &TestApp, callers: &Callers, route: &RouteInfo) -> String {
    let with = match route.access {
        Access::Staff(permission) => Some(app.anon().bearer(&factories::staff(&app.ctx, &[permission]).await.token)),
        _ => None,
    };
    let cells = [
        visit(app, &callers.anonymous, route).await,
        visit(app, &callers.customer, route).await,
        visit(app, &callers.other, route).await,
        visit(app, &callers.without, route).await,
        match &with {
            Some(client) => visit(app, client, route).await,
            None => "-",
        },
        visit(app, &callers.admin, route).await,
    ];
    let expected = expectation(route);
    assert_eq!(cells, expected, "{} {} ({})", route.method, route.path, route.access.label());
    format!("{:<7} {:<62} {:<36} | {}\n", route.method, route.path, route.access.label(), cells.join(" "))
}

fn expectation(route: &RouteInfo) -> [&'static str; 6] {
    // Гость оформляет заказ, только назвавшись; бедное тело никого не называет.
    if route.operation == "create_order" {
        return ["401", "pass", "pass", "pass", "-", "pass"];
    }
    match route.access {
        Access::Public | Access::Visitor => ["pass", "pass", "pass", "pass", "-", "pass"],
        Access::Customer => ["401", "pass", "pass", "pass", "-", "pass"],
        Access::Staff(_) => ["401", "403", "403", "403", "pass", "pass"],
        Access::Admin => ["401", "403", "403", "403", "-", "pass"],
    }
}

/// Зовёт маршрут с заведомо бедным телом. Отказ по доступу обязан не изменить в базе ничего.
async fn visit(app: &TestApp, client: &Client, route: &RouteInfo) -> &'static str {
    // Удаление себя и выход закончили бы сеанс, которым ходит весь тест.
    if matches!(route.operation.as_str(), "delete_me" | "log_out") && client_is_known(client) {
        return "pass";
    }
    let before = fingerprint(app).await;
    let answer =
        client.send(route.method.parse::<Method>().expect("method"), &concrete(&route.path), body(&route.method)).await;
    // Отказ самого дела (400, 404, 422…) — это уже «пустили»; 401 и 403 без права — нет.
    let code = serde_json::from_slice::<serde_json::Value>(&answer.body)
        .ok()
        .and_then(|b| b["code"].as_str().map(str::to_owned));
    let denied = matches!(code.as_deref(), Some("auth.unauthorized" | "auth.forbidden"));
    assert!(
        answer.status < 500 || answer.status == 503,
        "{} {} answered {}: {}",
        route.method,
        route.path,
        answer.status,
        answer.text()
    );
    // У открытых маршрутов 401 — дело самого обработчика (неверный пароль, негодный ключ обновления).
    if !denied || route.access == Access::Public {
        return "pass";
    }
    assert_eq!(before, fingerprint(app).await, "{} {}: a denied call changed the database", route.method, route.path);
    if answer.status == 401 { "401" } else { "403" }
}

/// Тела, какие не разобрать: отказ по доступу обязан их опередить.
const MALFORMED: [(&str, &str); 4] = [
    ("application/json", "{"),
    ("application/json", "[]"),
    ("application/json", r#"{"unknown_field": 1}"#),
    ("text/plain", "hello"),
];

#[tokio::test]
async fn a_pass_is_asked_before_the_body_is_read() {
    let app = TestApp::new(apps::all()).await;
    app.ctx.provide(Storage::open(&StorageConfig::Memory).expect("storage"));
    let customer = app.anon().bearer(&factories::customer(&app.ctx).await.token);
    let forged = app.anon().bearer("forged");
    for route in app.routes.iter().filter(|route| body(&route.method).is_some()) {
        // Гость оформляет заказ, только назвавшись, а из такого тела не узнать, кто он.
        let asks = !matches!(route.access, Access::Public | Access::Visitor) || route.operation == "create_order";
        let rights = matches!(route.access, Access::Staff(_) | Access::Admin);
        for malformed in MALFORMED {
            if asks {
                assert_eq!(sent(&app.anon(), route, malformed).await, 401, "{route:?} {malformed:?}");
            }
            if route.access != Access::Public {
                assert_eq!(sent(&forged, route, malformed).await, 401, "{route:?} {malformed:?}");
            }
            if rights {
                assert_eq!(sent(&customer, route, malformed).await, 403, "{route:?} {malformed:?}");
            }
        }
    }
    app.close().await;
}

async fn sent(client: &Client, route: &RouteInfo, (kind, text): (&'static str, &'static str)) -> u16 {
    let method = route.method.parse::<Method>().expect("method");
    client.raw(method, &concrete(&route.path), Some(HeaderValue::from_static(kind)), text.into()).await.status
}

fn client_is_known(client: &Client) -> bool {
    client.has_header("authorization")
}

fn concrete(path: &str) -> String {
    let mut out = String::new();
    for part in path.split('/').skip(1) {
        out.push('/');
        out.push_str(match part.starts_with('{') {
            true if part.contains("token") || part.contains("public") || part.contains("slug") => {
                "00000000-0000-7000-8000-000000000000"
            }
            true => "999999",
            false => part,
        });
    }
    out
}

fn body(method: &str) -> Option<serde_json::Value> {
    matches!(method, "POST" | "PUT" | "PATCH").then(|| json!({}))
}

/// Число строк каждой таблицы: отказ не должен оставить следа.
async fn fingerprint(app: &TestApp) -> Vec<(String, i64)> {
    let db = app.ctx.db_fresh();
    let mut counts = Vec::new();
    for table in &app.tables {
        let sql = format!("SELECT COUNT(*) AS n FROM {}", table.name);
        let row = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
            .await
            .expect("count")
            .expect("row");
        counts.push((table.name.clone(), row.try_get::<i64>("", "n").expect("n")));
    }
    counts
}
