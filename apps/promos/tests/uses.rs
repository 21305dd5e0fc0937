//! Занять, отпустить, занять снова; счётчик равен строкам.

use chrono::TimeDelta;
use kernel::{Actor, Work};
use promos::factories::{create, promo};
use promos::models::{PromoUse, UseState, customer, promo_code};
use promos::schemas::{Moment, PromoCodeIn};
use promos::services;
use sea_orm::{ActiveModelTrait, ActiveValue::Unchanged, ConnectionTrait, EntityTrait, Set};
use testkit::TestApp;

use crate::shop::{self, claim, goods, order, reclaim, release, stranger, used};

async fn with_limit(max_uses: i64) -> TestApp {
    let app = shop::open().await;
    create(&app.ctx, PromoCodeIn { max_uses: Some(max_uses), ..promo("SALE") }).await.expect("made");
    app
}

#[tokio::test]
async fn a_use_is_a_row_that_is_held_and_given_back_once() {
    let app = with_limit(1).await;
    claim(&app.ctx, "sale", stranger(1), 1).await.expect("claimed");
    let rows = PromoUse::find().all(app.ctx.db_fresh()).await.expect("rows");
    let row = &rows[0];
    assert_eq!(
        (row.owner_kind.as_str(), row.owner_id.as_str(), row.user_id, row.discount_amount, row.state, row.released_at),
        ("tests.order", "1", None, kernel::Money::rub(100), UseState::Held, None)
    );
    assert_eq!(claim(&app.ctx, "SALE", stranger(2), 2).await.expect_err("used up").code, "promos.used_up");
    app.advance(TimeDelta::minutes(5));
    for _ in 0..3 {
        release(&app.ctx, 1).await.expect("released");
    }
    release(&app.ctx, 777).await.expect("nothing to release");
    assert_eq!(used(&app, "SALE").await, 0);
    claim(&app.ctx, "SALE", stranger(2), 2).await.expect("free again");
    release(&app.ctx, 1).await.expect("not his any more");
    assert_eq!(used(&app, "SALE").await, 1);
    let rows = PromoUse::find().all(app.ctx.db_fresh()).await.expect("rows");
    assert_eq!((rows.len(), rows[0].released_at), (2, Some(app.ctx.now().naive_utc())));
    app.close().await;
}

#[tokio::test]
async fn claimed_and_released_in_one_work() {
    let app = with_limit(1).await;
    let both = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        let quote = services::quote(work.ctx(), work.db(), "SALE", &goods()).await?;
        services::claim(work, &order(1), &stranger(1), &quote).await?;
        services::release(work, &order(1)).await
    });
    both.await.expect("both");
    assert_eq!(used(&app, "SALE").await, 0);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_at_once_take_exactly_the_limit() {
    let app = with_limit(7).await;
    let calls: Vec<_> = (1..=100)
        .map(|id| {
            let ctx = app.ctx.clone();
            tokio::spawn(async move { claim(&ctx, "SALE", stranger(id), id).await })
        })
        .collect();
    let mut claimed = 0;
    for call in calls {
        match call.await.expect("task") {
            Ok(()) => claimed += 1,
            Err(refusal) => assert_eq!(refusal.code, "promos.used_up"),
        }
    }
    assert_eq!((claimed, used(&app, "SALE").await), (7, 7));
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn released_many_times_at_once_is_given_back_once() {
    let app = with_limit(10).await;
    for id in 1..=5 {
        claim(&app.ctx, "SALE", stranger(id), id).await.expect("claimed");
    }
    let calls: Vec<_> = (0..40)
        .map(|n| {
            let ctx = app.ctx.clone();
            tokio::spawn(async move { release(&ctx, n % 4 + 1).await })
        })
        .collect();
    for call in calls {
        call.await.expect("task").expect("released");
    }
    assert_eq!(used(&app, "SALE").await, 1);
    app.close().await;
}

/// Условия переменил другой процесс, а в памяти они прежние: притязание это видит, и дело считается заново.
#[tokio::test]
async fn terms_changed_by_another_process_are_noticed_when_claimed() {
    let app = shop::with("[cache]\nttl_ms = 60000\n").await;
    for (code, change, refusal) in [
        ("OFF", "is_active = FALSE", "promos.inactive"),
        ("GONE", "valid_until = '2026-03-02 08:59:59.000000'", "promos.expired"),
        ("EARLY", "valid_from = '2026-03-02 09:00:01.000000'", "promos.inactive"),
        ("DEAR", "min_sum = 100000000", "promos.sum_too_small"),
    ] {
        create(&app.ctx, promo(code)).await.expect("made");
        services::quote(&app.ctx, app.ctx.db_fresh(), code, &goods()).await.expect("quoted");
        let sql = format!("UPDATE promo_codes SET version = version + 1, {change} WHERE code = '{code}'");
        app.ctx.db_handle().write.execute_unprepared(&sql).await.expect("changed");
        services::quote(&app.ctx, app.ctx.db_fresh(), code, &goods()).await.expect("remembered");
        assert_eq!(claim(&app.ctx, code, stranger(1), 1).await.expect_err("cannot be claimed").code, refusal, "{code}");
    }
    assert!(PromoUse::find().all(app.ctx.db_fresh()).await.expect("rows").is_empty());
    app.close().await;
}

/// Между расчётом и притязанием код раздали.
#[tokio::test]
async fn what_was_quoted_may_be_gone_when_claimed() {
    let app = with_limit(1).await;
    let quote = services::quote(&app.ctx, app.ctx.db_fresh(), "SALE", &goods()).await.expect("quoted");
    claim(&app.ctx, "SALE", stranger(1), 1).await.expect("the last one");
    let claimed = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        services::claim(work, &order(2), &stranger(2), &quote).await
    });
    assert_eq!(claimed.await.expect_err("gone").code, "promos.used_up");
    assert_eq!(used(&app, "SALE").await, 1);
    app.close().await;
}

/// Две вкладки одного покупателя посчитали скидку раньше, чем хоть одна её заняла: предел держит само притязание.
#[tokio::test]
async fn two_quotes_of_one_customer_are_one_use() {
    let app = shop::open().await;
    create(&app.ctx, PromoCodeIn { max_uses_per_customer: Some(1), ..promo("FIRST") }).await.expect("made");
    let mut quotes = Vec::new();
    for _ in 0..2 {
        let quote = services::quote(&app.ctx, app.ctx.db_fresh(), "FIRST", &goods()).await;
        quotes.push(quote.expect("quoted"));
    }
    let mut claims = Vec::new();
    for (id, quote) in (1..).zip(quotes) {
        let claimed = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
            services::claim(work, &order(id), &stranger(1), &quote).await
        });
        claims.push(claimed.await.map_err(|refusal| refusal.code));
    }
    assert_eq!(claims, [Ok(()), Err("promos.already_used")]);
    assert_eq!(used(&app, "FIRST").await, 1);
    app.close().await;
}

#[tokio::test]
async fn a_promise_is_kept_after_the_period_but_not_over_the_limit() {
    let app = shop::open().await;
    let until = Moment((app.ctx.now() + TimeDelta::hours(1)).naive_utc());
    let input =
        PromoCodeIn { max_uses: Some(1), max_uses_per_customer: Some(1), valid_until: Some(until), ..promo("SALE") };
    create(&app.ctx, input).await.expect("made");
    claim(&app.ctx, "SALE", stranger(1), 1).await.expect("claimed");
    release(&app.ctx, 1).await.expect("released");
    app.advance(TimeDelta::days(1));
    for _ in 0..2 {
        reclaim(&app.ctx, 1).await.expect("promised in time");
    }
    assert_eq!(used(&app, "SALE").await, 1);
    release(&app.ctx, 1).await.expect("released");
    app.ctx.clock().freeze(app.ctx.now() - TimeDelta::days(1));
    claim(&app.ctx, "SALE", stranger(2), 2).await.expect("claimed by another");
    assert_eq!(reclaim(&app.ctx, 1).await.expect_err("taken").code, "promos.used_up");
    assert_eq!(used(&app, "SALE").await, 1);
    reclaim(&app.ctx, 777).await.expect("no use, nothing to take");
    app.close().await;
}

/// Неравенства держит и сама база: мимо служб испортить счёт нельзя.
#[tokio::test]
async fn the_database_refuses_impossible_counts() {
    let app = with_limit(2).await;
    claim(&app.ctx, "SALE", stranger(1), 1).await.expect("claimed");
    for damage in [
        "UPDATE promo_codes SET current_uses = 3",
        "UPDATE promo_codes SET current_uses = -1",
        "UPDATE promo_codes SET max_uses = 0",
        "UPDATE promo_codes SET max_uses_per_customer = 0",
        "UPDATE promo_codes SET discount_percent = 10001",
        "UPDATE promo_codes SET discount_percent = 0",
        "UPDATE promo_codes SET discount_amount = -1",
        "UPDATE promo_codes SET valid_from = '2026-03-02 00:00:00', valid_until = '2026-03-01 00:00:00'",
        "UPDATE promo_customers SET uses = -1",
        "UPDATE promo_uses SET discount_amount = 0",
        "UPDATE promo_uses SET state = 'lost'",
        "UPDATE promo_uses SET state = 'released'",
        "DELETE FROM promo_codes",
    ] {
        assert!(app.ctx.db_handle().write.execute_unprepared(damage).await.is_err(), "{damage}");
    }
    let twice = claim(&app.ctx, "SALE", stranger(2), 1).await.expect_err("one use per order");
    assert_eq!(twice.code, "database.unique");
    assert_eq!(used(&app, "SALE").await, 1);
    app.close().await;
}

async fn findings(app: &TestApp) -> Vec<String> {
    let mut found = Vec::new();
    for check in app.checks.iter().filter(|check| check.name.starts_with("promos:")) {
        assert!(check.money, "{} belongs to doctor --money", check.name);
        found.extend((check.run)(&app.ctx).await.expect("check runs"));
    }
    found
}

#[tokio::test]
async fn the_doctor_names_a_planted_error() {
    let app = with_limit(10).await;
    let login = accounts::factories::customer(&app.ctx).await;
    claim(&app.ctx, "SALE", shop::user(login.user_id), 1).await.expect("claimed");
    claim(&app.ctx, "SALE", stranger(2), 2).await.expect("claimed");
    claim(&app.ctx, "SALE", stranger(3), 3).await.expect("claimed");
    release(&app.ctx, 3).await.expect("released");
    assert!(findings(&app).await.is_empty());
    let promo = shop::code(&app, "SALE").await;
    let db = &app.ctx.db_handle().write;

    let counted =
        |uses: i64| promo_code::ActiveModel { id: Unchanged(promo.id), current_uses: Set(uses), ..Default::default() };
    counted(3).update(db).await.expect("planted");
    assert_eq!(findings(&app).await, [format!("promo code {} (SALE): counted 3 uses, but 2 are held", promo.id)]);
    counted(2).update(db).await.expect("mended");

    let name = format!("user:{}", login.user_id);
    let by_user = |uses: i64| customer::ActiveModel {
        promo_id: Unchanged(promo.id),
        customer: Unchanged(name.clone()),
        uses: Set(uses),
    };
    by_user(5).update(db).await.expect("planted");
    assert_eq!(findings(&app).await, [format!("promo code {}: {name} is counted 5 uses, but holds 1", promo.id)]);
    by_user(1).update(db).await.expect("mended");
    app.close().await;
}
