use catalog::factories::product;
use catalog::models::product as products;
use kernel::Money;
use sea_orm::{ActiveModelTrait, ActiveValue::Unchanged, Set};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::shop::{self, ITEMS, cart, customer, put};

/// Меняет товар мимо служб каталога: здесь важна только перемена.
async fn alter(app: &TestApp, id: i64, change: impl FnOnce(&mut products::ActiveModel)) {
    let mut row = products::ActiveModel { id: Unchanged(id), ..Default::default() };
    change(&mut row);
    row.update(&app.ctx.db_handle().write).await.expect("product changed");
}

fn codes(view: &Value) -> Vec<Value> {
    view["notices"].as_array().expect("notices").iter().map(|notice| notice["code"].clone()).collect()
}

#[tokio::test]
async fn a_changed_price_is_used_and_reported_until_the_line_is_touched() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).price(100).stock(10).create().await;
    let id = put(&anna, &chair, 2).await.expect(201).json()["id"].clone();
    assert!(codes(&cart(&anna).await).is_empty());

    alter(&app, chair.product.id, |row| row.price = Set(Money::minor(12_050))).await;
    for _ in 0..2 {
        let view = cart(&anna).await;
        assert_eq!((&view["items"][0]["product_price"], &view["total_amount"]), (&json!(120.5), &json!(241)));
        let notice = &view["notices"][0];
        assert_eq!((&notice["code"], &notice["item_id"]), (&json!("price_changed"), &id));
        assert_eq!((&notice["old_price"], &notice["new_price"]), (&json!(100), &json!(120.5)));
        let message = notice["message"].as_str().expect("message");
        assert!(message.contains("120,50\u{a0}₽"), "{message}");
    }
    let english = anna.clone().header("accept-language", "en").get(shop::CART).await.expect(200).json();
    assert!(english["notices"][0]["message"].as_str().is_some_and(|text| text.starts_with("The price")));
    anna.put(&format!("{ITEMS}/{id}"), json!({"quantity": 2})).await.expect(200);
    assert!(codes(&cart(&anna).await).is_empty());
    shop::close(app).await;
}

#[tokio::test]
async fn what_is_gone_stays_in_sight_but_not_in_the_sum() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).price(100).stock(10).create().await;
    let lamp = product(&app.ctx).price(7).stock(10).create().await;
    let rare = product(&app.ctx).price(1000).stock(2).create().await;
    for made in [&chair, &lamp] {
        put(&anna, made, 1).await.expect(201);
    }
    put(&anna, &rare, 2).await.expect(201);
    alter(&app, chair.product.id, |row| row.is_active = Set(false)).await;
    let item = rare.items[0].id;
    let sold = app.ctx.atomic(&kernel::Actor::System("test"), async move |work: &mut kernel::Work| {
        let line = catalog::services::stock::StockLine { inventory_item_id: item, quantity: 1, title: String::new() };
        catalog::services::stock::claim(work, &kernel::Subject::new("test", 1), &[line]).await
    });
    sold.await.expect("somebody took one");

    let view = cart(&anna).await;
    assert_eq!(codes(&view), [json!("unavailable"), json!("not_enough")]);
    assert_eq!(view["notices"][1]["available"], 1);
    let available: Vec<_> =
        view["items"].as_array().expect("items").iter().map(|i| i["is_available"].clone()).collect();
    assert_eq!(available, [json!(false), json!(true), json!(false)]);
    assert_eq!((&view["total_items"], &view["total_amount"]), (&json!(1), &json!(7)));
    shop::close(app).await;
}
