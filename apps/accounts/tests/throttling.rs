//! Подбор паролей и переезд со старых хешей.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;

use crate::helpers::*;

const PHONE: &str = "+79161234567";

#[tokio::test]
async fn guessing_one_account_is_bounded_from_any_number_of_addresses() {
    let app = shop_with("[auth]\nlogin_attempts = 5\n").await;
    register(&app, PHONE).await;
    let guess = async |i: u8| {
        let body = json!({"phone": PHONE, "password": format!("догадка-{i}")});
        app.anon().from_ip([10, i, 0, 1]).post("/api/v1/auth/login", body).await
    };
    let answers = join_all((0..30).map(guess)).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 5);
    let refused: Vec<_> = answers.into_iter().filter(|answer| answer.status != 401).collect();
    assert_eq!(refused.len(), 25);
    for answer in refused {
        assert_eq!(answer.header("retry-after"), Some("901"));
        answer.refused(429, "accounts.too_many_logins");
    }
    log_in(&app, PHONE, PASSWORD).await.expect(429);

    let code = code_for(&app, "phone", PHONE).await;
    let by_code = json!({"phone": PHONE, "code": code});
    app.anon().post("/api/v1/auth/code/verify", by_code).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn an_unknown_account_is_bounded_by_the_same_rule() {
    let app = shop_with("[auth]\nlogin_attempts = 3\n").await;
    for _ in 0..3 {
        log_in(&app, PHONE, "догадка-1").await.expect(401);
    }
    log_in(&app, PHONE, "догадка-1").await.refused(429, "accounts.too_many_logins");
    app.advance(TimeDelta::seconds(901));
    log_in(&app, PHONE, "догадка-1").await.expect(401);
    app.close().await;
}

#[tokio::test]
async fn a_right_password_forgets_the_mistakes() {
    let app = shop_with("[auth]\nlogin_attempts = 3\n").await;
    register(&app, PHONE).await;
    for _ in 0..4 {
        log_in(&app, PHONE, "догадка-1").await.expect(401);
        log_in(&app, PHONE, "догадка-2").await.expect(401);
        log_in(&app, PHONE, PASSWORD).await.expect(200);
    }
    app.close().await;
}

#[tokio::test]
async fn one_password_over_many_accounts_is_bounded_by_the_network() {
    let app = shop_with("[auth]\nlogin_attempts_per_network = 4\n").await;
    let spray = async |ip: [u8; 4], i: u32| {
        let body = json!({"phone": format!("+7916000{i:04}"), "password": PASSWORD});
        app.anon().from_ip(ip).post("/api/v1/auth/login", body).await
    };
    for i in 0..4 {
        spray([203, 0, 113, i as u8], i).await.expect(401);
    }
    spray([203, 0, 113, 77], 5).await.refused(429, "accounts.too_many_logins");
    spray([203, 0, 114, 1], 6).await.expect(401);
    app.close().await;
}

#[tokio::test]
async fn honest_logins_of_one_office_are_not_counted_as_spraying() {
    let app = shop_with("[auth]\nlogin_attempts_per_network = 2\n").await;
    register(&app, PHONE).await;
    for _ in 0..5 {
        log_in(&app, PHONE, PASSWORD).await.expect(200);
    }
    app.close().await;
}

#[tokio::test]
async fn an_old_hash_is_upgraded_at_the_first_login() {
    let app = shop().await;
    let old = "pbkdf2_sha256$1000$seasalt$sXOn9qm0qfksEak+UPmah2crpOfkwz0TLxANKgkLzGM=";
    moved_in(&app.ctx, PHONE, old).await;
    log_in(&app, PHONE, "не тот").await.expect(401);
    assert_eq!(user(&app, PHONE).await.password_hash.as_deref(), Some(old), "неверный пароль хеша не меняет");
    log_in(&app, PHONE, "Пароль-Correct horse 1").await.expect(200);
    let upgraded = user(&app, PHONE).await.password_hash.unwrap();
    assert!(upgraded.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{upgraded}");
    log_in(&app, PHONE, "Пароль-Correct horse 1").await.expect(200);
    assert_eq!(user(&app, PHONE).await.password_hash.unwrap(), upgraded, "второй раз переписывать незачем");
    app.close().await;
}

#[tokio::test]
async fn logins_do_not_starve_other_routes() {
    let app = shop().await;
    let session = register(&app, PHONE).await;
    let logins = join_all((0..60).map(|i| {
        let app = &app;
        async move { log_in(app, &format!("+7916000{i:04}"), PASSWORD).await.expect(401) }
    }));
    let reads = async {
        let me = with(&app, &session);
        for _ in 0..50 {
            me.get("/api/v1/users/me").await.expect(200);
        }
        std::time::Instant::now()
    };
    let (read_done, login_done) = tokio::join!(reads, async {
        logins.await;
        std::time::Instant::now()
    });
    assert!(read_done < login_done, "чтение дождалось всех входов");
    app.close().await;
}
