use http::Method;
use preorders::factories::preorder;
use preorders::permissions::{CHANGE_WAVE, VIEW_WAVE};
use serde_json::json;

use crate::shop::{self, WAVES, waves};

#[tokio::test]
async fn staff_routes_want_their_own_right() {
    let app = shop::open().await;
    let hoodie = preorder(&app.ctx, 1, 2).await;
    let before = waves(&app, &hoodie).await;
    let wave = format!("{WAVES}{}", before[0].id);
    let anna = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    let viewer = app.anon().bearer(&accounts::factories::staff(&app.ctx, &[VIEW_WAVE]).await.token);
    let changer = app.anon().bearer(&accounts::factories::staff(&app.ctx, &[CHANGE_WAVE]).await.token);
    let waiting = format!("{}{}/waiting-list", shop::PRODUCTS, hoodie.product.id);
    let routes = [
        (Method::GET, WAVES.to_owned(), &changer),
        (Method::GET, wave.clone(), &changer),
        (Method::GET, format!("{waiting}/admin"), &changer),
        (Method::POST, WAVES.to_owned(), &viewer),
        (Method::PATCH, wave.clone(), &viewer),
        (Method::DELETE, wave.clone(), &viewer),
        (Method::POST, format!("{wave}/status"), &viewer),
        (Method::PATCH, "/api/v1/orders/admin/bulk-production-status?status=production".to_owned(), &viewer),
    ];
    for (method, path, wrong) in routes {
        let body = (method != Method::GET && method != Method::DELETE)
            .then(|| json!({"status": "production", "capacity": 9, "product_id": hoodie.product.id}));
        app.anon().send(method.clone(), &path, body.clone()).await.refused(401, "auth.unauthorized");
        for client in [&anna, wrong] {
            client.send(method.clone(), &path, body.clone()).await.refused(403, "auth.forbidden");
        }
    }
    for method in [Method::GET, Method::POST, Method::DELETE] {
        app.anon().send(method, &waiting, None).await.refused(401, "auth.unauthorized");
    }
    assert_eq!(waves(&app, &hoodie).await, before);
    viewer.get(&wave).await.expect(200);
    changer.patch(&wave, json!({"capacity": 3})).await.expect(200);
    shop::close(app).await;
}
