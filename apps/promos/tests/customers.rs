//! Предел на покупателя.

use promos::factories::{create, promo};
use promos::models::Customer;
use promos::schemas::PromoCodeIn;
use promos::services::Buyer;
use sea_orm::{EntityTrait, PaginatorTrait};
use testkit::TestApp;

use crate::shop::{self, claim, guest, release, user};

async fn limited(limit: i64) -> TestApp {
    let app = shop::open().await;
    create(&app.ctx, PromoCodeIn { max_uses_per_customer: Some(limit), ..promo("FIRST") }).await.expect("made");
    app
}

async fn refused(app: &TestApp, buyer: Buyer, id: i64) {
    let refusal = claim(&app.ctx, "FIRST", buyer, id).await.expect_err("the customer has used it");
    assert_eq!(refusal.code, "promos.already_used");
}

#[tokio::test]
async fn one_person_is_known_by_account_phone_and_mail() {
    let app = limited(1).await;
    let login = accounts::factories::customer(&app.ctx).await;
    let anna = Buyer {
        user_id: Some(login.user_id),
        phone: Some("+79160000001".into()),
        email: Some("Anna@Example.com".into()),
    };
    claim(&app.ctx, "FIRST", anna.clone(), 1).await.expect("claimed");
    refused(&app, anna.clone(), 2).await;
    refused(&app, user(login.user_id), 3).await;
    refused(&app, guest("+79160000001", "other@example.com"), 4).await;
    refused(&app, guest("+79160000002", " anna@example.com"), 5).await;
    claim(&app.ctx, "FIRST", guest("+79160000002", "other@example.com"), 6).await.expect("another person");
    assert_eq!(shop::used(&app, "FIRST").await, 2);
    // Отменённое возвращается по всем приметам сразу.
    release(&app.ctx, 1).await.expect("released");
    claim(&app.ctx, "FIRST", guest("+79160000001", "anna@example.com"), 7).await.expect("free again");
    refused(&app, guest("+79160000001", "third@example.com"), 8).await;
    app.close().await;
}

#[tokio::test]
async fn the_limit_may_be_more_than_one_and_counts_old_uses() {
    let app = shop::open().await;
    let made = create(&app.ctx, promo("FIRST")).await.expect("made");
    let anna = || guest("+79160000001", "anna@example.com");
    for id in 1..=2 {
        claim(&app.ctx, "FIRST", anna(), id).await.expect("no limit yet");
    }
    let staff = shop::staff(&app).await;
    let path = format!("{}{}", shop::CODES, made.id);
    staff.patch(&path, serde_json::json!({"max_uses_per_customer": 3})).await.expect(200);
    claim(&app.ctx, "FIRST", anna(), 3).await.expect("the third");
    refused(&app, anna(), 4).await;
    assert_eq!(shop::used(&app, "FIRST").await, 3);
    app.close().await;
}

#[tokio::test]
async fn nobody_in_particular_cannot_use_a_counted_code() {
    let app = limited(1).await;
    let refusal = claim(&app.ctx, "FIRST", Buyer::default(), 1).await.expect_err("who is it?");
    assert_eq!(refusal.code, "promos.customer_unknown");
    create(&app.ctx, promo("ANY")).await.expect("made");
    claim(&app.ctx, "ANY", Buyer::default(), 2).await.expect("an uncounted code does not care");
    release(&app.ctx, 2).await.expect("released");
    assert_eq!((shop::used(&app, "FIRST").await, shop::used(&app, "ANY").await), (0, 0));
    assert_eq!(Customer::find().count(app.ctx.db_fresh()).await.expect("count"), 0);
    app.close().await;
}

/// Сам телефон в счётчиках не лежит.
#[tokio::test]
async fn counters_hold_no_personal_data() {
    let app = limited(1).await;
    claim(&app.ctx, "FIRST", guest("+79160000001", "anna@example.com"), 1).await.expect("claimed");
    let rows = format!("{:?}", Customer::find().all(app.ctx.db_fresh()).await.expect("rows"));
    assert!(!rows.contains("9160000001") && !rows.contains("anna"), "{rows}");
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_customer_in_many_tabs_gets_his_share_and_no_more() {
    let app = limited(2).await;
    let calls: Vec<_> = (1..=40)
        .map(|id| {
            let ctx = app.ctx.clone();
            // Почта у каждой вкладки своя, телефон один.
            let buyer = guest("+79160000001", &format!("tab{id}@example.com"));
            tokio::spawn(async move { claim(&ctx, "FIRST", buyer, id).await })
        })
        .collect();
    let mut claimed = 0;
    for call in calls {
        match call.await.expect("task") {
            Ok(()) => claimed += 1,
            Err(refusal) => assert_eq!(refusal.code, "promos.already_used"),
        }
    }
    assert_eq!((claimed, shop::used(&app, "FIRST").await), (2, 2));
    app.close().await;
}
