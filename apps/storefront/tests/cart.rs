//! Корзина на страницах.

use catalog::factories::product;
use kernel::{Actor, Work};

use crate::browser::{Browser, hides, location, shop, shows};

#[tokio::test]
async fn a_guest_fills_changes_and_empties_the_cart() {
    let app = shop("").await;
    let made = product(&app.ctx).price(1_500).stock(5).with(|input| input.name = "Пуф".into()).create().await;
    let (page, variant) = (format!("/p/{}", made.product.slug), made.variants[0].id.to_string());
    let mut guest = Browser::new(&app);
    shows(&guest.get("/cart").await.expect(200), "В корзине пока пусто");
    let added =
        guest.submit("/cart/items", &[("variant", &variant), ("quantity", "2"), ("back", &page)]).await.expect(200);
    shows(&added, "Добавили в корзину.");
    shows(&added, "<b class=\"count\">2");
    let cart = guest.get("/cart").await.expect(200);
    shows(&cart, "3\u{a0}000\u{a0}₽");
    let item =
        cart.text().split("/cart/items/").nth(1).and_then(|rest| rest.split('"').next()).expect("item").to_owned();
    let line = format!("/cart/items/{item}");
    shows(&guest.submit(&line, &[("step", "3")]).await, "4\u{a0}500\u{a0}₽");
    shows(&guest.submit(&line, &[("quantity", "1")]).await, "1\u{a0}500\u{a0}₽");
    let refused = guest.send(&line, &[("quantity", "6")]).await.expect(400);
    shows(&refused, "Недостаточно товара на складе: Пуф. Осталось: 5.");
    shows(&guest.submit(&line, &[("step", "0")]).await, "В корзине пока пусто");
    assert_eq!(location(&guest.send(&line, &[("step", "0")]).await.expect(303)), "/cart", "a line removed twice");
    app.close().await;
}

#[tokio::test]
async fn the_cart_of_a_guest_is_his_own() {
    let app = shop("").await;
    let made = product(&app.ctx).stock(5).create().await;
    let variant = made.variants[0].id.to_string();
    let (mut owner, mut thief) = (Browser::new(&app), Browser::new(&app));
    let cart = owner.submit("/cart/items", &[("variant", &variant)]).await.expect(200);
    let item =
        cart.text().split("/cart/items/").nth(1).and_then(|rest| rest.split('"').next()).expect("item").to_owned();
    thief.submit("/cart/items", &[("variant", &variant)]).await.expect(200);
    thief.send(&format!("/cart/items/{item}"), &[("step", "0")]).await.expect(303);
    hides(&owner.get("/cart").await.expect(200), "В корзине пока пусто");
    app.close().await;
}

#[tokio::test]
async fn forms_from_other_sites_change_nothing() {
    let app = shop("").await;
    let variant = product(&app.ctx).create().await.variants[0].id.to_string();
    let mut guest = Browser::new(&app);
    let page = guest.forged("/cart/items", &[("variant", &variant)]).await.expect(403);
    shows(&page, "Форма пришла с другого сайта");
    shows(&guest.get("/cart").await.expect(200), "В корзине пока пусто");
    app.close().await;
}

#[tokio::test]
async fn changed_prices_and_stocks_are_said_aloud() {
    let app = shop("").await;
    let made = product(&app.ctx).price(1_000).stock(5).with(|input| input.name = "Стул".into()).create().await;
    let mut guest = Browser::new(&app);
    let variant = made.variants[0].id.to_string();
    guest.submit("/cart/items", &[("variant", &variant), ("quantity", "3")]).await.expect(200);
    let id = made.product.id;
    let cheaper = move |stock: i64| catalog::schemas::ProductPatch {
        price: Some(kernel::Money::rub(900)),
        stock_count: Some(stock),
        ..Default::default()
    };
    app.ctx
        .atomic(&Actor::System("test"), async move |work: &mut Work| {
            catalog::services::update_product(work, id, &cheaper(2)).await.map(|_| ())
        })
        .await
        .expect("patched");
    let cart = guest.get("/cart").await.expect(200);
    shows(&cart, "Цена изменилась: Стул — было 1\u{a0}000\u{a0}₽, стало 900\u{a0}₽.");
    shows(&cart, "Осталось: 2.");
    shows(&cart, "Сначала поправьте отмеченные строки.");
    hides(&cart, "href=\"/checkout\"");
    app.close().await;
}

#[tokio::test]
async fn nonsense_in_the_form_is_a_page_too() {
    let app = shop("").await;
    let mut guest = Browser::new(&app);
    guest.send("/cart/items", &[("variant", "abc")]).await.expect(422);
    guest.send("/cart/items", &[("variant", "999999")]).await.expect(404);
    guest.send("/cart/items/abc", &[]).await.expect(422);
    let far = product(&app.ctx).stock(1).create().await.variants[0].id.to_string();
    let back = [("variant", far.as_str()), ("back", "https://evil.example/p/x"), ("quantity", "-7")];
    assert_eq!(location(&guest.send("/cart/items", &back).await.expect(303)), "/cart?added=1");
    app.close().await;
}
