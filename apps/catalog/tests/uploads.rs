//! Файлы: что принимается, что нет, как отдаётся, что исчезает.

use axum::body::Body;
use http::{HeaderValue, Method};
use serde_json::json;
use testkit::{Answer, Client};

use crate::support::{add, customer, id_of, shop, staff};

/// Настоящая картинка.
fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("png");
    bytes.into_inner()
}

/// Форма с файлами `(поле, имя, содержимое)`.
async fn upload(client: &Client, path: &str, files: &[(&str, &str, Vec<u8>)]) -> Answer {
    let mut body = Vec::new();
    for (field, name, bytes) in files {
        let head = format!(
            "--granitsa\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--granitsa--\r\n");
    let kind = HeaderValue::from_static("multipart/form-data; boundary=granitsa");
    client.raw(Method::POST, path, Some(kind), Body::from(body)).await
}

#[tokio::test]
async fn images_are_reencoded_and_served_safely() {
    let app = shop().await;
    let boss = staff(&app);
    let answer = upload(
        &boss,
        "/api/v1/products/upload-images",
        &[("files", "../../etc/a.png", png(600, 300)), ("files", "b.png", png(20, 20))],
    )
    .await;
    let urls = answer.expect(200).json();
    let urls: Vec<&str> = urls.as_array().expect("array").iter().filter_map(|url| url.as_str()).collect();
    assert_eq!(urls.len(), 2);
    assert!(urls[0].starts_with("/api/v1/media/") && urls[0].ends_with("-w600.webp"), "{}", urls[0]);
    let served = app.anon().get(urls[0]).await.expect(200);
    assert_eq!(served.header("content-type"), Some("image/webp"));
    assert_eq!(served.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(served.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert!(served.header("content-security-policy").is_some_and(|policy| policy.starts_with("sandbox")));
    assert_eq!(&served.body[8..12], b"WEBP");
    let part = app.anon().header("range", "bytes=8-11").get(urls[0]).await.expect(206);
    assert_eq!(&part.body[..], b"WEBP");
    let made = add(&app, "UP-1", json!({"media_urls": [urls[0]]})).await;
    let copies = made["media"][0]["thumbnails"].as_object().expect("thumbnails").clone();
    assert_eq!(copies.keys().map(String::as_str).collect::<Vec<_>>(), ["160", "480", "600"]);
    for url in copies.values() {
        app.anon().get(url.as_str().expect("url")).await.expect(200);
    }
    app.close().await;
}

#[tokio::test]
async fn hostile_files_are_refused_and_leave_nothing() {
    let app = shop().await;
    let boss = staff(&app);
    let mut huge = png(10, 10);
    // Размеры в заголовке PNG: 50 000 × 50 000.
    huge[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    let mut torn = png(100, 100);
    torn.truncate(60);
    for (name, bytes) in [
        ("page.png", b"<html><script>alert(1)</script></html>".to_vec()),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("empty.png", Vec::new()),
        ("model.glb", b"glTF\x02\x00\x00\x00".to_vec()),
        ("paper.pdf", b"%PDF-1.4 %%EOF".to_vec()),
        ("huge.png", huge),
        ("torn.png", torn),
    ] {
        let files = [("files", "good.png", png(10, 10)), ("files", name, bytes)];
        let problem = upload(&boss, "/api/v1/products/upload-images", &files).await.refused(400, "catalog.bad_file");
        assert_eq!(problem["errors"][0]["field"], "files[1]", "{name}");
    }
    let storage = app.ctx.service::<megashop_files::Storage>();
    let left = futures::StreamExt::count(storage.list("").await.expect("list")).await;
    assert_eq!(left, 0, "a refused upload leaves files behind");
    app.close().await;
}

#[tokio::test]
async fn broken_forms_are_clear_errors() {
    let app = shop().await;
    let boss = staff(&app);
    let path = "/api/v1/products/upload-images";
    boss.post(path, json!({})).await.refused(415, "catalog.not_a_form");
    upload(&boss, path, &[]).await.invalid("files");
    upload(&boss, path, &[("other", "a.png", png(5, 5))]).await.invalid("files");
    let cut = HeaderValue::from_static("multipart/form-data; boundary=granitsa");
    let body = Body::from("--granitsa\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\nabc");
    boss.raw(Method::POST, path, Some(cut), body).await.refused(422, "catalog.broken_form");
    upload(&customer(&app, 3), path, &[("files", "a.png", png(5, 5))]).await.expect(403);
    upload(&app.anon(), path, &[("files", "a.png", png(5, 5))]).await.expect(401);
    app.close().await;
}

#[tokio::test]
async fn preview_is_one_image() {
    let app = shop().await;
    let boss = staff(&app);
    let path = "/api/v1/products/upload-preview-image";
    let url = upload(&boss, path, &[("file", "a.png", png(30, 30))]).await.expect(200).json();
    app.anon().get(url.as_str().expect("a string")).await.expect(200);
    upload(&boss, path, &[("file", "a.png", png(5, 5)), ("file", "b.png", png(5, 5))]).await.invalid("file");
    app.close().await;
}

#[tokio::test]
async fn gallery_is_ordered_described_and_cleaned() {
    let app = shop().await;
    let boss = staff(&app);
    let made = add(&app, "UP-2", json!({"media_urls": ["/one.webp"]})).await;
    let path = format!("/api/v1/products/{}/media", id_of(&made));
    let sent = upload(&boss, &format!("{path}/upload"), &[("file", "a.png", png(50, 50))]).await.expect(201).json();
    assert_eq!((&sent["order"], &sent["kind"]), (&json!(1), &json!("image")));
    let model = json!({"url": "https://cdn.example/chair.glb", "kind": "model_3d"});
    let model = boss.post(&path, model).await.expect(201).json();
    let ids = json!([model["id"], sent["id"], made["media"][0]["id"]]);
    let ordered = boss.put(&format!("{path}/order"), json!({"ids": ids})).await.expect(200).json();
    assert_eq!(ordered["media"][0]["url"], "https://cdn.example/chair.glb");
    boss.put(&format!("{path}/order"), json!({"ids": [model["id"]]})).await.invalid("ids");
    let alt = boss.patch(&format!("{path}/{}", sent["id"]), json!({"alt": "Вид сбоку"})).await.expect(200).json();
    assert_eq!(alt["alt"], "Вид сбоку");
    let url = sent["url"].as_str().expect("url");
    app.anon().get(url).await.expect(200);
    boss.delete(&format!("{path}/{}", sent["id"])).await.expect(204);
    assert_eq!(app.run_jobs().await, 1);
    app.anon().get(url).await.refused(404, "catalog.media_not_found");
    boss.delete(&format!("{path}/{}", sent["id"])).await.refused(404, "catalog.media_not_found");
    app.anon().get("/api/v1/media/aa/bb/..%2f..%2fsecret.webp").await.expect(404);
    app.close().await;
}

#[tokio::test]
async fn a_file_used_twice_stays_until_the_last_use() {
    let app = shop().await;
    let boss = staff(&app);
    let url = upload(&boss, "/api/v1/products/upload-preview-image", &[("file", "a.png", png(30, 30))])
        .await
        .expect(200)
        .json();
    let first = add(&app, "UP-3", json!({"media_urls": [url]})).await;
    let second = add(&app, "UP-4", json!({"media_urls": [url]})).await;
    let url = url.as_str().expect("url");
    boss.delete(&format!("/api/v1/products/{}", id_of(&first))).await.expect(204);
    app.run_jobs().await;
    app.anon().get(url).await.expect(200);
    boss.delete(&format!("/api/v1/products/{}", id_of(&second))).await.expect(204);
    app.run_jobs().await;
    app.anon().get(url).await.expect(404);
    app.close().await;
}
