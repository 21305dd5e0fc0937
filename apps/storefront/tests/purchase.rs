//! Покупка целиком: список → товар → корзина → оформление → оплата → оплаченный заказ.

use catalog::factories::product;
use catalog::models::inventory_item;
use delivery::factories::{city_price, create_method, method};
use delivery::models::Kind;
use delivery::schemas::MethodIn;
use kernel::Money;
use orders::models::{Order, Status};
use promos::factories::{create as create_promo, promo};
use promos::models::Percent;
use promos::schemas::PromoCodeIn;
use sea_orm::{EntityTrait, PaginatorTrait};
use testkit::{Answer, TestApp};

use crate::browser::{Browser, hides, location, markup, shop, shows};
use crate::fake::{FakeYooKassa, Trouble};

const EMULATOR: &str = "[payments]\nprovider = \"emulator\"";

/// Магазин с курьером по Москве (500 рублей, с 5000 бесплатно) и СДЭК за 300.
async fn open_shop() -> TestApp {
    open_shop_with(EMULATOR).await
}

async fn open_shop_with(settings: &str) -> TestApp {
    let app = shop(settings).await;
    let moscow = city_price("Москва", Money::rub(500), Some(Money::rub(5000)));
    let courier = MethodIn { cities: vec![moscow], ..method("courier", Kind::Courier, None) };
    create_method(&app.ctx, courier).await.expect("courier");
    create_method(&app.ctx, method("cdek", Kind::Cdek, Some(Money::rub(300)))).await.expect("cdek");
    app
}

/// Кладёт в корзину товар за 1500 рублей, две штуки из пяти.
async fn with_goods(app: &TestApp) -> Browser {
    let made = product(&app.ctx).price(1_500).stock(5).with(|input| input.name = "Пуф".into()).create().await;
    let mut browser = Browser::new(app);
    let page = format!("/p/{}", made.product.slug);
    shows(&browser.get(&page).await.expect(200), "В корзину");
    let variant = made.variants[0].id.to_string();
    browser.submit("/cart/items", &[("variant", &variant), ("quantity", "2"), ("back", &page)]).await.expect(200);
    browser
}

/// Значение скрытого поля формы.
fn hidden(page: &Answer, name: &str) -> String {
    let markup = markup(page);
    let after = markup.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("the field is in the form");
    after.split('"').next().unwrap_or_default().to_owned()
}

/// Открывает оформление и собирает заполненную форму; `other` заменяет и добавляет поля.
async fn fill(browser: &mut Browser, other: &[(&str, &str)]) -> Vec<(String, String)> {
    let page = browser.get("/checkout").await.expect(200);
    let (attempt, seen) = (hidden(&page, "attempt"), hidden(&page, "seen"));
    let usual = [
        ("attempt", attempt.as_str()),
        ("seen", &seen),
        ("full_name", "Ольга Иванова"),
        ("phone", "8 916 123-45-67"),
        ("email", "olga@example.com"),
        ("delivery", "courier"),
        ("city", "Москва"),
        ("address", "Тверская, 1"),
        ("payment", "emulator"),
    ];
    let kept = usual.iter().filter(|(name, _)| other.iter().all(|(own, _)| own != name));
    kept.chain(other).map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

async fn order(browser: &mut Browser, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.send("/checkout", &fields).await
}

async fn orders_count(app: &TestApp) -> u64 {
    Order::find().count(app.ctx.db()).await.expect("orders")
}

async fn available(app: &TestApp) -> i64 {
    inventory_item::Entity::find().one(app.ctx.db()).await.expect("items").expect("an item").available
}

#[tokio::test]
async fn a_guest_buys_and_sees_the_paid_order() {
    let app = open_shop().await;
    let mut guest = with_goods(&app).await;
    let page = guest.get("/checkout").await.expect(200);
    shows(&page, "3\u{a0}500\u{a0}₽");
    let form = fill(&mut guest, &[]).await;
    let placed = order(&mut guest, &form).await.expect(303);
    let pay = location(&placed);
    assert!(pay.starts_with("/pay/"), "{pay}");
    assert_eq!(available(&app).await, 3, "the goods are held");
    let desk = guest.get(&pay).await.expect(200);
    shows(&desk, "Тестовая оплата");
    shows(&desk, "Деньги не двигаются.");
    shows(&desk, "Оплатить 3\u{a0}500\u{a0}₽");
    let returned = guest.send(&pay, &[("action", "pay")]).await.expect(303);
    let own = location(&returned);
    let token = own.rsplit('/').next().expect("a token").to_owned();
    let waiting = guest.follow(&own).await.expect(200);
    shows(&waiting, "Проверяем оплату");
    shows(&waiting, "http-equiv=\"refresh\"");
    hides(&waiting, "Отменить заказ");
    app.run_jobs().await;
    let paid = guest.get(&format!("/orders/{token}")).await.expect(200);
    shows(&paid, "Заказ оплачен");
    shows(&paid, "Заказ оформлен");
    hides(&paid, "Оплата получена");
    shows(&paid, "Москва, Тверская, 1");
    shows(&paid, "+7\u{a0}916\u{a0}123-45-67");
    shows(&paid, "Картой онлайн, оплачено");
    hides(&paid, "http-equiv=\"refresh\"");
    shows(&guest.get("/cart").await.expect(200), "В корзине пока пусто");
    shows(&guest.get(&pay).await.expect(200), "Оплата прошла.");
    app.close().await;
}

/// Настоящая касса: на её страницу уходят не перенаправлением формы (его не пустила бы своя же политика), а по возвращении оплата уже видна.
#[tokio::test]
async fn a_guest_pays_on_the_page_of_the_gateway() {
    let fake = FakeYooKassa::start().await;
    let app = open_shop_with(&fake.settings()).await;
    let mut guest = with_goods(&app).await;
    let form = fill(&mut guest, &[("payment", "yookassa")]).await;
    let pay = location(&order(&mut guest, &form).await.expect(303));
    fake.trouble([Trouble::ServerError]);
    shows(&guest.get(&pay).await.expect(503), "Платёжная система не отвечает.");
    let leaving = guest.get(&pay).await.expect(200);
    let there = fake.payments().remove(0);
    let url = there["confirmation"]["confirmation_url"].as_str().expect("url");
    let markup = markup(&leaving).replace("&#x2f;", "/").replace("&#x3d;", "=");
    assert!(markup.contains(&format!("content=\"0; url={url}\"")), "{markup}");
    assert!(markup.contains(&format!("href=\"{url}\"")), "{markup}");

    assert!(fake.pay(there["id"].as_str().expect("id")));
    let own = there["confirmation"]["return_url"].as_str().expect("back").replace("http://localhost:8000", "");
    shows(&guest.get(&own).await.expect(200), "Проверяем оплату");
    app.run_jobs().await;
    shows(&guest.get(&own).await.expect(200), "Заказ оплачен");
    assert_eq!(location(&guest.get(&pay).await.expect(303)), own, "nothing to pay any more");
    app.close().await;
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_order() {
    let app = open_shop().await;
    let mut guest = with_goods(&app).await;
    let form = fill(&mut guest, &[]).await;
    let first = location(&order(&mut guest, &form).await.expect(303));
    let second = location(&order(&mut guest, &form).await.expect(303));
    assert_eq!(first, second);
    assert_eq!(orders_count(&app).await, 1);
    assert_eq!(available(&app).await, 3);
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn a_refused_payment_ends_the_order() {
    let app = open_shop().await;
    let mut guest = with_goods(&app).await;
    let form = fill(&mut guest, &[]).await;
    let pay = location(&order(&mut guest, &form).await.expect(303));
    let page = location(&guest.send(&pay, &[("action", "refuse")]).await.expect(303));
    shows(&guest.follow(&page).await, "Проверяем оплату");
    app.run_jobs().await;
    let ended = guest.follow(&page).await;
    shows(&ended, "Заказ отменён");
    shows(&ended, "Оплата отменена");
    assert_eq!(available(&app).await, 5);
    let again = guest.send(&pay, &[("action", "pay")]).await.expect(303);
    app.run_jobs().await;
    shows(&guest.follow(&location(&again)).await, "Заказ отменён");
    app.close().await;
}

#[tokio::test]
async fn a_payment_can_wait_until_later() {
    let app = open_shop().await;
    let mut guest = with_goods(&app).await;
    let form = fill(&mut guest, &[]).await;
    let pay = location(&order(&mut guest, &form).await.expect(303));
    app.run_jobs().await;
    let row = Order::find().one(app.ctx.db()).await.expect("orders").expect("an order");
    let page = format!("/orders/{}", row.access_token);
    shows(&guest.get(&page).await.expect(200), "Товары отложены для вас до 13:00.");
    assert_eq!(location(&guest.send(&format!("{page}/pay"), &[]).await.expect(303)), pay, "the open payment goes on");
    guest.send(&pay, &[("action", "nonsense")]).await.expect(422);
    app.close().await;
}

#[tokio::test]
async fn an_unpaid_order_is_cancelled_and_gives_the_goods_back() {
    let app = open_shop().await;
    let mut guest = with_goods(&app).await;
    let form = fill(&mut guest, &[("delivery", "cdek"), ("cdek_point", "msk123")]).await;
    order(&mut guest, &form).await.expect(303);
    app.run_jobs().await;
    let row = Order::find().one(app.ctx.db()).await.expect("orders").expect("an order");
    let page = format!("/orders/{}", row.access_token);
    let waiting = guest.get(&page).await.expect(200);
    shows(&waiting, "Ждёт оплаты");
    shows(&waiting, "Пункт СДЭК MSK123");
    shows(&waiting, "3\u{a0}300\u{a0}₽");
    guest.forged(&format!("{page}/cancel"), &[]).await.expect(403);
    let cancelled = guest.submit(&format!("{page}/cancel"), &[]).await.expect(200);
    shows(&cancelled, "Заказ отменён");
    shows(&cancelled, "Отменён покупателем");
    hides(&cancelled, "Оплатить");
    app.run_jobs().await;
    assert_eq!(available(&app).await, 5);
    let late = guest.send(&format!("{page}/pay"), &[]).await.expect(400);
    shows(&late, "Этот заказ оплатить нельзя.");
    app.close().await;
}

#[tokio::test]
async fn cash_needs_no_payment_page() {
    let app = open_shop().await;
    let mut guest = with_goods(&app).await;
    let form = fill(&mut guest, &[("payment", "cash")]).await;
    let page = location(&order(&mut guest, &form).await.expect(303));
    let placed = guest.get(&page).await.expect(200);
    shows(&placed, "Заплатите, когда получите его.");
    hides(&placed, "Оплачен</span>");
    hides(&placed, "/pay\"");
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn mistakes_are_explained_and_nothing_is_lost() {
    let app = open_shop().await;
    let mut guest = with_goods(&app).await;
    let form = fill(&mut guest, &[("phone", "12345"), ("email", ""), ("address", "Тверская, 1")]).await;
    let page = order(&mut guest, &form).await.expect(422);
    hides(&page, "id=\"address-error\"");
    shows(&page, "id=\"phone-error\"");
    shows(&page, "id=\"email-error\"");
    shows(&page, "value=\"12345\"");
    shows(&page, "value=\"Тверская, 1\"");
    assert_eq!(hidden(&page, "attempt"), form[0].1, "the same attempt goes on");
    let form = fill(&mut guest, &[("phone", ""), ("address", "")]).await;
    let page = order(&mut guest, &form).await.expect(422);
    shows(&page, "id=\"phone-error\"");
    shows(&page, "id=\"address-error\"");
    for (field, delivery) in [("address", "courier"), ("cdek_point", "cdek")] {
        let form = fill(&mut guest, &[("delivery", delivery), ("address", ""), ("cdek_point", ""), ("city", "")]).await;
        shows(&order(&mut guest, &form).await.expect(422), &format!("id=\"{field}-error\""));
    }
    let form = fill(&mut guest, &[("delivery", "teleport")]).await;
    order(&mut guest, &form).await.expect(422);
    let form = fill(&mut guest, &[("city", "Лондон")]).await;
    shows(&order(&mut guest, &form).await.expect(422), "id=\"city-error\"");
    let form = fill(&mut guest, &[("seen", "100")]).await;
    shows(&order(&mut guest, &form).await.expect(422), "Цены изменились, пока вы заполняли форму.");
    assert_eq!(orders_count(&app).await, 0);
    assert_eq!(available(&app).await, 5);
    app.close().await;
}

#[tokio::test]
async fn the_last_pieces_go_to_the_quicker_buyer() {
    let app = open_shop().await;
    let made = product(&app.ctx).price(1_000).stock(2).with(|input| input.name = "Стул".into()).create().await;
    let variant = made.variants[0].id.to_string();
    let (mut quick, mut slow) = (Browser::new(&app), Browser::new(&app));
    for browser in [&mut quick, &mut slow] {
        browser.submit("/cart/items", &[("variant", &variant), ("quantity", "2")]).await.expect(200);
    }
    let (first, second) = (fill(&mut quick, &[]).await, fill(&mut slow, &[]).await);
    order(&mut quick, &first).await.expect(303);
    let late = order(&mut slow, &second).await.expect(303);
    assert_eq!(location(&late), "/cart");
    shows(&slow.get("/cart").await.expect(200), "Недостаточно товара на складе: Стул. Осталось: 0.");
    assert_eq!(orders_count(&app).await, 1);
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn orders_are_seen_by_their_owner_or_by_the_secret_address() {
    let app = open_shop().await;
    let mut buyer = with_goods(&app).await;
    let list = buyer.get("/orders").await.expect(303);
    assert_eq!(location(&list), "/login?next=%2Forders");
    let person = [("full_name", "Ольга Иванова"), ("login", "+79161234567"), ("password", "длинная тихая фраза")];
    buyer.send("/register", &person).await.expect(303);
    shows(&buyer.get("/orders").await.expect(200), "Заказов ещё не было");
    let page = buyer.get("/checkout").await.expect(200);
    shows(&page, "value=\"Ольга Иванова\"");
    shows(&page, "value=\"+79161234567\"");
    let form = fill(&mut buyer, &[("email", "")]).await;
    order(&mut buyer, &form).await.expect(303);
    let row = Order::find().one(app.ctx.db()).await.expect("orders").expect("an order");
    assert_eq!((row.status, row.user_id.is_some()), (Status::Pending, true));
    shows(&buyer.get("/orders").await.expect(200), &row.number);
    let mut stranger = Browser::new(&app);
    for path in [format!("/orders/{}", row.id), format!("/orders/{}", "0".repeat(32)), "/orders/x".into()] {
        stranger.get(&path).await.expect(404);
    }
    stranger.get("/pay/not-a-uuid").await.expect(404);
    app.run_jobs().await;
    app.close().await;
}

/// Промокод «10 % на всё» и ещё один — только на другой товар.
async fn with_codes(app: &TestApp) {
    let other = product(&app.ctx).create().await.product.id;
    create_promo(&app.ctx, promo("SALE")).await.expect("promo");
    create_promo(&app.ctx, PromoCodeIn { product_ids: vec![other], ..promo("OTHER") }).await.expect("promo");
}

#[tokio::test]
async fn a_promo_code_is_applied_and_taken() {
    let app = open_shop().await;
    with_codes(&app).await;
    let mut guest = with_goods(&app).await;
    hides(&guest.get("/checkout").await.expect(200), "Скидка");
    let form = fill(&mut guest, &[("promo_code", "sale"), ("action", "promo"), ("address", "")]).await;
    let page = order(&mut guest, &form).await.expect(200);
    shows(&page, "Промокод применён: скидка 300\u{a0}₽");
    shows(&page, "−300\u{a0}₽");
    shows(&page, "3\u{a0}200\u{a0}₽");
    shows(&page, "value=\"Ольга Иванова\"");
    hides(&page, "id=\"address-error\"");
    assert_eq!((hidden(&page, "attempt"), hidden(&page, "seen_discount")), (form[0].1.clone(), "30000".into()));
    assert_eq!(orders_count(&app).await, 0);

    let form = fill(&mut guest, &[("promo_code", "sale"), ("seen_discount", "30000")]).await;
    let pay = location(&order(&mut guest, &form).await.expect(303));
    shows(&guest.get(&pay).await.expect(200), "Оплатить 3\u{a0}200\u{a0}₽");
    let row = Order::find().one(app.ctx.db()).await.expect("orders").expect("an order");
    assert_eq!((row.promo_code.as_deref(), row.discount_amount), (Some("SALE"), Money::rub(300)));
    let own = guest.get(&format!("/orders/{}", row.access_token)).await.expect(200);
    shows(&own, "<dt>Промокод</dt><dd>SALE</dd>");
    shows(&own, "−300\u{a0}₽");
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn a_bad_promo_code_is_explained_beside_its_field() {
    let app = open_shop().await;
    with_codes(&app).await;
    let mut guest = with_goods(&app).await;
    let stock = available(&app).await;
    for (code, words) in [("WRONG", "Такого промокода нет."), ("OTHER", "Промокод не действует на эти товары.")]
    {
        for action in ["promo", "order"] {
            let form = fill(&mut guest, &[("promo_code", code), ("action", action)]).await;
            let page = order(&mut guest, &form).await.expect(422);
            shows(&page, &format!("id=\"promo_code-error\">{words}"));
            shows(&page, &format!("value=\"{code}\""));
            shows(&page, "3\u{a0}500\u{a0}₽");
        }
    }
    // Показанная скидка исчезла: сначала новый итог, потом заказ.
    let form = fill(&mut guest, &[("promo_code", "sale"), ("seen_discount", "50000")]).await;
    shows(&order(&mut guest, &form).await.expect(422), "Цены изменились, пока вы заполняли форму.");
    assert_eq!(orders_count(&app).await, 0);
    assert_eq!(available(&app).await, stock);
    app.close().await;
}

#[tokio::test]
async fn guessing_on_the_page_is_stopped() {
    let app = shop(&format!("{EMULATOR}\n[promos]\nguesses = 2")).await;
    let mut guest = with_goods(&app).await;
    for n in 0..3 {
        let form = fill(&mut guest, &[("promo_code", &format!("WRONG{n}")), ("action", "promo")]).await;
        let page = order(&mut guest, &form).await.expect(422);
        shows(
            &page,
            if n < 2 {
                "Такого промокода нет."
            } else {
                "Слишком много неверных промокодов."
            },
        );
    }
    let form = fill(&mut guest, &[("promo_code", "WRONG"), ("delivery", "")]).await;
    shows(&order(&mut guest, &form).await.expect(422), "Слишком много неверных промокодов.");
    app.close().await;
}

#[tokio::test]
async fn goods_for_nothing_need_no_payment() {
    let app = shop(EMULATOR).await;
    let whole = PromoCodeIn { discount_percent: Some(Percent::MAX), ..promo("GIFT") };
    create_promo(&app.ctx, whole).await.expect("promo");
    let mut guest = with_goods(&app).await;
    let form = fill(&mut guest, &[("promo_code", "GIFT"), ("delivery", "")]).await;
    let own = location(&order(&mut guest, &form).await.expect(303));
    let page = guest.get(&own).await.expect(200);
    shows(&page, "Заказ оплачен");
    shows(&page, "Платить нечего: скидка покрыла всё");
    hides(&page, "/pay\"");
    app.run_jobs().await;
    app.close().await;
}
