use catalog::factories::product;
use http::Method;
use orders::permissions::{CHANGE_ORDER, VIEW_ORDER};
use serde_json::json;

use crate::shop::{self, ORDERS, bought, customer, id_of, row};

#[tokio::test]
async fn a_foreign_order_does_not_exist() {
    let app = shop::open().await;
    let (anna, boris) = (customer(&app).await.client, customer(&app).await.client);
    let chair = product(&app.ctx).create().await;
    let order = bought(&anna, &[(&chair, 1)]).await;
    let before = row(&app, id_of(&order)).await;
    for id in [id_of(&order), 777_777] {
        for (method, path) in [
            (Method::GET, format!("{ORDERS}{id}")),
            (Method::POST, format!("{ORDERS}{id}/cancel")),
            (Method::POST, format!("/api/v1/payment/create/{id}")),
        ] {
            boris.send(method.clone(), &path, None).await.refused(404, "orders.not_found");
            app.anon().send(method, &path, None).await.refused(401, "auth.unauthorized");
        }
    }
    assert_eq!(boris.get(ORDERS).await.expect(200).json()["total"], 0);
    app.anon().get(ORDERS).await.refused(401, "auth.unauthorized");
    for bad in ["x", "1.5", "99999999999999999999"] {
        anna.get(&format!("{ORDERS}{bad}")).await.invalid("id");
    }
    assert_eq!(row(&app, id_of(&order)).await, before);
    shop::close(app).await;
}

#[tokio::test]
async fn staff_routes_want_their_own_right() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).create().await;
    let order = bought(&anna, &[(&chair, 1)]).await;
    let before = row(&app, id_of(&order)).await;
    let viewer = app.anon().bearer(&accounts::factories::staff(&app.ctx, &[VIEW_ORDER]).await.token);
    let changer = app.anon().bearer(&accounts::factories::staff(&app.ctx, &[CHANGE_ORDER]).await.token);
    let path = format!("{ORDERS}{}", id_of(&order));
    let routes = [
        (Method::GET, "/api/v1/orders/admin/all".to_owned(), &changer),
        (Method::PUT, path.clone(), &viewer),
        (Method::PATCH, path.clone(), &viewer),
        (Method::POST, format!("{path}/status"), &viewer),
        (Method::PUT, format!("{path}/stages/design"), &viewer),
    ];
    for (method, path, wrong) in routes {
        let body = (method != Method::GET).then(|| json!({"status": "cancelled"}));
        app.anon().send(method.clone(), &path, body.clone()).await.refused(401, "auth.unauthorized");
        for client in [&anna, wrong] {
            client.send(method.clone(), &path, body.clone()).await.refused(403, "auth.forbidden");
        }
    }
    assert_eq!(row(&app, id_of(&order)).await, before);
    // Видеть чужой заказ может только тот, кому можно смотреть; отменить — кому можно менять.
    assert_eq!(viewer.get(&path).await.expect(200).json()["order_number"], order["order_number"]);
    changer.get(&path).await.refused(404, "orders.not_found");
    viewer.send(Method::POST, &format!("{path}/cancel"), None).await.refused(404, "orders.not_found");
    changer.send(Method::POST, &format!("{path}/cancel"), None).await.expect(200);
    shop::close(app).await;
}

#[tokio::test]
async fn models_match_the_tables_and_texts_have_pairs() {
    let app = shop::open().await;
    app.assert_no_drift().await;
    let own: Vec<_> = app.ctx.texts().unpaired().into_iter().filter(|key| key.contains(" orders.")).collect();
    assert!(own.is_empty(), "{own:?}");
    shop::close(app).await;
}

#[tokio::test]
async fn erasing_an_account_erases_finished_orders_and_later_the_rest() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).stock(10).create().await;
    let (done, open) = (bought(&anna, &[(&chair, 1)]).await, bought(&anna, &[(&chair, 1)]).await);
    anna.send(Method::POST, &format!("{ORDERS}{}/cancel", id_of(&done)), None).await.expect(200);
    anna.delete("/api/v1/users/me").await.expect(204);
    app.run_jobs().await;
    let erased = row(&app, id_of(&done)).await;
    assert_eq!(
        (erased.contact_name.as_str(), erased.contact_phone.as_str(), erased.contact_email.as_str()),
        ("", "", "")
    );
    assert_eq!(erased.final_amount, kernel::Money::rub(1000), "the books stay");
    assert_ne!(row(&app, id_of(&open)).await.contact_email, "");
    app.advance(chrono::TimeDelta::hours(2));
    app.run_jobs().await;
    app.advance(chrono::TimeDelta::days(1));
    app.run_jobs().await;
    assert_eq!(row(&app, id_of(&open)).await.contact_email, "");
    shop::close(app).await;
}
