//! Посредник рвётся, теряет, повторяет и молчит: каждая задача выполнена ровно один раз.

use kernel::jobs::Worker;
use testkit::{RedisServer, TestApp};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::rabbit::Rabbit;
use crate::shop::{apps, connected, enqueue, links, marks, pair, redis_at, until};

fn labels(range: std::ops::Range<usize>) -> impl Iterator<Item = String> {
    range.map(|n| format!("job-{n:04}"))
}

/// Исполнители экземпляров; останавливаются вместе.
struct Workers {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

fn work(apps: &[&TestApp]) -> Workers {
    let stop = CancellationToken::new();
    let run = |app: &&TestApp| tokio::spawn(Worker::new(app.ctx.clone()).run(stop.clone()));
    Workers { tasks: apps.iter().map(run).collect(), stop }
}

impl Workers {
    async fn stop(self) {
        self.stop.cancel();
        futures::future::join_all(self.tasks).await;
    }
}

async fn all_done(app: &TestApp, count: usize) {
    until("every job is done", async || marks(app).await.len() >= count).await;
    assert_eq!(marks(app).await, labels(0..count).collect::<Vec<_>>(), "each exactly once");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_due_job_is_one_call_and_a_delayed_one_is_none() {
    let Some(rabbit) = Rabbit::start().await else { return };
    let (one, other) = pair(&rabbit.settings).await;
    // Каждый, связавшись, зовёт один раз.
    until("two greetings", async || rabbit.counts().await.0 == 2).await;
    enqueue(&one, labels(0..3)).await;
    let later = one.ctx.now() + chrono::TimeDelta::hours(1);
    let delayed = async move |work: &mut kernel::Work| {
        let job = kernel::NewJob::of(&crate::shop::Leave { label: "later".into() })?;
        work.enqueue_new(job.at(later)).await
    };
    one.ctx.atomic(&kernel::Actor::System("test"), delayed).await.expect("enqueue");
    until("three calls", async || rabbit.counts().await.0 == 5).await;
    // Исполнитель другого экземпляра слушает ту же очередь и разбирает её до конца.
    let workers = work(&[&other]);
    until("the calls are answered", async || rabbit.counts().await == (0, 1)).await;
    all_done(&one, 3).await;
    workers.stop().await;
    rabbit.delete().await;
    other.close().await;
    one.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_a_purge_and_duplicates_lose_nothing_and_repeat_nothing() {
    let Some(rabbit) = Rabbit::start().await else { return };
    let (one, other) = pair(&rabbit.settings).await;
    let workers = work(&[&one, &other]);
    enqueue(&one, labels(0..60)).await;
    rabbit.call_in_vain(100).await;
    enqueue(&other, labels(60..100)).await;
    rabbit.purge().await;
    rabbit.proxy.cut();
    for app in [&one, &other] {
        until("the broker is lost", async || !links(app).broker_is_connected()).await;
    }
    enqueue(&one, labels(100..160)).await;
    rabbit.call_in_vain(100).await;
    rabbit.proxy.pass();
    enqueue(&one, labels(160..180)).await;
    for app in [&one, &other] {
        connected(app, &rabbit.settings).await;
    }
    enqueue(&other, labels(180..200)).await;
    rabbit.call_in_vain(100).await;
    all_done(&one, 200).await;
    until("the vain calls are answered too", async || rabbit.counts().await.0 == 0).await;
    assert_eq!(marks(&one).await.len(), 200, "vain calls did nothing");
    workers.stop().await;
    rabbit.delete().await;
    other.close().await;
    one.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_broker_delays_neither_commits_nor_jobs() {
    let Some(rabbit) = Rabbit::start().await else { return };
    let app = TestApp::with_settings(apps(), &rabbit.settings).await;
    connected(&app, &rabbit.settings).await;
    rabbit.proxy.swallow();
    enqueue(&app, labels(0..300)).await;
    let workers = work(&[&app]);
    all_done(&app, 300).await;
    workers.stop().await;
    rabbit.delete().await;
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_queue_is_declared_again() {
    let Some(rabbit) = Rabbit::start().await else { return };
    let app = TestApp::with_settings(apps(), &rabbit.settings).await;
    connected(&app, &rabbit.settings).await;
    let workers = work(&[&app]);
    until("the worker listens", async || rabbit.counts().await.1 == 1).await;
    rabbit.delete().await;
    until("the loss is noticed", async || !links(&app).broker_is_connected()).await;
    connected(&app, &rabbit.settings).await;
    until("the worker listens again", async || rabbit.counts().await.1 == 1).await;
    enqueue(&app, labels(0..20)).await;
    all_done(&app, 20).await;
    workers.stop().await;
    rabbit.delete().await;
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_broker_the_table_is_enough() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address").port();
    let settings = format!("[jobs]\nbroker = \"amqp://127.0.0.1:{port}/%2f\"\n");
    let app = TestApp::with_settings(apps(), &settings).await;
    let far = app.twin(apps(), &settings).await;
    let workers = work(&[&far]);
    enqueue(&app, labels(0..20)).await;
    all_done(&app, 20).await;
    workers.stop().await;
    far.close().await;
    app.close().await;
}

/// Без посредника исполнителя соседа будит весть через Redis: обойди он таблицу сам, часы теста ничего бы не заметили, поэтому
/// проверяется сама весть — подслушанная на канале.
#[tokio::test(flavor = "multi_thread")]
async fn redis_alone_carries_the_word_about_jobs() {
    let Some(redis) = RedisServer::start().await else { return };
    let (one, other) = pair(&redis_at(redis.port(), 5000)).await;
    let mut heard = redis::Client::open(redis.url()).expect("url").get_async_pubsub().await.expect("pubsub");
    heard.psubscribe("megashop:*:news").await.expect("subscribe");
    let workers = work(&[&other]);
    enqueue(&one, labels(0..1)).await;
    let news: String = {
        use futures::StreamExt;
        let message = heard.on_message().next().await.expect("news");
        message.get_payload().expect("text")
    };
    assert!(news.contains("\"jobs\":true"), "{news}");
    all_done(&one, 1).await;
    workers.stop().await;
    other.close().await;
    one.close().await;
}
