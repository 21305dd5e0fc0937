//! Предзаказ на страницах: места, лист ожидания, два заказа из смешанной корзины.

use accounts::factories::customer;
use catalog::factories::product;
use chrono::{DateTime, Utc};
use kernel::Money;
use preorders::factories::{add_wave, preorder, wave_in};
use preorders::schemas::WaveIn;

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
    let page = browser.get(placed.header("location").expect("address")).await.expect(200);
    shows(&page, "Предзаказ поедет отдельно: он оформлен заказом");
    app.run_jobs().await;
    app.close().await;
}
