//! Подбор кодов.

use chrono::TimeDelta;
use futures::future::join_all;
use promos::factories::{create, promo};
use serde_json::json;
use testkit::{Answer, Client, TestApp};

use crate::shop::{self, CODES, validate};

const STRICT: &str = "[promos]\nguesses = 3\n";

async fn guess(client: &Client, code: &str) -> Answer {
    client.post(&format!("{CODES}validate"), json!({"code": code, "product_ids": []})).await
}

async fn open() -> TestApp {
    let app = shop::with(STRICT).await;
    create(&app.ctx, promo("SALE")).await.expect("made");
    app
}

#[tokio::test]
async fn wrong_codes_are_bounded_by_the_network() {
    let app = open().await;
    let thief = app.anon().from_ip([203, 0, 113, 7]);
    for n in 0..3 {
        guess(&thief, &format!("GUESS{n}")).await.expect(200);
    }
    let refused = guess(&thief, "GUESS3").await;
    assert_eq!(refused.header("retry-after"), Some("601"));
    refused.refused(429, "promos.too_many_guesses");
    // За пределом не отличить и верный код, и соседний адрес той же сети не помогает.
    guess(&thief, "SALE").await.refused(429, "promos.too_many_guesses");
    guess(&app.anon().from_ip([203, 0, 113, 200]), "SALE").await.refused(429, "promos.too_many_guesses");
    guess(&app.anon().from_ip([203, 0, 114, 7]), "GUESS").await.expect(200);
    app.advance(TimeDelta::seconds(601));
    guess(&thief, "SALE").await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn honest_checks_spend_nothing() {
    let app = open().await;
    let anon = app.anon();
    guess(&anon, "WRONG").await.expect(200);
    for _ in 0..10 {
        assert_eq!(validate(&anon, "sale", &[]).await["is_valid"], true);
    }
    guess(&anon, "WRONG").await.expect(200);
    guess(&anon, "WRONG").await.expect(200);
    guess(&anon, "WRONG").await.expect(429);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_does_not_slip_past_the_counter() {
    let app = open().await;
    let anon = app.anon();
    let codes: Vec<String> = (0..40).map(|n| format!("BURST{n}")).collect();
    let answers = join_all(codes.iter().map(|code| guess(&anon, code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 3);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 37);
    app.close().await;
}
