//! Один предел на два экземпляра; без Redis у каждого свой.

use std::time::Instant;

use testkit::{Client, RedisServer, TestApp};

use crate::shop::{connected, links, pair, redis_at, until};

const BURST: u64 = 40;
const LIMITS: &str = "[limits]\nrate = \"1\"\nburst = 40\n";

/// Сколько из залпа по очереди в каждый экземпляр пропустили; второе — сколько целых секунд он шёл, с запасом.
async fn volley(apps: &[&TestApp], ip: [u8; 4], path: &str) -> (u64, u64) {
    let clients: Vec<Client> = apps.iter().map(|app| app.anon().from_ip(ip)).collect();
    let started = Instant::now();
    let mut allowed = 0;
    for _ in 0..BURST + 20 {
        for client in &clients {
            let answer = client.get(path).await;
            match answer.status {
                429 => assert!(answer.header("retry-after").is_some(), "429 says when to come back"),
                _ => allowed += 1,
            }
        }
    }
    (allowed, started.elapsed().as_secs() + 1)
}

/// Пропущено ровно столько, сколько разрешали бы `nodes` независимых счётов.
fn assert_allowed((allowed, seconds): (u64, u64), nodes: u64) {
    let least = nodes * BURST;
    let most = nodes * (BURST + seconds);
    assert!((least..=most).contains(&allowed), "allowed {allowed}, must be {least}..={most}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_share_one_limit_while_redis_lives() {
    let Some(mut redis) = RedisServer::start().await else { return };
    let settings = redis_at(redis.port(), 5000) + LIMITS;
    let (one, other) = pair(&settings).await;
    let both = [&one, &other];
    let started = Instant::now();
    let unknown = "/api/v1/nowhere";
    assert_allowed(volley(&[&one], [10, 0, 0, 1], unknown).await, 1);
    assert_allowed(volley(&both, [10, 0, 0, 2], unknown).await, 1);
    // Готовая полка стоит до маршрутов, но за тем же пределом.
    assert_allowed(volley(&both, [10, 0, 0, 3], "/api/v1/marks/board").await, 1);

    redis.kill();
    for app in both {
        until("redis is lost", async || !links(app).redis_is_connected()).await;
    }
    assert_allowed(volley(&both, [10, 0, 0, 4], unknown).await, 2);
    // Залп этого адреса узел пропустил ещё при Redis и сосчитал у себя: нового со смертью Redis не даст.
    let (allowed, _) = volley(&[&one], [10, 0, 0, 1], unknown).await;
    let most = started.elapsed().as_secs() + 1;
    assert!(allowed <= most, "allowed {allowed}, must be at most {most}");

    redis.restart().await;
    for app in both {
        connected(app, &settings).await;
    }
    assert_allowed(volley(&both, [10, 0, 0, 5], unknown).await, 1);
    other.close().await;
    one.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_leaves_each_instance_its_own_limit() {
    let Some(redis) = RedisServer::start().await else { return };
    let (one, other) = pair(&(redis_at(redis.port(), 5000) + LIMITS)).await;
    redis.command(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_allowed(volley(&[&one, &other], [10, 0, 0, 1], "/api/v1/nowhere").await, 2);
    redis.command(&["CONFIG", "SET", "maxmemory", "0"]);
    assert_allowed(volley(&[&one, &other], [10, 0, 0, 2], "/api/v1/nowhere").await, 1);
    other.close().await;
    one.close().await;
}
