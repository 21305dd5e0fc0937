//! Список и страница товара.

use catalog::factories::product;
use catalog::schemas::{CategoryIn, ProductIn};
use catalog::services::shelves::create_category;
use http::{HeaderMap, Uri};
use kernel::{Actor, Money, Work};
use testkit::TestApp;

use crate::browser::{Browser, hides, shop, shows};

const PRICE: &str = "12\u{a0}990\u{a0}₽";

#[tokio::test]
async fn a_product_page_shows_price_sizes_and_facts() {
    let app = shop("").await;
    let made = product(&app.ctx)
        .price(12_990)
        .size_stock(&[("S", 2), ("M", 0), ("L", 9)])
        .with(|input| {
            input.name = "Рубашка <Холст>".into();
            input.old_price = Some(Money::rub(15_990));
            input.description = Some("Первый абзац.\n\nВторой абзац.".into());
            input.materials = "Лён".into();
            input.size_table = serde_json::json!({"S": {"Грудь": 88}}).as_object().cloned();
        })
        .create()
        .await;
    let page = Browser::new(&app).get(&format!("/p/{}", made.product.slug)).await.expect(200);
    shows(&page, "Рубашка &lt;Холст&gt;");
    shows(&page, PRICE);
    shows(&page, "−18&nbsp;%");
    shows(&page, "<p>Второй абзац.</p>");
    shows(&page, "<small>2&nbsp;шт.</small>");
    shows(&page, "нет в наличии");
    shows(&page, "<td>88</td>");
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'self'")));
    hides(&page, "style=");
    hides(&page, "onclick");
    app.close().await;
}

#[tokio::test]
async fn hidden_products_and_sections_are_pages_of_not_found() {
    let app = shop("").await;
    let made = product(&app.ctx).with(|input| input.is_active = Some(false)).create().await;
    for path in [format!("/p/{}", made.product.slug), "/p/none".into(), "/c/none".into(), "/static/../secret".into()] {
        let page = Browser::new(&app).get(&path).await.expect(404);
        shows(&page, "Такой страницы нет");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    }
    app.close().await;
}

/// Главную монтирует сервер: он делит её между браузерами и клиентами API.
async fn home(app: &TestApp, path: &str) -> String {
    let uri: Uri = path.parse().expect("uri");
    let response = storefront::home(&app.ctx, &HeaderMap::new(), &uri).await.expect("home");
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("body");
    String::from_utf8(body.to_vec()).expect("text").replace("&#x2f;", "/")
}

/// После загрузки из 1С пустых разделов много: вести в них некуда.
#[tokio::test]
async fn the_menu_leads_only_where_goods_are() {
    let app = shop("").await;
    let make = async |name: &str, parent_id: Option<i64>| {
        let input = CategoryIn { name: name.into(), parent_id, ..CategoryIn::default() };
        let create = async move |work: &mut Work| create_category(work, &input).await;
        app.ctx.atomic(&Actor::System("test"), create).await.expect("category").id
    };
    let above = make("Мебель", None).await;
    let filled = make("Диваны", Some(above)).await;
    make("Кресла", Some(above)).await;
    let archived = make("Прошлое", None).await;
    product(&app.ctx).with(|input| input.category_id = Some(filled)).create().await;
    let hidden = |input: &mut ProductIn| (input.category_id, input.is_active) = (Some(archived), Some(false));
    product(&app.ctx).with(hidden).create().await;
    let menu =
        |page: &str| ["mebel", "divany", "kresla", "proshloe"].map(|slug| page.contains(&format!("/c/{slug}\"")));
    assert_eq!(menu(&home(&app, "/").await), [false, true, false, false]);
    let section = Browser::new(&app).get("/c/mebel").await.expect(200).text().replace("&#x2f;", "/");
    assert_eq!(menu(&section), [false, true, false, false]);
    Browser::new(&app).get("/c/proshloe").await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn the_front_page_filters_searches_and_turns_pages() {
    let app = shop("[storefront]\npage_size = 2\nname = \"Лавка\"").await;
    for (name, price, stock) in [("Стол дубовый", 500, 3), ("Стол ореховый", 900, 0), ("Лампа", 100, 5)]
    {
        product(&app.ctx).price(price).stock(stock).with(|input| input.name = name.into()).create().await;
    }
    let front = home(&app, "/?sort=price").await;
    assert!(front.contains("3&nbsp;товара") && front.contains("Лавка"), "{front}");
    assert!(front.contains("Лампа") && front.contains("Стол дубовый") && !front.contains("Стол ореховый"));
    assert!(front.contains("href=\"/?sort=price&amp;page=2\" rel=\"next\""), "{front}");
    let second = home(&app, "/?sort=price&page=2").await;
    assert!(second.contains("Стол ореховый") && !second.contains("Лампа"));
    let found = home(&app, "/?q=%D1%81%D1%82%D0%BE%D0%BB&stock=1").await;
    assert!(found.contains("1&nbsp;товар") && found.contains("Стол дубовый") && !found.contains("Стол ореховый"));
    let cheap = home(&app, "/?from=200&to=600&page=99999999999999999999&sort=nonsense").await;
    assert!(cheap.contains("Стол дубовый") && !cheap.contains("Лампа"));
    let nothing = home(&app, "/?q=%3Cb%3E").await;
    assert!(nothing.contains("По запросу «&lt;b&gt;» ничего нет"), "{nothing}");
    app.close().await;
}

#[tokio::test]
async fn styles_and_fonts_come_from_the_shop_itself() {
    let app = shop("").await;
    let mut browser = Browser::new(&app);
    let css = browser.get("/static/shop.css").await.expect(200);
    assert_eq!(css.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(css.header("cache-control").is_some_and(|value| value.contains("max-age")));
    assert!(!css.text().contains("http://") && !css.text().contains("https://"));
    browser.get("/static/fonts/jost-cyrillic.woff2").await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn an_unknown_address_is_a_page_for_a_browser_and_a_problem_for_a_client() {
    let app = shop("").await;
    let mut browser = Browser::new(&app);
    for path in ["/nope", "/nope/deeper"] {
        let page = browser.get(path).await.expect(404);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        shows(&page, "Такой страницы нет");
        app.anon().get(path).await.refused(404, "request.unknown_route");
    }
    browser.get("/api/v1/nope").await.refused(404, "request.unknown_route");
    app.anon().post("/nope", serde_json::json!({})).await.refused(404, "request.unknown_route");
    app.close().await;
}

#[tokio::test]
async fn an_empty_shop_says_so() {
    let app = shop("").await;
    let page = home(&app, "/").await;
    assert!(page.contains("Здесь пока нет товаров") && !page.contains("class=\"filters\""), "{page}");
    app.close().await;
}
