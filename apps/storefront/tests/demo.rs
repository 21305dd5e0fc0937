//! Загрузка демонстрационного магазина.

use catalog::models::{category, inventory_item, product, product_media};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use storefront::{Step, demo_logins, load_demo};
use testkit::TestApp;

use crate::browser::{Browser, markup, shop, shows};

async fn counts(app: &TestApp) -> [u64; 8] {
    let db = app.ctx.db();
    [
        product::Entity::find().count(db).await.expect("products"),
        category::Entity::find().count(db).await.expect("categories"),
        product_media::Entity::find().count(db).await.expect("media"),
        accounts::models::User::find().count(db).await.expect("users"),
        delivery::models::Method::find().count(db).await.expect("methods"),
        delivery::models::PickupPoint::find().count(db).await.expect("points"),
        promos::models::PromoCode::find().count(db).await.expect("promo codes"),
        campaigns::models::Asset::find().count(db).await.expect("assets"),
    ]
}

#[tokio::test]
async fn the_demo_loads_once_and_sells() {
    let app = shop("").await;
    let mut steps: Vec<Step> = Vec::new();
    load_demo(&app.ctx, &mut |step| steps.push(step)).await.expect("demo");
    let last = steps.last().expect("steps");
    assert_eq!((last.done, last.total), (steps.len(), steps.len()));
    let loaded = counts(&app).await;
    assert_eq!(loaded, [38, 7, 50, 3, 3, 1, 3, 3]);

    load_demo(&app.ctx, &mut |_| ()).await.expect("demo again");
    assert_eq!(counts(&app).await, loaded);

    let sold_out = inventory_item::Column::Available.eq(0);
    let empty = inventory_item::Entity::find().filter(sold_out).count(app.ctx.db()).await.expect("items");
    assert!((1..5).contains(&empty), "some goods are sold out, most are not: {empty}");
    let sofa = Browser::new(&app).get("/p/divan-oblako").await.expect(200);
    shows(&sofa, "89\u{a0}900\u{a0}₽");
    shows(&sofa, "Курьером до двери: от\u{a0}450\u{a0}₽");
    let picture =
        markup(&sofa).split("src=\"/api/").nth(1).and_then(|rest| rest.split('"').next()).expect("picture").to_owned();
    let bytes = Browser::new(&app).get(&format!("/api/{picture}")).await.expect(200);
    assert_eq!(bytes.header("content-type"), Some("image/webp"));
    let bomber = Browser::new(&app).get("/p/bomber-staya").await.expect(200);
    shows(&bomber, "Волна 1: осталось 9&nbsp;мест из 20.");
    shows(&bomber, "16\u{a0}900\u{a0}₽");
    let skirt = Browser::new(&app).get("/p/yubka-volna").await.expect(200);
    shows(&skirt, "Волна 2: осталось 7&nbsp;мест из 12.");
    let section = Browser::new(&app).get("/c/mebel").await.expect(200);
    shows(&section, "23&nbsp;товара");
    for login in demo_logins() {
        let mut browser = Browser::new(&app);
        let fields = [("login", login.login.as_str()), ("password", login.password.as_str())];
        browser.send("/login", &fields).await.expect(303);
        shows(&browser.get("/cart").await.expect(200), "Мои заказы");
    }
    app.run_jobs().await;
    app.close().await;
}
