//! То, что обещают манифесты всех приложений разом.

use std::collections::HashSet;

use kernel::texts::Lang;
use megashop::{aliases::ALIASES, apps};
use testkit::TestApp;

async fn shop() -> TestApp {
    TestApp::with_aliases(apps::all(), "", ALIASES).await
}

#[tokio::test]
async fn models_match_the_migrated_schema() {
    let app = shop().await;
    app.assert_no_drift().await;
    app.close().await;
}

#[tokio::test]
async fn every_text_exists_in_both_languages() {
    let app = shop().await;
    assert_eq!(app.ctx.texts().unpaired(), Vec::<String>::new());
    assert!(app.ctx.texts().find(Lang::En, "request.invalid", &()).is_some());
    app.close().await;
}

#[tokio::test]
async fn permissions_and_operations_are_named_once() {
    let app = shop().await;
    let mut seen = HashSet::new();
    for permission in &app.permissions {
        assert!(seen.insert(permission.code), "permission {} is declared twice", permission.code);
    }
    let mut operations = HashSet::new();
    for route in app.routes.iter().filter(|route| route.operation != "page") {
        assert!(operations.insert(route.operation.clone()), "operation id {} is used twice", route.operation);
    }
    app.close().await;
}

#[tokio::test]
async fn each_alias_points_to_a_route() {
    let app = shop().await;
    for (old, new) in ALIASES {
        let target = format!("/api/v1{}", new.trim_end_matches('/'));
        let exists = app.routes.iter().any(|route| route.path.trim_end_matches('/') == target);
        assert!(exists, "alias {old} points to {new}, which does not exist");
        assert_ne!(app.anon().get(&format!("/api{}/", old.replace("{id}", "1"))).await.status, 404, "{old}");
    }
    app.close().await;
}
