//! Промокоды: справочник администратора, проверка, скидка в заказе.

use serde_json::{Value, json};
use testkit::Client;

use super::{add, admin, buyer, close, has, in_russian, list, shop};

const CODES: &str = "/api/v1/promo-codes/";
const PROMO: &[&str] = &[
    "id",
    "code",
    "description",
    "discount_percent",
    "discount_amount",
    "max_uses",
    "current_uses",
    "valid_from",
    "valid_until",
    "is_active",
    "created_at",
    "updated_at",
];

async fn make(boss: &Client, body: Value) -> Value {
    boss.post(CODES, body).await.expect(201).json()
}

#[tokio::test]
async fn post_promo_codes() {
    let app = shop().await;
    let boss = admin(&app).await;
    let made = make(&boss, json!({"code": "LETO", "description": "Лето", "discount_percent": 10, "max_uses": 5})).await;
    has(&made, PROMO);
    assert_eq!(
        (&made["current_uses"], &made["is_active"], &made["discount_amount"]),
        (&json!(0), &json!(true), &json!(0))
    );
    let post = async |body: Value| boss.post(CODES, body).await;
    in_russian(&post(json!({"code": "leto", "discount_percent": 5})).await.refused(400, "promos.code_taken"));
    for (field, value) in [
        ("discount_percent", json!(101)),
        ("discount_percent", json!(-1)),
        ("discount_amount", json!(-1)),
        ("max_uses", json!(0)),
        ("code", json!("x".repeat(51))),
        ("valid_from", json!("завтра")),
    ] {
        let mut body = json!({"code": "NEW", "discount_percent": 5});
        body[field] = value;
        post(body).await.invalid(field);
    }
    close(app).await;
}

/// Отличие второе: у списка есть `total`; выключенный остаётся в нём.
#[tokio::test]
async fn get_put_delete_promo_codes() {
    let app = shop().await;
    let boss = admin(&app).await;
    let made = make(&boss, json!({"code": "LETO", "discount_percent": 10})).await;
    for n in 0..11 {
        make(&boss, json!({"code": format!("N{n}"), "discount_amount": 100})).await;
    }
    let all = boss.get(CODES).await.expect(200).json();
    assert_eq!((list(&all, "promo_codes").len(), &all["total"]), (12, &json!(12)), "a hundred by default");
    has(&all["promo_codes"][0], PROMO);
    let page = boss.get(&format!("{CODES}?skip=10&limit=10")).await.expect(200).json();
    assert_eq!(list(&page, "promo_codes").len(), 2);
    let path = format!("{CODES}{}", made["id"]);
    has(&boss.get(&path).await.expect(200).json(), PROMO);
    let changed = boss.put(&path, json!({"discount_percent": 15, "max_uses": null})).await.expect(200).json();
    assert_eq!((&changed["discount_percent"], &changed["code"]), (&json!(15), &json!("LETO")));
    boss.delete(&path).await.expect(204);
    assert_eq!(boss.get(&path).await.expect(200).json()["is_active"], false);
    for answer in [
        boss.get(&format!("{CODES}999999")).await,
        boss.put(&format!("{CODES}999999"), json!({"discount_percent": 1})).await,
        boss.delete(&format!("{CODES}999999")).await,
    ] {
        in_russian(&answer.refused(404, "promos.not_found"));
    }
    close(app).await;
}

/// Всегда 200; о негодном — только почему.
#[tokio::test]
async fn post_promo_codes_validate() {
    let app = shop().await;
    let boss = admin(&app).await;
    let (hoodie, hat) = (add(&boss, "C-1", json!({})).await, add(&boss, "C-2", json!({})).await);
    make(&boss, json!({"code": "ALL", "discount_amount": 300})).await;
    make(&boss, json!({"code": "HOODIE", "discount_percent": 10, "product_ids": [hoodie["id"]]})).await;
    make(&boss, json!({"code": "GONE", "discount_percent": 10, "valid_until": "2026-03-01T00:00:00"})).await;
    let check = async |code: &str, ids: Value| {
        let body = json!({"code": code, "product_ids": ids});
        app.anon().post("/api/v1/promo-codes/validate", body).await.expect(200).json()
    };
    let good = check("all", json!([])).await;
    let expected =
        json!({"is_valid": true, "message": "Промокод действителен", "discount_percent": 0, "discount_amount": 300});
    assert_eq!(good, expected);
    assert_eq!(check("HOODIE", json!([hat["id"], hoodie["id"]])).await["is_valid"], true, "one is enough");
    let mut words = std::collections::BTreeSet::new();
    for (code, ids) in [("WRONG", json!([])), ("GONE", json!([])), ("HOODIE", json!([hat["id"]]))] {
        let bad = check(code, ids).await;
        assert_eq!(
            (&bad["is_valid"], &bad["discount_percent"], &bad["discount_amount"]),
            (&json!(false), &json!(0), &json!(0))
        );
        words.insert(bad["message"].to_string());
    }
    assert_eq!(words.len(), 3, "each reason has its own words: {words:?}");
    app.anon().post("/api/v1/promo-codes/validate", json!({"code": "ALL"})).await.invalid("product_ids");
    close(app).await;
}

/// Отличия третье и четвёртое: негодный код не даёт заказать, а код «на эти товары» скидывает только с них.
#[tokio::test]
async fn a_code_in_an_order() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let hoodie = add(&boss, "C-1", json!({"price": 1000})).await;
    let hat = add(&boss, "C-2", json!({"price": 500})).await;
    make(&boss, json!({"code": "HOODIE", "discount_percent": 10, "product_ids": [hoodie["id"]]})).await;
    // Названы обе скидки — действует процент.
    let both = make(&boss, json!({"code": "BOTH", "discount_percent": 10, "discount_amount": 1})).await;
    make(&boss, json!({"code": "HUGE", "discount_amount": 100_000})).await;
    let post = async |code: &str| {
        let items = json!([{"product_id": hoodie["id"], "size": "Oki"}, {"product_id": hat["id"], "size": "Oki"}]);
        anna.post("/api/v1/orders/", json!({"items": items, "promo_code": code})).await
    };
    for (code, discount, left) in [("HOODIE", 100, 1400), ("BOTH", 150, 1350), ("HUGE", 1500, 0)] {
        let order = post(code).await.expect(201).json();
        assert_eq!(
            (&order["total_amount"], &order["discount_amount"], &order["final_amount"]),
            (&json!(1500), &json!(discount), &json!(left)),
            "{code}"
        );
    }
    assert_eq!(boss.get(&format!("{CODES}{}", both["id"])).await.json()["current_uses"], 1);
    in_russian(&post("WRONG").await.refused(400, "promos.unknown"));
    boss.put(&format!("{CODES}{}", both["id"]), json!({"max_uses": 1})).await.expect(200);
    in_russian(&post("BOTH").await.refused(400, "promos.used_up"));
    assert_eq!(anna.get("/api/v1/orders/").await.expect(200).json()["total"], 3);
    close(app).await;
}
