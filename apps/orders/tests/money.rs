//! Арифметика заказа и проверки денег.

use catalog::factories::product;
use catalog::models::stock_claim;
use kernel::Money;
use orders::calculations::{items_sum, order_number, totals};
use orders::models::{Order, order};
use payments::models::payment;
use proptest::prelude::*;
use sea_orm::{ActiveModelTrait, ActiveValue::Unchanged, ConnectionTrait, EntityTrait, Set};
use testkit::TestApp;

use crate::shop::{self, bought, customer, id_of, pay, row};

proptest! {
    #[test]
    fn totals_add_up_or_are_refused(
        lines in proptest::collection::vec((1i64..=Money::MAX.to_minor(), 1i64..=10_000), 0..200),
        delivery in 0i64..=1_000_000_00,
        discount in 0i64..=i64::MAX / 2,
    ) {
        let exact: i128 = lines.iter().map(|(price, quantity)| i128::from(*price) * i128::from(*quantity)).sum();
        let sum = items_sum(lines.iter().map(|(price, quantity)| (Money::minor(*price), *quantity)));
        match sum {
            None => prop_assert!(exact > i128::from(Money::MAX.to_minor())),
            Some(items) => {
                prop_assert_eq!(i128::from(items.to_minor()), exact);
                let Some(sums) = totals(items, Money::minor(delivery), Money::minor(discount)) else {
                    prop_assert!(exact + i128::from(delivery) > i128::from(Money::MAX.to_minor()));
                    return Ok(());
                };
                prop_assert_eq!(sums.total, sums.items + sums.delivery);
                prop_assert_eq!(sums.to_pay, sums.total - sums.discount);
                prop_assert!(sums.discount <= sums.items && sums.to_pay >= sums.delivery && !sums.to_pay.is_negative());
            }
        }
    }

    /// От порядка строк сумма не зависит.
    #[test]
    fn the_order_of_lines_does_not_matter(mut lines in proptest::collection::vec((1i64..1_000_000_000, 1i64..=10_000), 0..50)) {
        let sum = |lines: &[(i64, i64)]| items_sum(lines.iter().map(|(price, quantity)| (Money::minor(*price), *quantity)));
        let forward = sum(&lines);
        lines.reverse();
        prop_assert_eq!(forward, sum(&lines));
    }
}

#[test]
fn numbers_have_the_documented_form() {
    let day = chrono::DateTime::parse_from_rfc3339("2026-12-31T23:59:59+03:00").expect("date").to_utc();
    assert_eq!(order_number("DWC", day, [0, 1, 0xAB, 0xFF]), "DWC-20261231-0001ABFF");
}

/// Находки проверок по порядку объявления: суммы, оплаченные, занятое.
async fn findings(app: &TestApp) -> Vec<String> {
    let mut found = Vec::new();
    for check in app.checks.iter().filter(|check| check.name.starts_with("orders:")) {
        assert!(check.money, "{} belongs to doctor --money", check.name);
        found.extend((check.run)(&app.ctx).await.expect("check runs"));
    }
    found
}

#[tokio::test]
async fn the_doctor_names_a_planted_error() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).price(100).stock(100).create().await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        let order = bought(&anna, &[(&chair, 1)]).await;
        pay(&app, &order).await;
        orders.push(order);
    }
    assert!(findings(&app).await.is_empty());
    let db = &app.ctx.db_handle().write;
    let id = id_of(&orders[1]);
    let number = orders[1]["order_number"].as_str().expect("number");

    // Сумма заказа выросла, а строки нет.
    let sums = |kopecks: i64| order::ActiveModel {
        id: Unchanged(id),
        items_amount: Set(Money::minor(kopecks)),
        total_amount: Set(Money::minor(kopecks)),
        final_amount: Set(Money::minor(kopecks)),
        ..Default::default()
    };
    sums(10_001).update(db).await.expect("planted");
    let found = findings(&app).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|text| text.contains(number)), "{found:?}");
    sums(10_000).update(db).await.expect("mended");

    // Деньги пришли не те.
    let payment_id = row(&app, id).await.payment_id.expect("paid");
    let captured = |kopecks: i64| payment::ActiveModel {
        id: Unchanged(payment_id),
        captured: Set(Money::minor(kopecks)),
        ..Default::default()
    };
    captured(9_999).update(db).await.expect("planted");
    let found = findings(&app).await;
    assert!(found.len() == 1 && found[0].contains(number) && found[0].contains("99.99"), "{found:?}");
    captured(10_000).update(db).await.expect("mended");

    // Отменённый заказ продолжает держать остаток.
    let status = |status| order::ActiveModel { id: Unchanged(id), status: Set(status), ..Default::default() };
    status(orders::models::Status::Cancelled).update(db).await.expect("planted");
    let found = findings(&app).await;
    assert!(found.len() == 1 && found[0].contains(&format!("order {id}")), "{found:?}");
    status(orders::models::Status::Paid).update(db).await.expect("mended");

    // Штука возвращена, а просьбы о ней нет; за заказ вернули всё, а штуки целы.
    for (planted, mended) in [
        (
            format!("UPDATE order_items SET refunded_quantity = 1 WHERE order_id = {id}"),
            format!("UPDATE order_items SET refunded_quantity = 0 WHERE order_id = {id}"),
        ),
        (
            format!("UPDATE orders SET payment_status = 'refunded' WHERE id = {id}"),
            format!("UPDATE orders SET payment_status = 'succeeded' WHERE id = {id}"),
        ),
    ] {
        db.execute_unprepared(&planted).await.expect("planted");
        let found = findings(&app).await;
        assert!(found.len() == 1 && found[0].contains(&format!("(order {id})")), "{found:?}");
        db.execute_unprepared(&mended).await.expect("mended");
    }
    assert_eq!(stock_claim::Entity::find().all(app.ctx.db_fresh()).await.expect("claims").len(), 3);
    shop::close(app).await;
}

/// Неравенства держит и сама база: мимо служб испортить суммы нельзя.
#[tokio::test]
async fn the_database_refuses_impossible_orders() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).create().await;
    let id = id_of(&bought(&anna, &[(&chair, 1)]).await);
    for damage in [
        "final_amount = final_amount + 1",
        "discount_amount = -1, final_amount = total_amount + 1",
        "refunded_amount = final_amount + 1",
        "status = 'lost'",
        "paid_at = created_at",
    ] {
        let sql = format!("UPDATE orders SET {damage} WHERE id = {id}");
        assert!(app.ctx.db_handle().write.execute_unprepared(&sql).await.is_err(), "{damage}");
    }
    for damage in [
        "quantity = 0",
        "quantity = 10001",
        "price = 0",
        "amount = amount + 1",
        "refunded_quantity = quantity + 1",
        "refunded_quantity = -1",
        "restocked_quantity = quantity + 1",
    ] {
        let sql = format!("UPDATE order_items SET {damage} WHERE order_id = {id}");
        assert!(app.ctx.db_handle().write.execute_unprepared(&sql).await.is_err(), "{damage}");
    }
    assert_eq!(Order::find().all(app.ctx.db_fresh()).await.expect("orders").len(), 1);
    shop::close(app).await;
}
