//! Товары, их картинки и архив.

use axum::body::Body;
use http::{HeaderValue, Method};
use serde_json::{Value, json};
use testkit::{Answer, Client};

use super::{add, admin, buyer, close, has, in_russian, list, order_of, place, shop};

const PRODUCT: &[&str] = &[
    "id",
    "name",
    "description",
    "article",
    "price",
    "sizes",
    "size_table",
    "care_instructions",
    "order_type",
    "stock_count",
    "preorder_waves_total",
    "preorder_wave_capacity",
    "current_wave",
    "current_wave_count",
    "is_active",
    "is_archived",
    "created_at",
    "updated_at",
    "media",
];

fn path(product: &Value) -> String {
    format!("/api/v1/products/{}", product["id"])
}

#[tokio::test]
async fn post_products() {
    let app = shop().await;
    let boss = admin(&app).await;
    let table = json!({"Oki": {"грудь": "100 см"}, "Big": {"грудь": "120 см"}});
    let changes = json!({
        "size_table": table, "care_instructions": "Стирать при 30°",
        "media_urls": ["https://img.example/1.jpg", "https://img.example/2.jpg"], "unknown_to_us": 1,
    });
    let made = add(&boss, "DWC-1", changes).await;
    has(&made, PRODUCT);
    for (field, value) in [
        ("price", json!(4500)),
        ("sizes", json!(["Oki", "Big"])),
        ("size_table", table),
        ("care_instructions", json!("Стирать при 30°")),
        ("order_type", json!("order")),
        ("stock_count", json!(10)),
        ("current_wave", json!(1)),
        ("current_wave_count", json!(0)),
        ("is_active", json!(true)),
        ("is_archived", json!(false)),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    has(&made["media"][1], &["id", "url", "order", "created_at"]);
    assert_eq!(
        (&made["media"][1]["url"], &made["media"][1]["order"]),
        (&json!("https://img.example/2.jpg"), &json!(1))
    );
    let post = async |body: Value| boss.post("/api/v1/products/", body).await;
    let twin = json!({"name": "Х", "article": "DWC-1", "price": 1});
    in_russian(&post(twin).await.refused(400, "catalog.article_taken"));
    for (field, value) in
        [("price", json!(0)), ("price", json!(-1)), ("order_type", json!("auction")), ("name", json!(null))]
    {
        let mut body = json!({"name": "Х", "article": "DWC-2", "price": 1});
        body[field] = value;
        in_russian(&post(body).await.invalid(field));
    }
    close(app).await;
}

#[tokio::test]
async fn get_products() {
    let app = shop().await;
    let boss = admin(&app).await;
    for n in 0..12 {
        add(&boss, &format!("L-{n}"), json!({})).await;
    }
    let old = add(&boss, "OLD", json!({})).await;
    boss.post(&format!("{}/archive", path(&old)), json!({})).await.expect(200);
    let off = add(&boss, "OFF", json!({})).await;
    boss.put(&path(&off), json!({"is_active": false})).await.expect(200);
    let first = app.anon().get("/api/v1/products/").await.expect(200).json();
    assert_eq!((list(&first, "products").len(), &first["total"], &first["page_size"]), (10, &json!(12), &json!(10)));
    has(&first["products"][0], PRODUCT);
    let second = app.anon().get("/api/v1/products/?skip=10&limit=5").await.expect(200).json();
    assert_eq!((list(&second, "products").len(), &second["page"]), (2, &json!(3)));
    let archive = boss.get("/api/v1/products/?is_archived=true").await.expect(200).json();
    assert_eq!((list(&archive, "products").len(), &archive["products"][0]["article"]), (1, &json!("OLD")));
    let hidden = boss.get("/api/v1/products/?is_active=false").await.expect(200).json();
    assert_eq!((list(&hidden, "products").len(), &hidden["products"][0]["article"]), (1, &json!("OFF")));
    close(app).await;
}

#[tokio::test]
async fn get_products_product_id() {
    let app = shop().await;
    let made = add(&admin(&app).await, "P-1", json!({})).await;
    let seen = app.anon().get(&path(&made)).await.expect(200).json();
    has(&seen, PRODUCT);
    assert_eq!(seen["article"], "P-1");
    in_russian(&app.anon().get("/api/v1/products/999999").await.refused(404, "catalog.product_not_found"));
    close(app).await;
}

#[tokio::test]
async fn put_products_product_id() {
    let app = shop().await;
    let boss = admin(&app).await;
    let made = add(&boss, "P-1", json!({"size_table": {"Oki": "50"}})).await;
    let changed = boss.put(&path(&made), json!({"price": 3900.5, "stock_count": 3})).await.expect(200).json();
    has(&changed, PRODUCT);
    assert_eq!((&changed["price"], &changed["stock_count"]), (&json!(3900.5), &json!(3)));
    assert_eq!((&changed["name"], &changed["size_table"]), (&made["name"], &json!({"Oki": "50"})));
    let table = boss.put(&path(&made), json!({"size_table": {"Big": "60"}})).await.expect(200).json();
    assert_eq!(table["size_table"], json!({"Big": "60"}));
    boss.put(&path(&made), json!({"order_type": "lottery"})).await.invalid("order_type");
    boss.put(&path(&made), json!({"price": 0})).await.invalid("price");
    boss.put("/api/v1/products/999999", json!({"price": 1})).await.refused(404, "catalog.product_not_found");
    close(app).await;
}

/// Проданное не удаляют: его держат заказы.
#[tokio::test]
async fn delete_products_product_id() {
    let app = shop().await;
    let boss = admin(&app).await;
    let (free, sold) = (add(&boss, "P-1", json!({})).await, add(&boss, "P-2", json!({})).await);
    place(&buyer(&app).await, &sold, 1).await;
    boss.delete(&path(&free)).await.expect(204);
    boss.delete(&path(&free)).await.refused(404, "catalog.product_not_found");
    in_russian(&boss.delete(&path(&sold)).await.refused(400, "catalog.product_in_use"));
    close(app).await;
}

#[tokio::test]
async fn post_products_archive() {
    let app = shop().await;
    let boss = admin(&app).await;
    let made = add(&boss, "P-1", json!({})).await;
    let archived = boss.post(&format!("{}/archive", path(&made)), json!({})).await.expect(200).json();
    has(&archived, PRODUCT);
    assert_eq!((&archived["is_archived"], &archived["is_active"]), (&json!(true), &json!(false)));
    assert_eq!(app.anon().get("/api/v1/products/").await.expect(200).json()["total"], 0);
    let refusal = buyer(&app).await.post("/api/v1/orders/", order_of(&made, 1)).await;
    assert!([400, 404].contains(&refusal.status), "{}", refusal.text());
    boss.post("/api/v1/products/999999/archive", json!({})).await.refused(404, "catalog.product_not_found");
    close(app).await;
}

fn picture() -> Vec<u8> {
    let picture = image::RgbImage::from_fn(600, 300, |x, y| image::Rgb([x as u8, y as u8, 90]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("png");
    bytes.into_inner()
}

async fn upload(client: &Client, path: &str, field: &str, files: &[Vec<u8>]) -> Answer {
    let mut body = Vec::new();
    for bytes in files {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    let kind = HeaderValue::from_static("multipart/form-data; boundary=b");
    client.raw(Method::POST, path, Some(kind), Body::from(body)).await
}

/// Ответ — массив адресов; они годятся в `media_urls`, и у картинки есть уменьшенные копии.
#[tokio::test]
async fn post_products_upload_images() {
    let app = shop().await;
    let boss = admin(&app).await;
    let address = "/api/v1/products/upload-images";
    let urls = upload(&boss, address, "files", &[picture(), picture()]).await.expect(200).json();
    assert_eq!(urls.as_array().map(Vec::len), Some(2));
    let served = app.anon().get(urls[0].as_str().expect("url")).await.expect(200);
    assert_eq!(served.header("content-type"), Some("image/webp"));
    let made = add(&boss, "P-1", json!({"media_urls": urls})).await;
    assert_eq!((&made["media"][0]["url"], &made["media"][1]["order"]), (&urls[0], &json!(1)));
    let copies = made["media"][0]["thumbnails"].as_object().expect("thumbnails").clone();
    assert!(copies.len() > 1, "{copies:?}");
    for url in copies.values() {
        app.anon().get(url.as_str().expect("url")).await.expect(200);
    }
    in_russian(&upload(&boss, address, "files", &[b"not an image".to_vec()]).await.refused(400, "catalog.bad_file"));
    close(app).await;
}

/// Ответ — одна строка.
#[tokio::test]
async fn post_products_upload_preview_image() {
    let app = shop().await;
    let boss = admin(&app).await;
    let address = "/api/v1/products/upload-preview-image";
    let url = upload(&boss, address, "file", &[picture()]).await.expect(200).json();
    app.anon().get(url.as_str().expect("a string")).await.expect(200);
    upload(&boss, address, "file", &[b"GIF89a?".to_vec()]).await.refused(400, "catalog.bad_file");
    close(app).await;
}
