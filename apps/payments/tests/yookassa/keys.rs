//! Ключи магазина: не те — понятно, какие; в выводе их нет нигде.

use kernel::settings::Sources;
use payments::models::Status;
use payments::services;
use payments::settings::PaymentSettings;

use super::fake::{FakeYooKassa, SHOP};
use super::{receipt, shop, terms};
use crate::support::*;

#[tokio::test]
async fn config_check_tries_the_keys() {
    let (app, fake) = shop().await;
    let said = payments::check(&app.ctx).await.expect("right keys");
    assert_eq!(said, "yookassa accepts the keys of shop 100500 (test shop)");
    app.close().await;

    for (shop, secret, words) in [
        (SHOP, "test_wrong", "yookassa answered 401 invalid_credentials: check payments.yookassa.shop_id"),
        ("", "", "payments.yookassa.shop_id and payments.yookassa.secret_key are not set"),
    ] {
        let app = with(&fake.settings_with(shop, secret)).await;
        let said = format!("{:#}", payments::check(&app.ctx).await.expect_err("wrong keys"));
        assert!(said.contains(words) && !said.contains("test_wrong"), "{said}");
        app.close().await;
    }
    let (app, _fake) = super::shop_with("[payments.yookassa]\ntrusted_networks = [\"185.71.76.0/33\"]\n").await;
    let said = payments::check(&app.ctx).await.expect_err("bad network").to_string();
    assert!(said.contains("185.71.76.0/33"), "{said}");
    app.close().await;
}

/// Ключи поменяли в кабинете, а в настройках — нет: ничего не потеряно, покупателю сказано по-русски.
#[tokio::test]
async fn wrong_keys_stop_payments_without_losing_them() {
    let fake = FakeYooKassa::start().await;
    let app = with(&fake.settings_with(SHOP, "test_old")).await;
    let payment = create(&app, terms(&app, receipt())).await.expect("intent");
    let refused = services::open(&app.ctx, payment.id).await.expect_err("keys");
    assert_eq!((refused.code, refused.retry_after), ("payments.provider_misconfigured", Some(60)));
    let link = format!("/api/v1/payment/pay/{}", payment.public_id);
    let said = app.anon().get(&link).await.refused(503, "payments.provider_misconfigured");
    assert!(said["detail"].as_str().expect("detail").starts_with("Оплата временно недоступна"), "{said}");
    assert!(!said.to_string().contains("test_old"), "{said}");
    assert_eq!(load(&app, payment.id).await.status, Status::Pending);
    cancel_for(&app, &payment).await;
    live(&app, 2).await;
    app.close().await;
}

/// Настройки печатаются без ключа; номер магазина, записанный числом, — тоже номер.
#[test]
fn keys_are_never_printed() {
    let toml = "[payments.yookassa]\nshop_id = 100500\nsecret_key = \"live_very_secret\"\n".to_owned();
    let sources = Sources { preset: Some(toml), ..Sources::default() };
    let settings = kernel::Platform::settings(&[payments::app()], &sources).expect("settings");
    let section = settings.get::<PaymentSettings>();
    assert_eq!(
        (section.yookassa.shop_id.as_str(), section.yookassa.secret_key.expose()),
        ("100500", "live_very_secret")
    );
    let printed = format!("{section:?}");
    assert!(!printed.contains("live_very_secret") && printed.contains("secret_key: ***"), "{printed}");
    let shown = settings.show();
    let row = shown.iter().find(|(key, ..)| key == "payments.yookassa.secret_key").expect("row");
    assert_eq!(row.1, "\"***\"");
    assert!(shown.iter().all(|(_, value, _)| !value.contains("live_very_secret")));
}
