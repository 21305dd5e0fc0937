//! Проверка кода: всегда 200, всегда четыре поля.

use catalog::factories::product;
use catalog::models::product::{OrderType, ProductKind};
use catalog::schemas::CategoryIn;
use chrono::TimeDelta;
use kernel::{Actor, Money, Work};
use promos::factories::{create, promo};
use promos::models::Kind;
use promos::schemas::{Moment, PromoCodeIn};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::shop::{self, CODES, validate};

async fn category(app: &TestApp, name: &str, parent_id: Option<i64>) -> i64 {
    let input = CategoryIn { name: name.to_owned(), parent_id, ..CategoryIn::default() };
    let made = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        catalog::services::shelves::create_category(work, &input).await
    });
    made.await.expect("category").id
}

fn refused(message: &str) -> Value {
    json!({"is_valid": false, "message": message, "discount_percent": 0, "discount_amount": 0})
}

#[tokio::test]
async fn a_valid_code_says_what_it_gives() {
    let app = shop::open().await;
    create(&app.ctx, promo("SALE")).await.expect("made");
    let fixed = PromoCodeIn { discount_percent: None, discount_amount: Some(Money::minor(15_050)), ..promo("FIXED") };
    create(&app.ctx, PromoCodeIn { min_sum: Some(Money::rub(3000)), ..fixed }).await.expect("made");
    let anon = app.anon();
    let good =
        json!({"is_valid": true, "message": "Промокод действителен", "discount_percent": 10, "discount_amount": 0});
    for spelling in ["SALE", "sale", "  SaLe "] {
        assert_eq!(validate(&anon, spelling, &[]).await, good, "{spelling}");
    }
    assert_eq!(
        validate(&anon, "fixed", &[1]).await,
        json!({"is_valid": true, "message": "Промокод действителен при покупке от 3\u{a0}000\u{a0}₽", "discount_percent": 0, "discount_amount": 150.5})
    );
    let english = anon.clone().header("accept-language", "en");
    assert_eq!(validate(&english, "SALE", &[]).await["message"], "The promo code is valid");
    let check = format!("{CODES}validate");
    anon.post(&check, json!({"code": "SALE", "product_ids": [], "user_id": 7})).await.expect(200);
    anon.post(&check, json!({"code": "SALE"})).await.invalid("product_ids");
    anon.post(&check, json!({"product_ids": []})).await.invalid("code");
    anon.bearer("wrong").post(&check, json!({"code": "SALE", "product_ids": []})).await.expect(401);
    app.close().await;
}

#[tokio::test]
async fn a_code_that_will_not_do_says_only_why() {
    let app = shop::open().await;
    let chair = product(&app.ctx).create().await.product.id;
    let lamp = product(&app.ctx).create().await.product.id;
    let at = |hours: i64| Some(Moment((app.ctx.now() + TimeDelta::hours(hours)).naive_utc()));
    for input in [
        PromoCodeIn { is_active: Some(false), ..promo("OFF") },
        PromoCodeIn { valid_from: at(1), ..promo("SOON") },
        PromoCodeIn { valid_until: at(-1), ..promo("GONE") },
        PromoCodeIn { max_uses: Some(1), ..promo("ONCE") },
        PromoCodeIn { product_ids: vec![chair], ..promo("CHAIR") },
    ] {
        create(&app.ctx, input).await.expect("made");
    }
    shop::claim(&app.ctx, "once", shop::guest("+79160000001", "a@example.com"), 1).await.expect("claimed");
    let anon = app.anon();
    for (code, message) in [
        ("WRONG", "Такого промокода нет."),
        ("", "Такого промокода нет."),
        ("OFF", "Промокод не действует."),
        ("SOON", "Промокод не действует."),
        ("GONE", "Срок промокода истёк."),
        ("ONCE", "Промокод больше не действует: его уже использовали."),
        ("CHAIR", "Промокод не действует на эти товары."),
    ] {
        assert_eq!(validate(&anon, code, &[lamp]).await, refused(message), "{code}");
    }
    assert_eq!(validate(&anon, "CHAIR", &[lamp, chair]).await["is_valid"], true, "one of the products is enough");
    assert_eq!(validate(&anon, "CHAIR", &[]).await["is_valid"], false);
    app.close().await;
}

#[tokio::test]
async fn both_ends_of_the_period_belong_to_it() {
    let app = shop::open().await;
    let at = |seconds: i64| Some(Moment((app.ctx.now() + TimeDelta::seconds(seconds)).naive_utc()));
    create(&app.ctx, PromoCodeIn { valid_from: at(10), valid_until: at(20), ..promo("WEEK") }).await.expect("made");
    let start = app.ctx.now();
    for (seconds, is_valid) in [(9, false), (10, true), (15, true), (20, true), (21, false)] {
        app.ctx.clock().freeze(start + TimeDelta::seconds(seconds));
        assert_eq!(validate(&app.anon(), "WEEK", &[]).await["is_valid"], is_valid, "after {seconds} s");
        let claimed = shop::claim(&app.ctx, "WEEK", shop::stranger(seconds), seconds).await;
        assert_eq!(claimed.is_ok(), is_valid, "{seconds}: {claimed:?}");
    }
    app.close().await;
}

#[tokio::test]
async fn a_code_covers_products_sections_with_theirs_and_kinds() {
    let app = shop::open().await;
    let home = category(&app, "Дом", None).await;
    let light = category(&app, "Свет", Some(home)).await;
    let clothes = category(&app, "Одежда", None).await;
    let make = async |category: Option<i64>, kind: ProductKind, order_type: OrderType| {
        let made = product(&app.ctx).with(|input| {
            input.category_id = category;
            input.kind = kind;
            input.order_type = order_type;
        });
        made.create().await.product.id
    };
    let lamp = make(Some(light), ProductKind::Goods, OrderType::Order).await;
    let coat = make(Some(clothes), ProductKind::Goods, OrderType::Order).await;
    let waves = make(Some(clothes), ProductKind::Goods, OrderType::Preorder).await;
    let course = make(None, ProductKind::Course, OrderType::Order).await;
    let all = [("lamp", lamp), ("coat", coat), ("waves", waves), ("course", course)];
    let bound = |code: &str, products: &[i64], categories: &[i64], kinds: &[Kind]| PromoCodeIn {
        product_ids: products.to_vec(),
        category_ids: categories.to_vec(),
        kinds: kinds.to_vec(),
        ..promo(code)
    };
    for (input, covered) in [
        (bound("ALL", &[], &[], &[]), vec!["lamp", "coat", "waves", "course"]),
        (bound("HOME", &[], &[home], &[]), vec!["lamp"]),
        (bound("LIGHT", &[], &[light], &[]), vec!["lamp"]),
        (bound("EITHER", &[course], &[clothes], &[]), vec!["coat", "waves", "course"]),
        (bound("STOCK", &[], &[], &[Kind::Goods]), vec!["lamp", "coat"]),
        (bound("WAVES", &[], &[], &[Kind::Preorder]), vec!["waves"]),
        (bound("BOTH", &[], &[clothes], &[Kind::Goods, Kind::Course]), vec!["coat"]),
        (bound("NONE", &[lamp], &[], &[Kind::Service]), vec![]),
    ] {
        let code = input.code.clone();
        create(&app.ctx, input).await.expect("made");
        let mut found = Vec::new();
        for (name, id) in all {
            if validate(&app.anon(), &code, &[id]).await["is_valid"] == true {
                found.push(name);
            }
        }
        assert_eq!(found, covered, "{code}");
    }
    app.close().await;
}

/// Удалённый товар не превращает код «на него» в код «на всё».
#[tokio::test]
async fn a_code_for_a_deleted_product_covers_nothing() {
    let app = shop::open().await;
    let (gone, other) = (product(&app.ctx).create().await.product.id, product(&app.ctx).create().await.product.id);
    create(&app.ctx, PromoCodeIn { product_ids: vec![gone], ..promo("GONE") }).await.expect("made");
    let deleted = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        catalog::services::delete_product(work, gone).await
    });
    deleted.await.expect("deleted");
    assert_eq!(validate(&app.anon(), "GONE", &[gone, other]).await["is_valid"], false);
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn who_has_used_his_share_is_told_so() {
    let app = shop::open().await;
    let (anna, boris) = (accounts::factories::customer(&app.ctx).await, accounts::factories::customer(&app.ctx).await);
    create(&app.ctx, PromoCodeIn { max_uses_per_customer: Some(1), ..promo("FIRST") }).await.expect("made");
    shop::claim(&app.ctx, "FIRST", shop::user(anna.user_id), 1).await.expect("claimed");
    let anna = app.anon().bearer(&anna.token);
    assert_eq!(validate(&anna, "FIRST", &[]).await, refused("Вы уже использовали этот промокод."));
    assert_eq!(validate(&app.anon().bearer(&boris.token), "FIRST", &[]).await["is_valid"], true);
    assert_eq!(validate(&app.anon(), "FIRST", &[]).await["is_valid"], true);
    app.close().await;
}
