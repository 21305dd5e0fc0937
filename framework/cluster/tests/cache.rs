//! Перемены одного экземпляра видны другому сразу, а старое тело не оживает ни от чего.

use std::sync::atomic::Ordering;

use testkit::RedisServer;

use crate::shop::{board, pair, redis_at, shown, touch, until, write};

#[tokio::test(flavor = "multi_thread")]
async fn a_body_made_by_one_instance_is_served_by_the_other() {
    let Some(redis) = RedisServer::start().await else { return };
    let (one, other) = pair(&redis_at(redis.port(), 5000)).await;
    write(&one, "a").await;
    assert_eq!(shown(&one).await, ["a"]);
    // Тело кладут, не задерживая ответа.
    until("the body is shared", async || redis.command(&["DBSIZE"]) == "2").await;
    assert_eq!(shown(&other).await, ["a"]);
    assert_eq!(board(&other).computed.load(Ordering::SeqCst), 0);
    other.close().await;
    one.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_seen_by_the_other_instance_at_once() {
    let Some(redis) = RedisServer::start().await else { return };
    let (one, other) = pair(&redis_at(redis.port(), 5000)).await;
    assert!(shown(&one).await.is_empty());
    assert!(shown(&other).await.is_empty());
    write(&one, "a").await;
    until("the topic is stale", async || shown(&other).await == ["a"]).await;
    // Показанный предмет (7) делает тело негодным и без темы; непоказанный (9) — нет.
    touch(&other, "b", 7).await;
    until("the shown subject is stale", async || shown(&one).await == ["a", "b"]).await;
    other.close().await;
    one.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn own_changes_are_always_seen_while_the_other_reads_and_shares() {
    let Some(redis) = RedisServer::start().await else { return };
    let (one, other) = pair(&redis_at(redis.port(), 5000)).await;
    let reading = tokio::spawn(async move {
        let mut last = 0;
        while last < 40 {
            let seen = shown(&other).await.len();
            assert!(seen >= last, "the other instance went back in time: {seen} after {last}");
            last = seen;
            // Готовое отдаётся без единого ожидания: без этого цикл не отдал бы потока никому.
            tokio::task::yield_now().await;
        }
        other
    });
    for count in 1..=40 {
        match count % 2 {
            0 => write(&one, "x").await,
            _ => touch(&one, "x", 8).await,
        }
        assert_eq!(shown(&one).await.len(), count, "own change is not seen");
    }
    reading.await.expect("the reader sees everything").close().await;
    one.close().await;
}

/// Вычисление начато до перемены, сброс Redis вернул счётчики к началу: без эпохи тело выглядело бы годным.
#[tokio::test(flavor = "multi_thread")]
async fn a_flush_in_the_middle_of_computing_revives_nothing_stale() {
    let Some(redis) = RedisServer::start().await else { return };
    let (one, other) = pair(&redis_at(redis.port(), 5000)).await;
    let held = board(&one);
    let closed = held.gate.acquire().await.expect("gate");
    let client = one.anon();
    let slow = tokio::spawn(async move { client.get("/api/v1/marks/board").await.expect(200) });
    until("the board is read from the database", async || held.begun.load(Ordering::SeqCst) == 1).await;
    write(&other, "new").await;
    redis.command(&["FLUSHALL"]);
    drop(closed);
    assert_eq!(slow.await.expect("answered").text(), "[]", "it was computed before the change");
    until("the stale body is shared", async || redis.command(&["DBSIZE"]) != "0").await;
    assert_eq!(shown(&other).await, ["new"]);
    until("the news came", async || shown(&one).await == ["new"]).await;
    other.close().await;
    one.close().await;
}

/// Места нет: весть всё равно доходит, а общие тела до неё негодны.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_still_carries_the_news() {
    let Some(redis) = RedisServer::start().await else { return };
    let (one, other) = pair(&redis_at(redis.port(), 5000)).await;
    assert!(shown(&one).await.is_empty());
    assert!(shown(&other).await.is_empty());
    redis.command(&["CONFIG", "SET", "maxmemory", "1"]);
    write(&one, "a").await;
    assert_eq!(shown(&one).await, ["a"]);
    until("the news came", async || shown(&other).await == ["a"]).await;
    other.close().await;
    one.close().await;
}
