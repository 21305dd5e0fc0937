use serde_json::{Value, json};

use crate::shop;

fn courier() -> Value {
    json!({"code": "van", "kind": "courier", "title": "Своя машина", "price": 500, "free_from": 9000.5, "days_min": 1, "days_max": 3,
        "cities": [{"city": "Тула", "price": 700, "free_from": null, "days_min": null, "days_max": null}]})
}

#[tokio::test]
async fn staff_makes_changes_and_deletes_a_method() {
    let app = shop::open().await;
    let staff = shop::staff(&app, "delivery.change_method");
    let made = staff.post("/api/v1/delivery/methods/", courier()).await.expect(201).json();
    assert_eq!(made["cities"][0]["price"], 700);
    assert_eq!(made["free_from"], 9000.5);
    staff.post("/api/v1/delivery/methods/", courier()).await.refused(400, "delivery.code_taken");

    let path = format!("/api/v1/delivery/methods/{}", made["id"]);
    let mut changed = courier();
    changed["cities"] = json!([{"city": "Клин", "price": 1, "free_from": null, "days_min": null, "days_max": null}]);
    changed["is_active"] = json!(false);
    let after = staff.put(&path, changed.clone()).await.expect(200).json();
    assert_eq!(after["cities"].as_array().map(Vec::len), Some(1));
    assert_eq!(after["cities"][0]["city"], "Клин");
    assert_eq!(app.anon().get("/api/v1/delivery/methods/").await.expect(200).json()["total"], 0);
    assert_eq!(
        staff.get("/api/v1/delivery/methods/admin/all").await.expect(200).json()["methods"][0]["is_active"],
        false
    );

    changed["cities"] = json!([{"city": "Орёл", "price": 1}, {"city": "орел ", "price": 2}]);
    staff.put(&path, changed).await.invalid("cities");
    staff.delete(&path).await.expect(204);
    staff.delete(&path).await.refused(404, "delivery.method_not_found");
    staff.put(&path, courier()).await.refused(404, "delivery.method_not_found");
    app.close().await;
}

#[tokio::test]
async fn wrong_methods_are_refused_by_field() {
    let app = shop::open().await;
    let staff = shop::staff(&app, "delivery.change_method");
    for (field, value) in [
        ("price", json!(-1)),
        ("kind", json!("pigeon")),
        ("code", json!("Не код")),
        ("title", json!("")),
        ("days_max", json!(0)),
        ("position", json!(-1)),
        ("wings", json!(2)),
    ] {
        let mut body = courier();
        body[field] = value;
        staff.post("/api/v1/delivery/methods/", body).await.invalid(field);
    }
    assert_eq!(staff.get("/api/v1/delivery/methods/admin/all").await.expect(200).json()["total"], 0);
    app.close().await;
}

#[tokio::test]
async fn staff_keeps_pickup_points() {
    let app = shop::open().await;
    let staff = shop::staff(&app, "delivery.change_pickup_point");
    let body = json!({"code": "ordynka", "title": "Шоурум", "city": "Москва", "address": "Ордынка, 21", "phone": "+74951234567",
        "worktime": ["Пн–Пт 10–21", "Сб 11–19"], "coordinate": [37.62, 55.74]});
    let made = staff.post("/api/v1/delivery/pickup-points/", body.clone()).await.expect(201).json();
    staff.post("/api/v1/delivery/pickup-points/", body.clone()).await.refused(400, "delivery.code_taken");
    let public = app
        .anon()
        .get("/api/v1/delivery/pickup-points/?city=%D0%BC%D0%BE%D1%81%D0%BA%D0%B2%D0%B0")
        .await
        .expect(200)
        .json();
    assert_eq!(public["pickup_points"][0]["worktime"], json!(["Пн–Пт 10–21", "Сб 11–19"]));
    assert_eq!(public["pickup_points"][0]["coordinate"], json!([37.62, 55.74]));
    assert_eq!(app.anon().get("/api/v1/delivery/pickup-points/?city=Tver").await.expect(200).json()["total"], 0);

    let path = format!("/api/v1/delivery/pickup-points/{}", made["id"]);
    let mut closed = body.clone();
    closed["is_active"] = json!(false);
    staff.put(&path, closed).await.expect(200);
    assert_eq!(app.anon().get("/api/v1/delivery/pickup-points/").await.expect(200).json()["total"], 0);
    assert_eq!(staff.get("/api/v1/delivery/pickup-points/admin/all").await.expect(200).json()["total"], 1);
    let mut astray = body;
    astray["coordinate"] = json!([200.0, 55.0]);
    staff.put(&path, astray).await.invalid("coordinate");
    staff.delete(&path).await.expect(204);
    staff.delete(&path).await.refused(404, "delivery.pickup_point_not_found");
    app.close().await;
}

#[tokio::test]
async fn strangers_change_nothing() {
    let app = shop::open().await;
    let wrong = shop::staff(&app, "orders.view_order");
    for path in ["/api/v1/delivery/methods/", "/api/v1/delivery/pickup-points/"] {
        app.anon().post(path, json!({})).await.refused(401, "auth.unauthorized");
        wrong.post(path, json!({})).await.refused(403, "auth.forbidden");
        let one = format!("{path}1");
        app.anon().put(&one, json!({})).await.refused(401, "auth.unauthorized");
        app.anon().delete(&one).await.refused(401, "auth.unauthorized");
        wrong.delete(&one).await.refused(403, "auth.forbidden");
        app.anon().get(&format!("{path}admin/all")).await.refused(401, "auth.unauthorized");
        wrong.get(&format!("{path}admin/all")).await.refused(403, "auth.forbidden");
    }
    app.close().await;
}

#[tokio::test]
async fn models_match_the_tables() {
    let app = shop::open().await;
    app.assert_no_drift().await;
    assert!(app.ctx.texts().unpaired().is_empty(), "{:?}", app.ctx.texts().unpaired());
    app.close().await;
}
