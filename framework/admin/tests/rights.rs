//! Кому что видно и можно.

use admin::permissions::ENTER;
use catalog::factories::product;
use catalog::permissions::{CHANGE_PRODUCT, VIEW_PRODUCT};

use crate::shop::*;

#[tokio::test]
async fn everyone_sees_only_their_own_sections() {
    let app = open().await;
    let seller = staff(&app, &[ENTER, orders::permissions::VIEW_ORDER]).await;
    let home = seller.get("/admin").await.expect(200);
    shows(&home, "/admin/orders/order");
    for foreign in ["/admin/catalog/product", "/admin/accounts/user", "/admin/admin/log", "/admin/payments/payment"] {
        hides(&home, foreign);
        seller.get(foreign).await.expect(403);
    }
    close(app).await;
}

#[tokio::test]
async fn looking_is_not_changing() {
    let app = open().await;
    let made = product(&app.ctx).sizes(&["S"]).create().await;
    let url = format!("/admin/catalog/product/{}", made.product.id);
    let reader = staff(&app, &[ENTER, VIEW_PRODUCT]).await;
    let page = reader.get(&url).await.expect(200);
    for action in ["change", "archive", "receive", "delete", "upload"] {
        hides(&page, &format!("{url}/{action}"));
        reader.get(&format!("{url}/{action}")).await.expect(403);
        reader.send(&format!("{url}/{action}"), &[]).await.expect(403);
    }
    reader.get("/admin/catalog/product/add").await.expect(403);
    reader.send("/admin/catalog/product/bulk/archive", &[("ids", "1")]).await.expect(403);
    let editor = staff(&app, &[ENTER, VIEW_PRODUCT, CHANGE_PRODUCT]).await;
    shows(&editor.get(&url).await.expect(200), &format!("{url}/archive"));
    close(app).await;
}

#[tokio::test]
async fn an_erased_person_is_not_there() {
    let app = open().await;
    let me = administrator(&app).await;
    let customer = accounts::factories::customer(&app.ctx).await;
    let url = format!("/admin/accounts/user/{}", customer.user_id);
    shows(&me.get(&url).await.expect(200), &customer.phone);
    let id = customer.user_id;
    let erase = async move |work: &mut kernel::Work| accounts::services::erase_user(work, id).await;
    app.ctx.atomic(&kernel::Actor::System("tests"), erase).await.expect("erase");
    me.get(&url).await.expect(404);
    me.get(&format!("{url}/history")).await.expect(404);
    me.get(&format!("{url}/block")).await.expect(404);
    close(app).await;
}
