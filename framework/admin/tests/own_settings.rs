//! Настройки: действуют сразу, слабее окружения, секреты не показываются, двое не затирают друг друга.

use kernel::overrides;
use orders::settings::OrderSettings;
use payments::settings::PaymentSettings;

use crate::shop::*;

const ORDERS: &str = "/admin/admin/settings/orders";
const PAYMENTS: &str = "/admin/admin/settings/payments";

fn order_fields(minutes: &str) -> Vec<(&str, &str)> {
    vec![("guest_checkout", "on"), ("unpaid_ttl_minutes", minutes), ("mixed", "split"), ("balance_at", "tracking")]
}

#[tokio::test]
async fn a_change_acts_at_once_and_can_be_taken_back() {
    let app = open().await;
    let me = administrator(&app).await;
    shows(&me.get("/admin/admin/settings").await.expect(200), "Через какой сервер уходят письма");
    let page = me.done(ORDERS, &order_fields("45")).await;
    shows(&page, "Готово.");
    assert_eq!(app.ctx.section::<OrderSettings>().unpaid_ttl_minutes, 45);
    shows(&me.get("/admin/admin/log").await.expect(200), "Через сколько минут отменять неоплаченный заказ: 60 → 45");
    // Другой процесс узнаёт по версии.
    let seen = overrides::follow_once(&app.ctx, "старая").await.expect("follow");
    assert_eq!(overrides::follow_once(&app.ctx, &seen).await.expect("follow"), seen);

    let mut reset = order_fields("45");
    reset.push(("_reset", "1"));
    me.done(ORDERS, &reset).await;
    assert_eq!(app.ctx.section::<OrderSettings>().unpaid_ttl_minutes, 60);
    close(app).await;
}

#[tokio::test]
async fn a_bad_value_is_refused_at_its_field_and_changes_nothing() {
    let app = open().await;
    let me = administrator(&app).await;
    for (value, words) in [("1", "не меньше 5"), ("много", "Нужно целое число"), ("", "Обязательное поле")]
    {
        let refused = me.fill(ORDERS, &order_fields(value)).await.expect(422);
        shows(&refused, words);
    }
    let forged =
        [("guest_checkout", "on"), ("unpaid_ttl_minutes", "60"), ("mixed", "никак"), ("balance_at", "tracking")];
    shows(&me.fill(ORDERS, &forged).await.expect(422), "не подходит");
    assert_eq!(app.ctx.section::<OrderSettings>().unpaid_ttl_minutes, 60);
    close(app).await;
}

#[tokio::test]
async fn two_owners_do_not_overwrite_each_other() {
    let app = open().await;
    let me = administrator(&app).await;
    let mine = me.get(ORDERS).await.expect(200).text();
    me.done(ORDERS, &order_fields("45")).await;
    let late = me.submit(ORDERS, &mine, &order_fields("30")).await.expect(409);
    shows(&late, "настройки сохранил кто-то другой");
    assert_eq!(app.ctx.section::<OrderSettings>().unpaid_ttl_minutes, 45);
    close(app).await;
}

#[tokio::test]
async fn a_secret_is_written_sealed_and_never_shown() {
    let app = open().await;
    let me = administrator(&app).await;
    let fields = |secret: &'static str| {
        [
            ("provider", "emulator"),
            ("pending_ttl_minutes", "60"),
            ("staff_refund_limit", "100000"),
            ("yookassa.shop_id", "100500"),
            ("yookassa.secret_key", secret),
            ("yookassa.receipts", "on"),
            ("yookassa.vat_code", "1"),
            ("yookassa.receipt_email", ""),
        ]
    };
    shows(&me.get(PAYMENTS).await.expect(200), "не задано");
    let page = me.done(PAYMENTS, &fields("test_проба-ключа")).await;
    shows(&page, "задано; пусто — не менять");
    let settings = app.ctx.section::<PaymentSettings>();
    assert_eq!(
        (settings.yookassa.shop_id.as_str(), settings.yookassa.secret_key.expose()),
        ("100500", "test_проба-ключа")
    );
    me.done(PAYMENTS, &fields("")).await;
    assert_eq!(app.ctx.section::<PaymentSettings>().yookassa.secret_key.expose(), "test_проба-ключа");
    for page in [PAYMENTS, "/admin/admin/log"] {
        hides(&me.get(page).await.expect(200), "проба-ключа");
    }
    use sea_orm::EntityTrait;
    let rows = overrides::row::Entity::find().all(app.ctx.db_fresh()).await.expect("read");
    assert!(rows.iter().all(|row| !row.value.contains("проба-ключа")));
    assert!(app.ctx.settings().show().iter().all(|(_, value, _)| !value.contains("проба-ключа")));
    close(app).await;
}

#[tokio::test]
async fn what_is_set_at_start_is_shown_but_not_changed() {
    let app = testkit::TestApp::with_flags(apps(), &[("orders.unpaid_ttl_minutes", "90")]).await;
    let me = administrator(&app).await;
    shows(&me.get(ORDERS).await.expect(200), "Задано при запуске");
    me.done(ORDERS, &order_fields("45")).await;
    assert_eq!(app.ctx.section::<OrderSettings>().unpaid_ttl_minutes, 90);
    assert_eq!(app.ctx.section::<OrderSettings>().mixed, orders::settings::Mixed::Split);
    app.close().await;
}

#[tokio::test]
async fn only_those_with_the_right() {
    let app = open().await;
    let clerk = staff(&app, &[admin::permissions::ENTER, orders::permissions::VIEW_ORDER]).await;
    clerk.get("/admin/admin/settings").await.expect(403);
    clerk.send(ORDERS, &order_fields("45")).await.expect(403);
    let me = administrator(&app).await;
    me.forged(ORDERS, &order_fields("45")).await.expect(403);
    me.send(ORDERS, &order_fields("45")).await.expect(403);
    assert_eq!(app.ctx.section::<OrderSettings>().unpaid_ttl_minutes, 60);
    close(app).await;
}
