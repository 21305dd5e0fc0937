//! Отбор, порядок, листание.

use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::TestApp;

use crate::support::{add, articles, id_of, listed, shop, staff};

async fn category(app: &TestApp, name: &str, parent: Option<i64>) -> i64 {
    let body = json!({"name": name, "parent_id": parent});
    id_of(&staff(app).post("/api/v1/categories/", body).await.expect(201).json())
}

#[tokio::test]
async fn category_filter_includes_children() {
    let app = shop().await;
    let root = category(&app, "Мебель", None).await;
    let tables = category(&app, "Столы", Some(root)).await;
    let desks = category(&app, "Письменные", Some(tables)).await;
    let light = category(&app, "Свет", None).await;
    for (article, id, priority) in [("R", root, 1), ("T", tables, 2), ("D", desks, 3), ("L", light, 4)] {
        add(&app, article, json!({"category_id": id, "priority": priority})).await;
    }
    assert_eq!(listed(&app, "category=mebel").await, ["D", "T", "R"]);
    assert_eq!(listed(&app, &format!("category={tables}")).await, ["D", "T"]);
    assert_eq!(listed(&app, "category=mebel&sort=name&limit=2&page=2").await, ["T"]);
    assert_eq!(listed(&app, "category=net-takogo").await, Vec::<String>::new());
    let page = app.anon().get("/api/v1/products/?category=mebel&limit=2").await.json();
    assert_eq!(page["total"], 3);
    app.close().await;
}

#[tokio::test]
async fn attribute_filter_is_or_inside_and_across() {
    let app = shop().await;
    let color = json!({"name": "Цвет", "slug": "color", "kind": "choice", "is_filterable": true,
        "choices": [{"title": "Красный", "slug": "red"}, {"title": "Синий", "slug": "blue"}]});
    staff(&app).post("/api/v1/attributes/", color).await.expect(201);
    let width = json!({"name": "Ширина", "slug": "width", "kind": "number", "unit": "см", "is_filterable": true});
    staff(&app).post("/api/v1/attributes/", width).await.expect(201);
    let folding = json!({"name": "Складной", "slug": "folding", "kind": "boolean", "is_filterable": true});
    staff(&app).post("/api/v1/attributes/", folding).await.expect(201);
    let hidden = json!({"name": "Партия", "slug": "batch", "kind": "text"});
    staff(&app).post("/api/v1/attributes/", hidden).await.expect(201);
    add(&app, "A", json!({"priority": 3, "attributes": {"color": ["red", "blue"], "width": 60, "folding": true}}))
        .await;
    add(&app, "B", json!({"priority": 2, "attributes": {"color": "blue", "width": 75.5, "folding": false}})).await;
    add(&app, "C", json!({"priority": 1, "attributes": {"color": "red", "width": "90", "batch": "7"}})).await;
    assert_eq!(listed(&app, "attr_color=red").await, ["A", "C"]);
    assert_eq!(listed(&app, "attr_color=red&attr_color=blue").await, ["A", "B", "C"]);
    assert_eq!(listed(&app, "attr_color=red&attr_width=60").await, ["A"]);
    assert_eq!(listed(&app, "attr_width=60..80").await, ["A", "B"]);
    assert_eq!(listed(&app, "attr_width=75.5&attr_width=90..").await, ["B", "C"]);
    assert_eq!(listed(&app, "attr_folding=true").await, ["A"]);
    assert_eq!(listed(&app, "attr_color=green").await, Vec::<String>::new());
    app.anon().get("/api/v1/products/?attr_nosuch=1").await.invalid("attr_nosuch");
    app.anon().get("/api/v1/products/?attr_batch=7").await.invalid("attr_batch");
    app.anon().get("/api/v1/products/?attr_width=wide").await.invalid("attr_width");
    app.close().await;
}

#[tokio::test]
async fn simple_filters_select_what_they_say() {
    let app = shop().await;
    let brand = staff(&app).post("/api/v1/brands/", json!({"name": "Лён и дуб"})).await.expect(201).json();
    add(&app, "A", json!({"price": 100, "brand_id": brand["id"], "is_new": true, "stock_count": 1})).await;
    add(&app, "B", json!({"price": 200.5, "old_price": 300, "is_popular": true})).await;
    add(&app, "C", json!({"price": 300, "order_type": "preorder", "kind": "digital"})).await;
    for (query, expected) in [
        ("brand=len-i-dub", vec!["A"]),
        ("price_min=200.50", vec!["C", "B"]),
        ("price_max=200.49", vec!["A"]),
        ("price_min=150&price_max=250", vec!["B"]),
        ("in_stock=true", vec!["A"]),
        ("in_stock=false", vec!["C", "B"]),
        ("is_new=true", vec!["A"]),
        ("is_popular=true", vec!["B"]),
        ("on_sale=true", vec!["B"]),
        ("order_type=preorder", vec!["C"]),
        ("kind=digital", vec!["C"]),
    ] {
        assert_eq!(listed(&app, query).await, expected, "{query}");
    }
    app.anon().get("/api/v1/products/?sort=cheapest").await.invalid("sort");
    app.anon().get("/api/v1/products/?price_min=abc").await.invalid("price_min");
    app.close().await;
}

#[tokio::test]
async fn stock_of_a_hidden_size_does_not_count() {
    let app = shop().await;
    let made =
        add(&app, "S-1", json!({"sizes": [{"size": "S", "stock_count": 0}, {"size": "M", "stock_count": 5}]})).await;
    assert_eq!(listed(&app, "in_stock=true").await, ["S-1"]);
    let path = format!("/api/v1/products/{}", id_of(&made));
    let after = staff(&app).put(&path, json!({"sizes": ["S"]})).await.expect(200).json();
    assert_eq!((&after["sizes"], &after["stock_count"]), (&json!(["S"]), &json!(0)));
    assert_eq!(listed(&app, "in_stock=true").await, Vec::<String>::new());
    app.close().await;
}

#[tokio::test]
async fn search_finds_word_beginnings_and_articles() {
    let app = shop().await;
    add(&app, "ST-10", json!({"name": "Стол обеденный «Ёлка»", "priority": 2})).await;
    add(&app, "ST-20", json!({"name": "Настольная лампа 100%", "priority": 1})).await;
    for (query, expected) in [
        ("СТОЛ", vec!["ST-10"]),
        ("обед", vec!["ST-10"]),
        ("«елк", vec!["ST-10"]),
        ("лампа настол", vec!["ST-20"]),
        ("st-", vec!["ST-10", "ST-20"]),
        ("100%", vec!["ST-20"]),
        ("%", vec![]),
        ("_", vec![]),
        ("ольная", vec![]),
    ] {
        let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert_eq!(listed(&app, &format!("search={query}")).await, expected, "{query}");
    }
    app.close().await;
}

#[tokio::test]
async fn every_sort_orders_and_breaks_ties_by_id() {
    let app = shop().await;
    for (article, name, price, priority) in
        [("A", "яблоко", 300, 1), ("B", "Арбуз", 100, 5), ("C", "Ёж", 300, 5), ("D", "ель", 200, 0)]
    {
        app.advance(TimeDelta::seconds(1));
        add(&app, article, json!({"name": name, "price": price, "priority": priority})).await;
    }
    for (sort, expected) in [
        ("priority", ["C", "B", "A", "D"]),
        ("price", ["B", "D", "A", "C"]),
        ("-price", ["C", "A", "D", "B"]),
        ("name", ["B", "C", "D", "A"]),
        ("-name", ["A", "D", "C", "B"]),
        ("created_at", ["A", "B", "C", "D"]),
        ("-created_at", ["D", "C", "B", "A"]),
        ("popularity", ["D", "C", "B", "A"]),
    ] {
        assert_eq!(listed(&app, &format!("sort={sort}")).await, expected, "{sort}");
        assert_eq!(by_cursor(&app, &format!("sort={sort}&limit=1")).await, expected, "{sort} by cursor");
    }
    app.close().await;
}

/// Весь список по указателям.
async fn by_cursor(app: &TestApp, query: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let tail = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = app.anon().get(&format!("/api/v1/products/?{query}{tail}")).await.expect(200).json();
        out.extend(articles(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return out,
        }
    }
}

#[tokio::test]
async fn cursor_walks_branches_without_gaps_or_repeats() {
    let app = shop().await;
    let root = category(&app, "Мебель", None).await;
    let left = category(&app, "Столы", Some(root)).await;
    let right = category(&app, "Стулья", Some(root)).await;
    for n in 0..9 {
        let shelf = [root, left, right][n % 3];
        add(&app, &format!("N-{n}"), json!({"category_id": shelf, "price": 100 + n / 4})).await;
    }
    let all = listed(&app, "category=mebel&sort=price&limit=100").await;
    assert_eq!(all.len(), 9);
    assert_eq!(by_cursor(&app, "category=mebel&sort=price&limit=2").await, all);
    let page = app.anon().get("/api/v1/products/?sort=price&limit=2").await.json();
    let cursor = page["next_cursor"].as_str().expect("cursor");
    app.anon().get(&format!("/api/v1/products/?sort=name&cursor={cursor}")).await.invalid("cursor");
    app.anon().get("/api/v1/products/?cursor=%21%21").await.invalid("cursor");
    app.close().await;
}

#[tokio::test]
async fn public_never_sees_hidden_goods() {
    let app = shop().await;
    let now = app.ctx.now();
    let later = (now + TimeDelta::hours(1)).to_rfc3339();
    let earlier = (now - TimeDelta::hours(1)).to_rfc3339();
    add(&app, "SEEN", json!({"published_from": earlier, "published_until": later})).await;
    let hidden = add(&app, "OFF", json!({"is_active": false})).await;
    let soon = add(&app, "SOON", json!({"published_from": later})).await;
    add(&app, "OVER", json!({"published_until": earlier})).await;
    for query in ["", "is_active=false", "is_archived=true", "is_active=true"] {
        let seen = listed(&app, query).await;
        assert!(seen.is_empty() || seen == ["SEEN"], "{query}: {seen:?}");
    }
    for product in [&hidden, &soon] {
        let id = id_of(product);
        app.anon().get(&format!("/api/v1/products/{id}")).await.refused(404, "catalog.product_not_found");
        app.anon().get(&format!("/api/v1/products/{id}/variants")).await.refused(404, "catalog.product_not_found");
        app.anon().get(&format!("/api/v1/products/{id}/similar")).await.refused(404, "catalog.product_not_found");
    }
    let slug = hidden["slug"].as_str().expect("slug");
    app.anon().get(&format!("/api/v1/products/by-slug/{slug}")).await.expect(404);
    assert_eq!(articles(&staff(&app).get("/api/v1/products/?is_active=false").await.json()), ["OFF"]);
    assert_eq!(staff(&app).get("/api/v1/products/").await.json()["total"], 4);
    // Час спустя окно одного закрылось, другого открылось.
    app.advance(TimeDelta::minutes(61));
    assert_eq!(listed(&app, "").await, ["SOON"]);
    app.close().await;
}

#[tokio::test]
async fn total_is_right_when_the_list_is_long() {
    let app = shop().await;
    let rows: Vec<Value> =
        (0..400).map(|n| json!({"name": format!("Товар {n}"), "article": format!("X-{n}"), "price": 10})).collect();
    for part in 0..3 {
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| {
                let mut row = row.clone();
                row["article"] = json!(format!("{}-{part}", row["article"].as_str().unwrap_or_default()));
                row
            })
            .collect();
        let done = staff(&app).post("/api/v1/products/bulk", json!({"products": rows})).await.expect(200).json();
        assert_eq!(done["created"], 400);
    }
    let page = app.anon().get("/api/v1/products/?limit=10").await.json();
    assert_eq!(page["total"], 1200);
    let last = app.anon().get("/api/v1/products/?limit=100&page=12").await.json();
    assert_eq!((&last["total"], last["products"].as_array().map(Vec::len)), (&json!(1200), Some(100)));
    assert_eq!(last["next_cursor"], json!(null));
    app.close().await;
}
