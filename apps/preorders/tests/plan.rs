//! Форма товара заводит волны в своей же транзакции.

use catalog::models::product::OrderType;
use preorders::factories::preorder;
use serde_json::{Value, json};

use crate::shop::{self, PRODUCTS, counts, manager, product_row, shown, take, waves};

fn numbers(product: &Value) -> [&Value; 5] {
    ["order_type", "preorder_waves_total", "preorder_wave_capacity", "current_wave", "current_wave_count"]
        .map(|name| &product[name])
}

#[tokio::test]
async fn the_form_of_a_product_makes_its_waves() {
    let app = shop::open().await;
    let staff = manager(&app).await;
    let body = json!({"name": "Худи «Туман»", "article": "HT-1", "price": 4900, "order_type": "preorder",
        "preorder_waves_total": 3, "preorder_wave_capacity": 20, "sizes": ["Oki", "Big"]});
    let made = staff.post(PRODUCTS, body).await.expect(201).json();
    assert_eq!(numbers(&made), [&json!("preorder"), &json!(3), &json!(20), &json!(1), &json!(0)]);
    let list = staff.get(&format!("{}?product_id={}", shop::WAVES, made["id"])).await.expect(200).json();
    let rows: Vec<_> = list["waves"].as_array().expect("waves").iter().collect();
    assert_eq!((&list["total"], rows.len()), (&json!(3), 3));
    assert_eq!(
        (&rows[2]["wave_number"], &rows[2]["capacity"], &rows[2]["status"]),
        (&json!(3), &json!(20), &json!("collecting"))
    );

    let path = format!("{PRODUCTS}{}", made["id"]);
    let more = staff.put(&path, json!({"preorder_waves_total": 5})).await.expect(200).json();
    assert_eq!(numbers(&more), [&json!("preorder"), &json!(5), &json!(20), &json!(1), &json!(0)]);
    let wider =
        staff.put(&path, json!({"preorder_wave_capacity": 30, "preorder_waves_total": 2})).await.expect(200).json();
    assert_eq!(numbers(&wider), [&json!("preorder"), &json!(2), &json!(30), &json!(1), &json!(0)]);
    // Присланное обратно прочитанное ничего не меняет.
    let same = json!({"order_type": "preorder", "preorder_waves_total": 2, "preorder_wave_capacity": 30});
    assert_eq!(numbers(&staff.put(&path, same).await.expect(200).json()), numbers(&wider));
    staff.put(&path, json!({"preorder_waves_total": 1001})).await.refused(400, "preorders.too_many_waves");
    // Ничьи волны не мешают удалить товар.
    staff.delete(&path).await.expect(204);
    shop::close(app).await;
}

#[tokio::test]
async fn waves_with_buyers_are_neither_deleted_nor_shrunk() {
    let app = shop::open().await;
    let staff = manager(&app).await;
    let hoodie = preorder(&app.ctx, 2, 3).await;
    take(&app, &hoodie, 1, &[(1, 3), (2, 2)]).await.expect("taken");
    let path = format!("{PRODUCTS}{}", hoodie.product.id);
    staff.put(&path, json!({"preorder_waves_total": 1})).await.refused(400, "preorders.wave_has_buyers");
    staff.put(&path, json!({"preorder_wave_capacity": 1})).await.refused(400, "preorders.capacity_below_count");
    assert_eq!(counts(&app, &hoodie).await, [3, 2]);
    // Полная волна закрыта: новая вместимость её не открывает.
    staff.put(&path, json!({"preorder_wave_capacity": 5})).await.expect(200);
    let capacities: Vec<i64> = waves(&app, &hoodie).await.iter().map(|wave| wave.capacity).collect();
    assert_eq!(capacities, [3, 5]);
    shop::close(app).await;
}

#[tokio::test]
async fn a_new_wave_makes_a_sold_out_product_a_preorder_again() {
    let app = shop::open().await;
    let staff = manager(&app).await;
    let hoodie = preorder(&app.ctx, 1, 2).await;
    take(&app, &hoodie, 1, &[(1, 2)]).await.expect("taken");
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Waiting, 2, 0));
    // Словом «preorder» мест не прибавить: между preorder и waiting решают волны.
    let path = format!("{PRODUCTS}{}", hoodie.product.id);
    let said = staff.put(&path, json!({"order_type": "preorder"})).await.expect(200).json();
    assert_eq!(said["order_type"], "waiting");
    staff.put(&path, json!({"preorder_waves_total": 2})).await.expect(200);
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 2, 0));
    // А продавать со склада сотрудник вправе всегда.
    staff.put(&path, json!({"order_type": "order", "stock_count": 4})).await.expect(200);
    assert_eq!(product_row(&app, &hoodie).await.order_type, OrderType::Order);
    shop::close(app).await;
}

#[tokio::test]
async fn without_a_capacity_there_are_no_waves_yet() {
    let app = shop::open().await;
    let staff = manager(&app).await;
    let hoodie = preorder(&app.ctx, 2, 0).await;
    assert_eq!(waves(&app, &hoodie).await.len(), 0);
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 1, 0));
    let path = format!("{PRODUCTS}{}", hoodie.product.id);
    staff.put(&path, json!({"preorder_wave_capacity": 4})).await.expect(200);
    assert_eq!(waves(&app, &hoodie).await.len(), 2);
    shop::close(app).await;
}
