//! Роли: группы прав, кто в них, входы человека.

use accounts::permissions::{BLOCK_USER, CHANGE_GROUP, CHANGE_USER_GROUPS, VIEW_GROUP, VIEW_USER};
use admin::permissions::ENTER;
use testkit::TestApp;

use crate::shop::*;

/// Магазин, где объявлены права всех приложений.
async fn declared() -> TestApp {
    let app = open().await;
    let permissions = apps().into_iter().flat_map(|app| app.permissions).collect();
    let groups = apps().into_iter().flat_map(|app| app.groups).collect();
    accounts::start(&app.ctx, permissions, groups).await.expect("start");
    app
}

#[tokio::test]
async fn make_a_role_change_it_and_see_who_holds_it() {
    let app = declared().await;
    let me = administrator(&app).await;
    let form = me.get("/admin/accounts/group/add").await.expect(200);
    shows(&form, "Заказы: просмотр");
    let fields = [("title", "Склад"), ("code", "stock"), ("permissions", "orders.view_order")];
    let page = me.done("/admin/accounts/group/add", &fields).await;
    shows(&page, "Склад");
    let id = accounts::queries::group_by_code(app.ctx.db_fresh(), "stock").await.expect("read").expect("group").id;
    let url = format!("/admin/accounts/group/{id}");
    let wider = [
        ("title", "Склад"),
        ("code", "stock"),
        ("permissions", "orders.view_order"),
        ("permissions", "catalog.view_product"),
    ];
    me.done(&format!("{url}/change"), &wider).await;

    let person = accounts::factories::customer(&app.ctx).await;
    let card = format!("/admin/accounts/user/{}", person.user_id);
    let page = me.done(&format!("{card}/change"), &[("groups", "stock")]).await;
    shows(&page, "Склад");
    let holders = me.get(&url).await.expect(200);
    shows(&holders, &format!("/admin/accounts/user/{}", person.user_id));
    // Право действует: раздел открыт, соседний — нет.
    let clerk = Staff::of(&app, &person.token);
    clerk.get("/admin/orders/order").await.expect(200);
    clerk.get("/admin/payments/payment").await.expect(403);
    me.fill(&format!("{url}/delete"), &[]).await.expect(303);
    me.get(&url).await.expect(404);
    close(app).await;
}

#[tokio::test]
async fn nobody_gives_a_right_he_does_not_hold() {
    let app = declared().await;
    let chief = staff(&app, &[ENTER, VIEW_GROUP, CHANGE_GROUP, VIEW_USER, CHANGE_USER_GROUPS]).await;
    let more = [("title", "Хитрые"), ("code", "sly"), ("permissions", "payments.refund_payment")];
    chief.fill("/admin/accounts/group/add", &more).await.expect(403);
    assert!(accounts::queries::group_by_code(app.ctx.db_fresh(), "sly").await.expect("read").is_none());
    let person = accounts::factories::customer(&app.ctx).await;
    let card = format!("/admin/accounts/user/{}/change", person.user_id);
    chief.fill(&card, &[("groups", "manager")]).await.expect(403);
    chief.fill(&card, &[("groups", "admin")]).await.expect(403);
    close(app).await;
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = declared().await;
    let one = accounts::factories::admin(&app.ctx).await;
    let other = accounts::factories::admin(&app.ctx).await;
    let me = Staff::of(&app, &one.token);
    me.done(&format!("/admin/accounts/user/{}/change", other.user_id), &[]).await;
    // Себя не разжаловать, а больше администраторов нет.
    let own = format!("/admin/accounts/user/{}", one.user_id);
    shows(&me.fill(&format!("{own}/change"), &[]).await.expect(400), "Менять собственные роли нельзя");
    me.get(&format!("{own}/block")).await.expect(200);
    shows(&me.fill(&format!("{own}/block"), &[]).await.expect(400), "Заблокировать самого себя нельзя");
    me.get("/admin").await.expect(200);
    close(app).await;
}

#[tokio::test]
async fn a_session_of_a_person_can_be_ended() {
    let app = declared().await;
    let me = administrator(&app).await;
    let person = accounts::factories::customer(&app.ctx).await;
    let client = app.anon().bearer(&person.token);
    client.get("/api/v1/users/me").await.expect(200);
    let devices = client.get("/api/v1/users/me/devices").await.expect(200).json();
    let device = devices["devices"][0]["id"].to_string();
    let card = format!("/admin/accounts/user/{}", person.user_id);
    me.done(&format!("{card}/end_session"), &[("device", &device)]).await;
    client.get("/api/v1/users/me").await.expect(401);
    me.fill(&format!("{card}/end_session"), &[("device", "999999")]).await.expect(404);
    // Вход администратора закончит только администратор.
    let boss = accounts::factories::admin(&app.ctx).await;
    let clerk = staff(&app, &[ENTER, VIEW_USER, BLOCK_USER]).await;
    let card = format!("/admin/accounts/user/{}/end_session", boss.user_id);
    clerk.fill(&card, &[("device", "1")]).await.expect(403);
    close(app).await;
}
