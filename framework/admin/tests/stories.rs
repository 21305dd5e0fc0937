//! Дела владельца магазина, от начала до конца, страницами админки.

use catalog::factories::{Made, product};
use catalog::models::{inventory_item, product as goods};
use orders::models::{Order, order};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use testkit::TestApp;

use crate::shop::*;

async fn stock(app: &TestApp, made: &Made) -> i64 {
    let item = inventory_item::Entity::find_by_id(made.items[0].id).one(app.ctx.db_fresh()).await;
    item.expect("read").expect("item").on_hand
}

/// Оплаченный заказ двух штук.
pub async fn paid_order(app: &TestApp, made: &Made) -> order::Model {
    let customer = accounts::factories::customer(&app.ctx).await;
    let client = app.anon().bearer(&customer.token);
    let body = json!({"items": [{"product_id": made.product.id, "quantity": 2}]});
    let placed = client.post("/api/v1/orders/", body).await.expect(201).json();
    let payment = placed["payment_url"].as_str().and_then(|url| url.rsplit('/').next()).expect("payment").to_owned();
    app.anon().post(&format!("/api/v1/payment/emulator/{payment}/pay"), json!({"faults": []})).await.expect(200);
    app.run_jobs().await;
    row(app, placed["id"].as_i64().expect("id")).await
}

async fn row(app: &TestApp, id: i64) -> order::Model {
    Order::find_by_id(id).one(app.ctx.db_fresh()).await.expect("read").expect("order")
}

#[tokio::test]
async fn receive_goods_and_recount() {
    let app = open().await;
    let me = administrator(&app).await;
    let made = product(&app.ctx).stock(3).create().await;
    let url = format!("/admin/catalog/product/{}", made.product.id);
    let item = made.items[0].id.to_string();
    let receive = format!("{url}/receive");
    let refused = me.fill(&receive, &[("item", &item), ("quantity", "0"), ("reason", "накладная 7")]).await.expect(422);
    shows(&refused, "Значение должно быть больше нуля.");
    let page = me.done(&receive, &[("item", &item), ("quantity", "5"), ("reason", "накладная 7")]).await;
    shows(&page, "накладная 7");
    shows(&page, "+5");
    assert_eq!(stock(&app, &made).await, 8);
    me.done(&format!("{url}/correct"), &[("item", &item), ("quantity", "6"), ("reason", "пересчёт")]).await;
    assert_eq!(stock(&app, &made).await, 6);
    // Чужая складская позиция этому товару не подходит.
    let other = product(&app.ctx).create().await.items[0].id.to_string();
    me.fill(&receive, &[("item", &other), ("quantity", "5"), ("reason", "накладная 8")]).await.expect(404);
    close(app).await;
}

#[tokio::test]
async fn make_a_product_with_sizes_and_a_picture() {
    let app = open().await;
    let me = administrator(&app).await;
    let fields = [
        ("name", "Худи «Туман»"),
        ("article", "ТУМАН-1"),
        ("price", "4 990,50"),
        ("order_type", "order"),
        ("sizes", "S\nM\nL"),
        ("stock_count", "12"),
        ("media_urls", "https://cdn.example/hoodie.webp"),
        ("is_active", "on"),
    ];
    let made = me.fill("/admin/catalog/product/add", &fields).await.expect(303);
    let page = me.get(&location(&made)).await.expect(200);
    for words in ["Худи «Туман»", "4 990,50 ₽", "https://cdn.example/hoodie.webp", ">M</a>"] {
        shows(&page, words);
    }
    me.done(&format!("{}/add_variant", location(&made)), &[("size", "XL"), ("stock_count", "2")]).await;
    shows(&me.get(&location(&made)).await, ">XL</a>");
    close(app).await;
}

#[tokio::test]
async fn open_a_wave_and_move_it() {
    let app = open().await;
    let me = administrator(&app).await;
    let made = product(&app.ctx).create().await;
    let id = made.product.id.to_string();
    shows(
        &me.get(&format!("/admin/catalog/product/{id}")).await,
        &format!("/admin/preorders/wave/add?product_id={id}"),
    );
    let add = format!("/admin/preorders/wave/add?product_id={id}");
    let wave =
        me.fill(&add, &[("product_id", &id), ("capacity", "30"), ("closes_at", "2026-05-01T12:00")]).await.expect(303);
    let page = me.get(&location(&wave)).await.expect(200);
    shows(&page, "набирается");
    shows(&page, "01.05.2026 12:00");
    let refused =
        me.fill(&format!("{}/change", location(&wave)), &[("capacity", "0"), ("closes_at", "2026-05-01T12:00")]).await;
    shows(&refused.expect(422), "Слишком мало: не меньше 1.");
    shows(&me.done(&format!("{}/production", location(&wave)), &[("message", "Шьём!")]).await, "изготавливается");
    let found: Option<goods::Model> =
        goods::Entity::find_by_id(made.product.id).one(app.ctx.db_fresh()).await.expect("read");
    assert_eq!(found.expect("product").preorder_waves_total, 1);
    close(app).await;
}

#[tokio::test]
async fn ship_an_order_and_refund_a_part() {
    let app = open().await;
    let me = administrator(&app).await;
    let made = product(&app.ctx).stock(5).create().await;
    let order = paid_order(&app, &made).await;
    let url = format!("/admin/orders/order/{}", order.id);
    let page = me.get(&url).await.expect(200);
    shows(&page, "оплачен");
    hides(&page, &format!("{url}/ship"));
    me.fill(&format!("{url}/ship"), &[]).await.expect(409);
    me.done(&format!("{url}/processing"), &[]).await;
    let page = me.done(&format!("{url}/ship"), &[("tracking_number", "RU123"), ("note", "Спасибо!")]).await;
    shows(&page, "RU123");
    shows(&page, "в пути");
    assert_eq!(stock(&app, &made).await, 3, "shipping writes the stock off");
    let refund = format!("{url}/refund");
    let form = me.get(&refund).await.text();
    let fields = [("amount", "300,50"), ("reason", "брак одной штуки")];
    me.submit(&refund, &form, &fields).await.expect(303);
    me.submit(&refund, &form, &fields).await.expect(303);
    app.run_jobs().await;
    assert_eq!(row(&app, order.id).await.refunded_amount, kernel::Money::minor(300_50), "sent twice, refunded once");
    let refused = me.fill(&refund, &[("amount", "100000"), ("reason", "всё и сразу")]).await;
    assert!((400..500).contains(&refused.status), "{}", refused.status);
    shows(&me.get(&format!("{url}/history")).await, "Сколько вернуть, ₽");
    close(app).await;
}

#[tokio::test]
async fn lines_go_back_and_sheets_are_printed() {
    let app = open().await;
    let me = administrator(&app).await;
    let made = product(&app.ctx).price(1000).stock(5).create().await;
    let order = paid_order(&app, &made).await;
    let url = format!("/admin/orders/order/{}", order.id);
    let packing = me.get(&format!("{url}/packing")).await.expect(200);
    shows(&packing, &order.number);
    shows(&packing, &made.product.name);
    hides(&packing, "₽");
    shows(&me.get(&format!("{url}/invoice")).await.expect(200), "2 000 ₽");
    let policy = packing.header("content-security-policy").expect("policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let viewer = staff(&app, &[admin::permissions::ENTER]).await;
    viewer.get(&format!("{url}/packing")).await.expect(403);

    let refund = format!("{url}/refund");
    let form = me.get(&refund).await.expect(200).text();
    let line = hidden(&form, "items");
    let fields = [("items", line.as_str()), ("items__count", "1"), ("reason", "мала")];
    me.submit(&refund, &form, &fields).await.expect(303);
    app.run_jobs().await;
    assert_eq!(row(&app, order.id).await.refunded_amount, kernel::Money::minor(1000_00));
    shows(&me.get(&format!("{url}/history")).await, &format!("№ {line} × 1"));
    close(app).await;
}

#[tokio::test]
async fn many_orders_at_once_each_with_its_outcome() {
    let app = open().await;
    let me = administrator(&app).await;
    let made = product(&app.ctx).stock(9).create().await;
    let (first, second) = (paid_order(&app, &made).await, paid_order(&app, &made).await);
    me.done(&format!("/admin/orders/order/{}/processing", second.id), &[]).await;
    let list = me.get("/admin/orders/order").await.expect(200).text();
    let (a, b) = (first.id.to_string(), second.id.to_string());
    let path = "/admin/orders/order/bulk/processing";
    let preview = me.submit(path, &list, &[("ids", &a), ("ids", &b)]).await.expect(200);
    shows(&preview, &first.number);
    assert_eq!(row(&app, first.id).await.status.code(), "paid", "a preview changes nothing");
    let done = me.submit(path, &preview.text(), &[("ids", &a), ("ids", &b), ("_confirm", "1")]).await.expect(200);
    shows(&done, "Сделано: 1 из 2.");
    assert_eq!(row(&app, first.id).await.status.code(), "processing");
    close(app).await;
}

#[tokio::test]
async fn say_why_a_code_was_refused() {
    let app = open().await;
    let me = administrator(&app).await;
    let (covered, other) = (product(&app.ctx).create().await, product(&app.ctx).create().await);
    let id = covered.product.id.to_string();
    let fields =
        [("code", "ТОЛЬКО-ЭТО"), ("discount_percent", "10"), ("product_ids", id.as_str()), ("is_active", "on")];
    let promo = me.fill("/admin/promos/promo_code/add", &fields).await.expect(303);
    let check = format!("{}/check", location(&promo));
    me.done(&check, &[("product_id", &id)]).await;
    let refused = me.fill(&check, &[("product_id", &other.product.id.to_string())]).await.expect(400);
    shows(&refused, "Промокод не действует на эти товары.");
    // Без скриптов товар ищут кнопкой, не теряя введённого.
    let found =
        me.fill(&check, &[("_find", "product_id"), ("product_id__q", &other.product.article)]).await.expect(200);
    shows(&found, &other.product.name);
    close(app).await;
}

#[tokio::test]
async fn find_a_customer_by_phone_and_see_the_orders() {
    let app = open().await;
    let me = administrator(&app).await;
    let made = product(&app.ctx).stock(5).create().await;
    let order = paid_order(&app, &made).await;
    let person = accounts::models::User::find_by_id(order.user_id.expect("user")).one(app.ctx.db_fresh()).await;
    let phone = person.expect("read").expect("person").phone.expect("phone");
    let typed = phone.replacen("+7", "8 ", 1);
    let query: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    let found = me.get(&format!("/admin/search?q={query}")).await.expect(200);
    let url = format!("/admin/accounts/user/{}", order.user_id.expect("user"));
    shows(&found, &url);
    let page = me.get(&url).await.expect(200);
    shows(&page, &order.number);
    shows(&me.get(&format!("{url}/history")).await, "Карточку смотрел сотрудник");
    let groups = app.groups.clone();
    let sync = async move |work: &mut kernel::Work| accounts::services::sync_groups(work, &groups).await;
    app.ctx.atomic(&kernel::Actor::System("tests"), sync).await.expect("groups");
    let (roles, before) = (format!("{url}/change"), me.get(&url).await);
    shows(&before, "Заблокировать");
    me.fill(&roles, &[("groups", "moderator")]).await.expect(303);
    shows(&me.get(&format!("{url}/history")).await, "moderator");
    close(app).await;
}

#[tokio::test]
async fn retry_a_failed_letter() {
    use notifications::models::message;
    let app = open().await;
    let me = administrator(&app).await;
    let made = product(&app.ctx).stock(5).create().await;
    paid_order(&app, &made).await;
    let letter = message::Entity::find().filter(message::Column::IsSecret.eq(false)).one(app.ctx.db_fresh()).await;
    let letter = letter.expect("read").expect("a letter");
    let failed = message::ActiveModel {
        id: sea_orm::Unchanged(letter.id),
        status: sea_orm::Set(message::Status::Failed),
        error: sea_orm::Set(Some("550 no such user".into())),
        ..Default::default()
    };
    sea_orm::ActiveModelTrait::update(failed, &app.ctx.db_handle().write).await.expect("fail it");
    let page = me.get("/admin/notifications/message?status=failed").await.expect(200);
    shows(&page, "550 no such user");
    me.done(&format!("/admin/notifications/message/{}/resend", letter.id), &[]).await;
    app.run_jobs().await;
    shows(&me.get(&format!("/admin/notifications/message/{}", letter.id)).await, "отправлено");
    close(app).await;
}

#[tokio::test]
async fn upload_a_picture_and_put_it_first() {
    let app = open().await;
    let me = administrator(&app).await;
    let made = product(&app.ctx).with(|p| p.media_urls = vec!["https://cdn.example/old.webp".into()]).create().await;
    let url = format!("/admin/catalog/product/{}", made.product.id);
    let page = me.get(&format!("{url}/upload")).await.expect(200).text();
    shows(&me.get(&format!("{url}/upload")).await, "multipart/form-data");
    let fields = [("_csrf", hidden(&page, "_csrf")), ("_key", hidden(&page, "_key")), ("alt", "Синее худи".to_owned())];
    let bad = me.upload(&format!("{url}/upload"), &fields, ("files", "virus.exe", b"MZ\x90\x00 not a picture")).await;
    assert!((400..500).contains(&bad.status), "{}: {}", bad.status, bad.text());
    me.upload(&format!("{url}/upload"), &fields, ("files", "hoodie.png", &png())).await.expect(303);
    let card = me.get(&url).await.expect(200);
    shows(&card, "Синее худи");
    let text = text(&card);
    let media =
        text.split("/admin/catalog/media/").last().and_then(|rest| rest.split('"').next()).expect("media").to_owned();
    me.done(&format!("/admin/catalog/media/{media}/first"), &[]).await;
    hides(&me.get(&format!("/admin/catalog/media/{media}")).await, "/first\"");
    close(app).await;
}

/// Настоящая картинка восемь на восемь.
fn png() -> Vec<u8> {
    let hex = "89504e470d0a1a0a0000000d49484452000000080000000808020000004b6d29dc0000007a4944415478da15cca11103201000c194932228e2351a4307db01068dc6d0c1774063216777e63edfaa5451b54a35ab5d65f5f976a58bae75bad9ed2efb030a41f36fb2490f8632c4d006c31cf690e3c1529658da6299cb5e723d38ca11473b1cf3d8479e07a9a4482dffef9976ca7c70952bae76b9e6b5afbc7e25d65d21232cf51b0000000049454e44ae426082";
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}
