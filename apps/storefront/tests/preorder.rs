//! Предзаказ на страницах: места, лист ожидания, два заказа из смешанной корзины.

use accounts::factories::customer;
use catalog::factories::product;
use chrono::{DateTime, Utc};
use kernel::Money;
use orders::models::{Order, order};
use preorders::factories::{add_wave, preorder, wave_in};
use preorders::schemas::WaveIn;
use sea_orm::{EntityTrait, QueryOrder};

use crate::browser::{Browser, hides, shop, shows};

const SHOP: &str = "[payments]\nprovider = \"emulator\"\n";

fn day(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().expect("date"))
}

#[tokio::test]
async fn the_page_of_a_preorder_shows_the_places_left() {
    let app = shop(SHOP).await;
    let hoodie = preorder(&app.ctx, 0, 0).await;
    let wave =
        WaveIn { price: Some(Money::rub(700)), ships_at: day("2026-05-01T00:00:00Z"), ..wave_in(hoodie.product.id, 3) };
    add_wave(&app.ctx, wave).await;
    let mut browser = Browser::new(&app);
    let path = format!("/p/{}", hoodie.product.slug);
    let page = browser.get(&path).await.expect(200);
    shows(&page, "Волна 1: осталось 3&nbsp;места из 3.");
    shows(&page, "Отправим с 1\u{a0}мая\u{a0}2026.");
    shows(&page, "700\u{a0}₽");
    let variant = hoodie.variants[0].id.to_string();
    let add = [("variant", variant.as_str()), ("quantity", "2"), ("back", path.as_str())];
    browser.send("/cart/items", &add).await.expect(303);
    shows(&browser.get("/cart").await.expect(200), "1\u{a0}400\u{a0}₽");
    app.close().await;
}

#[tokio::test]
async fn a_full_preorder_gathers_a_waiting_list() {
    let app = shop(SHOP).await;
    let anna = customer(&app.ctx).await;
    let hoodie = preorder(&app.ctx, 1, 1).await;
    let path = format!("/p/{}", hoodie.product.slug);
    let order = orders::factories::place(&app.ctx, orders::factories::new_order(hoodie.product.id, None)).await;
    let token = order.expect("placed").order.access_token;
    let mut guest = Browser::new(&app);
    let page = guest.get(&path).await.expect(200);
    shows(&page, "Все места предзаказа заняты");
    shows(&page, "Войдите");
    hides(&page, "/cart/items");
    assert_eq!(guest.send(&format!("{path}/wait"), &[]).await.expect(303).header("location"), Some("/login"));

    let mut browser = Browser::new(&app);
    browser.set_cookie("session", &anna.token);
    shows(&browser.get(&path).await.expect(200), "Встать в лист ожидания");
    let joined = browser.send(&format!("{path}/wait"), &[]).await.expect(303);
    assert_eq!(joined.header("location"), Some(&*format!("{path}?wait=joined")));
    shows(&browser.get(&path).await.expect(200), "Вы в листе ожидания");

    guest.send(&format!("/orders/{token}/cancel"), &[]).await.expect(303);
    let page = browser.get(&path).await.expect(200);
    shows(&page, "Для вас отложено место до");
    shows(&page, "/cart/items");
    hides(&guest.get(&path).await.expect(200), "action=\"/cart/items\"");
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn a_mixed_cart_ends_on_a_page_that_names_both_orders() {
    let app = shop(&format!("{SHOP}[orders]\nmixed = \"split\"\n")).await;
    let (hoodie, chair) = (preorder(&app.ctx, 1, 3).await, product(&app.ctx).create().await);
    let courier = delivery::factories::method("courier", delivery::models::Kind::Courier, Some(Money::rub(300)));
    delivery::factories::create_method(&app.ctx, courier).await.expect("courier");
    let mut browser = Browser::new(&app);
    for made in [&hoodie, &chair] {
        let variant = made.variants[0].id.to_string();
        browser.send("/cart/items", &[("variant", variant.as_str()), ("quantity", "1")]).await.expect(303);
    }
    let form = [
        ("attempt", "mixed"),
        ("full_name", "Анна"),
        ("phone", "+79160000001"),
        ("email", "anna@example.com"),
        ("delivery", "courier"),
        ("city", "Москва"),
        ("address", "Тверская, 1"),
        ("payment", "emulator"),
    ];
    let placed = browser.send("/checkout", &form).await.expect(303);
    let pay_page = placed.header("location").expect("address").to_owned();
    assert!(pay_page.starts_with("/pay/"), "both are paid at once: {pay_page}");
    let both = Order::find().order_by_asc(order::Column::Id).all(app.ctx.db_fresh()).await.expect("orders");
    for (one, other) in [(&both[0], &both[1]), (&both[1], &both[0])] {
        let page = browser.get(&format!("/orders/{}", one.access_token)).await.expect(200);
        shows(&page, &format!("Остальное из корзины поедет отдельно: это заказ {}.", other.number));
    }
    app.run_jobs().await;
    app.close().await;
}

/// Задаток виден на товаре и при оформлении; после оплаты страница заказа просит остаток.
#[tokio::test]
async fn a_deposit_is_shown_from_the_product_to_the_order() {
    let app = shop(SHOP).await;
    let hoodie = preorder(&app.ctx, 0, 0).await;
    add_wave(&app.ctx, WaveIn { deposit_percent: Some(30), ..wave_in(hoodie.product.id, 3) }).await;
    let mut browser = Browser::new(&app);
    let page = browser.get(&format!("/p/{}", hoodie.product.slug)).await.expect(200);
    shows(&page, "задаток 30&nbsp;%");
    let variant = hoodie.variants[0].id.to_string();
    browser.send("/cart/items", &[("variant", variant.as_str()), ("quantity", "2")]).await.expect(303);
    let courier = delivery::factories::method("courier", delivery::models::Kind::Courier, Some(Money::rub(0)));
    delivery::factories::create_method(&app.ctx, courier).await.expect("courier");
    let page = browser.get("/checkout").await.expect(200);
    shows(&page, "из них потом, когда вещи будут готовы");
    shows(&page, "1\u{a0}400\u{a0}₽");
    let form = [
        ("attempt", "deposit"),
        ("full_name", "Анна"),
        ("phone", "+79160000001"),
        ("email", "anna@example.com"),
        ("delivery", "courier"),
        ("city", "Москва"),
        ("address", "Тверская, 1"),
        ("payment", "emulator"),
    ];
    let placed = browser.send("/checkout", &form).await.expect(303);
    let payment = placed.header("location").expect("address").rsplit('/').next().expect("id").to_owned();
    let token = Order::find().one(app.ctx.db_fresh()).await.expect("read").expect("order").access_token;
    let order_page = format!("/orders/{token}");
    shows(&browser.get(&order_page).await.expect(200), "Оплатить 600\u{a0}₽");
    app.anon().post(&format!("/api/v1/payment/emulator/{payment}/pay"), serde_json::json!({})).await.expect(200);
    app.run_jobs().await;
    let page = browser.get(&order_page).await.expect(200);
    shows(&page, "Задаток получен");
    shows(&page, "Доплатить 1\u{a0}400\u{a0}₽");
    shows(&page, "осталось доплатить 1\u{a0}400\u{a0}₽");
    let pay = browser.send(&format!("{order_page}/pay"), &[]).await.expect(303);
    assert!(pay.header("location").expect("address").starts_with("/pay/"));
    app.run_jobs().await;
    app.close().await;
}
