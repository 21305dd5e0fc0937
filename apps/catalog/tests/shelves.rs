//! Разделы, бренды, характеристики.

use serde_json::json;

use crate::support::{add, id_of, shop, staff};

#[tokio::test]
async fn branch_moves_whole_and_never_into_itself() {
    let app = shop().await;
    let boss = staff(&app);
    let make = async |name: &str, parent: Option<i64>| {
        id_of(&boss.post("/api/v1/categories/", json!({"name": name, "parent_id": parent})).await.expect(201).json())
    };
    let root = make("Мебель", None).await;
    let soft = make("Мягкая", Some(root)).await;
    let sofas = make("Диваны", Some(soft)).await;
    let other = make("Склад", None).await;
    for target in [root, soft, sofas] {
        let moved = boss.patch(&format!("/api/v1/categories/{root}"), json!({"parent_id": target})).await;
        moved.refused(400, "catalog.category_cycle");
    }
    boss.patch(&format!("/api/v1/categories/{soft}"), json!({"parent_id": other})).await.expect(200);
    let tree = app.anon().get("/api/v1/categories/tree").await.expect(200).json();
    assert_eq!(tree["categories"][1]["children"][0]["children"][0]["slug"], "divany");
    assert_eq!(tree["categories"][0]["children"], json!([]));
    boss.patch(&format!("/api/v1/categories/{soft}"), json!({"parent_id": null})).await.expect(200);
    boss.patch(&format!("/api/v1/categories/{soft}"), json!({"parent_id": 999})).await.invalid("parent_id");
    let list = app.anon().get("/api/v1/categories/").await.json();
    let order: Vec<&str> =
        list["categories"].as_array().expect("list").iter().filter_map(|c| c["slug"].as_str()).collect();
    assert_eq!(order, ["mebel", "miagkaia", "divany", "sklad"]);
    app.close().await;
}

#[tokio::test]
async fn opposite_moves_at_once_make_no_circle() {
    let app = shop().await;
    let boss = staff(&app);
    let make =
        async |name: &str| id_of(&boss.post("/api/v1/categories/", json!({"name": name})).await.expect(201).json());
    let (a, b) = (make("Левая").await, make("Правая").await);
    let paths = [a, b].map(|id| format!("/api/v1/categories/{id}"));
    let (first, second) =
        futures::join!(boss.patch(&paths[0], json!({"parent_id": b})), boss.patch(&paths[1], json!({"parent_id": a})),);
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    app.close().await;
}

#[tokio::test]
async fn hidden_branch_is_hidden_from_the_public() {
    let app = shop().await;
    let boss = staff(&app);
    let root = boss.post("/api/v1/categories/", json!({"name": "Склад", "is_visible": false})).await.expect(201).json();
    let inner = json!({"name": "Полка", "parent_id": root["id"]});
    let inner = boss.post("/api/v1/categories/", inner).await.expect(201).json();
    assert_eq!(app.anon().get("/api/v1/categories/").await.json()["total"], 0);
    app.anon().get(&format!("/api/v1/categories/{}", inner["id"])).await.refused(404, "catalog.category_not_found");
    app.anon().get("/api/v1/categories/by-slug/polka").await.expect(404);
    assert_eq!(boss.get("/api/v1/categories/").await.json()["total"], 2);
    app.close().await;
}

#[tokio::test]
async fn shelves_in_use_are_not_deleted() {
    let app = shop().await;
    let boss = staff(&app);
    let shelf = boss.post("/api/v1/categories/", json!({"name": "Свет"})).await.expect(201).json();
    let brand = boss.post("/api/v1/brands/", json!({"name": "Дуб"})).await.expect(201).json();
    let color = json!({"name": "Цвет", "slug": "color", "kind": "choice", "choices": [{"title": "Красный"}, {"title": "Синий"}]});
    let color = boss.post("/api/v1/attributes/", color).await.expect(201).json();
    assert_eq!(color["choices"][0]["slug"], "krasnyi");
    let made = add(
        &app,
        "S-1",
        json!({"category_id": shelf["id"], "brand_id": brand["id"], "attributes": {"color": "krasnyi"}}),
    )
    .await;
    let paths = [
        (format!("/api/v1/categories/{}", shelf["id"]), "catalog.category_not_empty"),
        (format!("/api/v1/brands/{}", brand["id"]), "catalog.brand_not_empty"),
        (format!("/api/v1/attributes/{}", color["id"]), "catalog.attribute_in_use"),
    ];
    for (path, code) in &paths {
        boss.delete(path).await.refused(400, code);
    }
    let fewer = json!({"choices": [{"title": "Синий"}]});
    boss.patch(&paths[2].0, fewer).await.refused(400, "catalog.attribute_in_use");
    let more = json!({"choices": [{"title": "Алый", "slug": "krasnyi"}, {"title": "Белый"}]});
    let after = boss.patch(&paths[2].0, more).await.expect(200).json();
    assert_eq!(after["choices"].as_array().map(Vec::len), Some(2));
    let seen = app.anon().get(&format!("/api/v1/products/{}", id_of(&made))).await.json();
    assert_eq!(seen["attributes"][0]["values"][0]["title"], "Алый");
    boss.delete(&format!("/api/v1/products/{}", id_of(&made))).await.expect(204);
    for (path, _) in &paths {
        boss.delete(path).await.expect(204);
        boss.delete(path).await.expect(404);
    }
    app.close().await;
}

#[tokio::test]
async fn shelf_bodies_are_checked() {
    let app = shop().await;
    let boss = staff(&app);
    boss.post("/api/v1/categories/", json!({"name": "Свет"})).await.expect(201);
    boss.post("/api/v1/categories/", json!({"name": "Свет"})).await.refused(400, "catalog.slug_taken");
    boss.post("/api/v1/categories/", json!({})).await.invalid("name");
    boss.post("/api/v1/categories/", json!({"name": "Х", "color": 1})).await.invalid("color");
    boss.post("/api/v1/brands/", json!({"name": "Х", "image_url": "data:text/html,x"})).await.invalid("image_url");
    boss.post("/api/v1/attributes/", json!({"name": "Х", "kind": "money"})).await.invalid("kind");
    let bad = json!({"name": "Х", "kind": "text", "choices": [{"title": "а"}]});
    boss.post("/api/v1/attributes/", bad).await.invalid("choices");
    app.close().await;
}
