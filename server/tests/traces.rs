//! Следы запроса: от чужого отрезка — до транзакции и фоновой задачи, и ни слова о покупателе.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use megashop_net::{Call, HttpClient};
use serde_json::json;
use testkit::FakeServer;

use crate::program::Program;

type Parcels = Arc<Mutex<Vec<u8>>>;

async fn take(State(parcels): State<Parcels>, body: Bytes) {
    parcels.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&body);
}

fn holds(parcels: &[u8], part: &[u8]) -> bool {
    parcels.windows(part.len()).any(|window| window == part)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_its_transaction_and_its_jobs_reach_the_collector() {
    let parcels = Parcels::default();
    let collector = Router::new().route("/v1/traces", post(take)).with_state(parcels.clone());
    let collector = FakeServer::start(collector).await;
    let program = Program::new();
    let shop =
        program.serve(&["--set", &format!("log.otlp_url={}", collector.url()), "--set", "mail.transport=files"]).await;
    let answer = HttpClient::default()
        .send(
            Call::post(format!("{}/api/v1/auth/register", shop.url()))
                .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .header("x-request-id", "the-request-of-the-test")
                .json(&json!({"email": "buyer@example.com", "password": "рыжий-пёс-на-мосту"})),
        )
        .await
        .expect("an answer");
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    let deadline = Instant::now() + Duration::from_secs(60);
    while !std::fs::read_dir(program.data_dir().join("mail")).is_ok_and(|mut letters| letters.next().is_some()) {
        assert!(Instant::now() < deadline, "no letter was sent");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Остановка дожидается взятых задач и досылает отрезки.
    shop.stop().await;
    let sent = parcels.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let ours = 0x4bf92f3577b34da6a3ce929d0e0e4736_u128.to_be_bytes();
    assert!(holds(&sent, &ours), "the trace was not continued");
    for part in ["POST /api/v1/auth/register", "the-request-of-the-test", "transaction", "notifications.send_message"] {
        assert!(holds(&sent, part.as_bytes()), "no {part} in {}", String::from_utf8_lossy(&sent));
    }
    for part in ["buyer@example.com", "рыжий"] {
        assert!(!holds(&sent, part.as_bytes()), "{part} left the shop");
    }
}
