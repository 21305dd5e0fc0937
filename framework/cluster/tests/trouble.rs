//! Redis рвётся, замирает и молчит: магазин отвечает, своё видит сразу, чужое — когда связь вернулась.

use testkit::{RedisServer, TestApp};

use crate::shop::{apps, connected, links, pair, proxied, redis_at, shown, until, write};

/// Сколько раз экземпляр успевает спросить молчащий Redis: три просрочки, PING и попытки поздороваться заново.
const ATTEMPTS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_redis_is_asked_a_few_times_and_left_alone() {
    let Some(redis) = RedisServer::start().await else { return };
    let (proxy, settings) = proxied(redis.port(), 50).await;
    let app = TestApp::with_settings(apps(), &settings).await;
    connected(&app, &settings).await;
    proxy.swallow();
    for count in 1..=200 {
        write(&app, "x").await;
        assert_eq!(shown(&app).await.len(), count, "own change is seen without Redis");
    }
    assert!(proxy.swallowed() <= ATTEMPTS, "200 changes asked the silent Redis {} times", proxy.swallowed());
    assert!(!links(&app).redis_is_connected());
    proxy.cut();
    proxy.pass();
    connected(&app, &settings).await;
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_redis_answers_again_when_thawed() {
    let Some(redis) = RedisServer::start().await else { return };
    let settings = redis_at(redis.port(), 50);
    let (one, other) = pair(&settings).await;
    redis.freeze();
    write(&one, "a").await;
    assert_eq!(shown(&one).await, ["a"]);
    until("redis is lost", async || !links(&other).redis_is_connected()).await;
    redis.thaw();
    for app in [&one, &other] {
        connected(app, &settings).await;
    }
    until("the missed change is seen", async || shown(&other).await == ["a"]).await;
    other.close().await;
    one.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_missed_while_disconnected_spoil_everything_remembered() {
    let Some(redis) = RedisServer::start().await else { return };
    let (proxy, settings) = proxied(redis.port(), 5000).await;
    let direct = redis_at(redis.port(), 5000);
    let one = TestApp::with_settings(apps(), &direct).await;
    let far = one.twin(apps(), &settings).await;
    connected(&one, &direct).await;
    connected(&far, &settings).await;
    assert!(shown(&far).await.is_empty());
    proxy.cut();
    until("the far instance is alone", async || !links(&far).redis_is_connected()).await;
    write(&one, "a").await;
    assert!(shown(&far).await.is_empty(), "nobody told the far instance yet: the body lives its ttl");
    // И обратно: о перемене отрезанного узнают, когда он вернётся.
    assert_eq!(shown(&one).await, ["a"]);
    write(&far, "b").await;
    assert_eq!(shown(&far).await, ["a", "b"]);
    assert_eq!(shown(&one).await, ["a"]);
    proxy.pass();
    until("both know both", async || shown(&one).await.len() == 2 && shown(&far).await.len() == 2).await;
    far.close().await;
    one.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_starts_without_its_redis_and_finds_it_later() {
    let Some(mut redis) = RedisServer::start().await else { return };
    let settings = redis_at(redis.port(), 50);
    redis.kill();
    let app = TestApp::with_settings(apps(), &settings).await;
    links(&app).first_connections().await;
    write(&app, "a").await;
    assert_eq!(shown(&app).await, ["a"]);
    redis.restart().await;
    connected(&app, &settings).await;
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_address_is_refused_with_a_clear_word() {
    for (settings, word) in
        [("[cache]\nurl = \"memcached://x\"\n", "cache.url"), ("[jobs]\nbroker = \"nats://x\"\n", "jobs.broker")]
    {
        let app = TestApp::with_settings(Vec::new(), settings).await;
        let refused = megashop_cluster::join(&app.ctx).err().expect("refused").to_string();
        assert!(refused.contains(word), "{refused}");
        app.close().await;
    }
}
