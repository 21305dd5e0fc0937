//! Счёт фасетов: свой отбор группы на неё саму не действует.

use serde_json::{Value, json};

use crate::support::{add, id_of, shop, staff};

fn counts(values: &Value, name: &str) -> Vec<(String, u64)> {
    let rows = values.as_array().expect("facet");
    let pair = |row: &Value| (row[name].as_str().expect(name).to_owned(), row["count"].as_u64().expect("count"));
    rows.iter().map(pair).collect()
}

fn pairs(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[tokio::test]
async fn each_group_counts_without_its_own_choice() {
    let app = shop().await;
    let boss = staff(&app);
    let root = id_of(&boss.post("/api/v1/categories/", json!({"name": "Мебель"})).await.expect(201).json());
    let tables =
        id_of(&boss.post("/api/v1/categories/", json!({"name": "Столы", "parent_id": root})).await.expect(201).json());
    let dub = id_of(&boss.post("/api/v1/brands/", json!({"name": "Дуб"})).await.expect(201).json());
    let klen = id_of(&boss.post("/api/v1/brands/", json!({"name": "Клён"})).await.expect(201).json());
    let color = json!({"name": "Цвет", "slug": "color", "kind": "choice", "is_filterable": true,
        "choices": [{"title": "Синий", "slug": "blue"}, {"title": "Красный", "slug": "red"}]});
    boss.post("/api/v1/attributes/", color).await.expect(201);
    let width = json!({"name": "Ширина", "slug": "width", "kind": "number", "is_filterable": true});
    boss.post("/api/v1/attributes/", width).await.expect(201);
    for (article, category, brand, price, color, width, stock) in [
        ("A", root, dub, 100, "red", 100, 1),
        ("B", tables, dub, 200, "blue", 60, 0),
        ("C", tables, klen, 300, "red", 60, 2),
    ] {
        let fields = json!({"category_id": category, "brand_id": brand, "price": price, "stock_count": stock,
            "attributes": {"color": color, "width": width}});
        add(&app, article, fields).await;
    }
    add(&app, "HIDDEN", json!({"is_active": false, "category_id": root, "brand_id": dub})).await;

    let all = app.anon().get("/api/v1/products/facets").await.expect(200).json();
    assert_eq!(all["total"], 3);
    assert_eq!(all["in_stock"], 2);
    assert_eq!(all["price"], json!({"min": 100, "max": 300}));
    assert_eq!(counts(&all["categories"], "slug"), pairs(&[("mebel", 3), ("stoly", 2)]));
    assert_eq!(counts(&all["brands"], "slug"), pairs(&[("dub", 2), ("klen", 1)]));
    assert_eq!(counts(&all["attributes"][0]["values"], "value"), pairs(&[("blue", 1), ("red", 2)]));
    assert_eq!(counts(&all["attributes"][1]["values"], "value"), pairs(&[("60", 2), ("100", 1)]));

    let some =
        app.anon().get("/api/v1/products/facets?attr_color=red&brand=dub&price_max=150").await.expect(200).json();
    assert_eq!(some["total"], 1);
    assert_eq!(some["price"], json!({"min": 100, "max": 100}));
    assert_eq!(counts(&some["brands"], "slug"), pairs(&[("dub", 1)]));
    assert_eq!(counts(&some["attributes"][0]["values"], "value"), pairs(&[("red", 1)]));
    let red = app.anon().get("/api/v1/products/facets?attr_color=red").await.expect(200).json();
    assert_eq!(counts(&red["attributes"][0]["values"], "value"), pairs(&[("blue", 1), ("red", 2)]));
    assert_eq!(counts(&red["attributes"][1]["values"], "value"), pairs(&[("60", 1), ("100", 1)]));
    let branch = app.anon().get("/api/v1/products/facets?category=stoly&in_stock=true").await.expect(200).json();
    assert_eq!((&branch["total"], &branch["in_stock"]), (&json!(1), &json!(1)));
    assert_eq!(counts(&branch["categories"], "slug"), pairs(&[("mebel", 2), ("stoly", 1)]));
    app.anon().get("/api/v1/products/facets?attr_nosuch=1").await.invalid("attr_nosuch");
    app.close().await;
}
