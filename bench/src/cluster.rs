//! Два `megashop serve` и два `megashop worker` на одной базе, одном Redis и одном RabbitMQ — под заказами, пока RabbitMQ убит, а Redis
//! очищают и убивают снова и снова. Сверка: у каждого заказа ровно свои письма, ни одно не дважды; никто не вышел; своё видно сразу.

mod nodes;
mod sink;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use http::Method;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection};
use tokio::process::Child;
use tokio::task::JoinSet;

use crate::catalogue::{self, SIZES};
use crate::engine::{self, Engine, Kind};
use crate::http::{Call, Client};
use crate::shop::{Setup, Shop};
use crate::{customers, machine, table};
use nodes::{Rabbit, Redis};
use sink::Sink;

#[derive(Args)]
pub struct Options {
    /// Программа магазина.
    #[arg(long)]
    binary: PathBuf,
    #[arg(long, value_enum, default_value_t = Kind::Postgres)]
    engine: Kind,
    /// Сколько секунд нет RabbitMQ.
    #[arg(long, default_value_t = 60)]
    outage: u64,
    /// Покупателей разом.
    #[arg(long, default_value_t = 6)]
    clients: usize,
}

const ADMIN: usize = 9_000_000;
const PRODUCTS: usize = 20;
/// Сколько идёт нагрузка до беды и после неё.
const CALM: Duration = Duration::from_secs(10);
/// Как часто очищают Redis; каждый пятый раз — убивают на это же время.
const FLUSH: Duration = Duration::from_secs(2);
/// Предел частоты замера: запросов в секунду с адреса и всплеск.
const RATE: u64 = 200;
/// Сколько мерить предел.
const LIMIT_TIME: Duration = Duration::from_secs(5);
/// Насколько вправе разойтись задержка в метрике и в таблице: между снимками задачи идут своим чередом.
const LAG_SLACK: f64 = 0.3;
const SETTLE: Duration = Duration::from_secs(180);

/// Кто работает: серверы, исполнители и адреса их метрик.
struct Cluster {
    servers: [Shop; 2],
    workers: [Child; 2],
    metrics: [u16; 4],
}

/// Покупка: адрес для писем и сколько их должно прийти.
struct Bought {
    email: String,
    letters: usize,
}

#[derive(Default)]
struct Watched {
    samples: usize,
    disagreed: usize,
    worst_connected: f64,
    worst_alone: f64,
}

pub async fn run(options: Options) -> Result<()> {
    ensure!(options.engine != Kind::Sqlite, "several machines need a database server");
    println!("{}", machine::describe());
    println!("2 servers, 2 workers on {}, RabbitMQ is killed for {} s\n", options.engine.name(), options.outage);
    let engine = Engine::start(options.engine).await?;
    let url = engine.create_database("shop").await?;
    let (mut redis, mut rabbit) = (Redis::start(engine.dir()).await?, Rabbit::start(engine.dir()).await?);
    let sink = Sink::start().await?;
    let setup = setup(&options, &engine, &url, &redis, &rabbit, &sink);
    let catalogue = engine.dir().join("catalogue.csv");
    catalogue::write_csv(&catalogue, PRODUCTS)?;
    setup.run(&["import", &catalogue.to_string_lossy()]).await?;
    customers::make_admin(&setup, ADMIN).await?;
    let cluster = start(&setup).await?;

    measure_limits(&cluster, &mut redis).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let load = Load::start(&cluster, options.clients, &stop).await?;
    let watched = tokio::spawn(watch_lag(options.engine, url.clone(), cluster.metrics, stop.clone()));
    tokio::time::sleep(CALM).await;
    let (flushes, kills) = break_everything(&mut rabbit, &mut redis, options.outage).await?;
    tokio::time::sleep(CALM).await;
    stop.store(true, Ordering::SeqCst);
    let (bought, seen) = load.finish().await?;
    let watched = watched.await??;
    let drained = settle(options.engine, &url).await?;
    check_letters(&bought, &sink)?;
    let orders = number(options.engine, &url, "SELECT COUNT(*) FROM orders").await?;
    ensure!(orders == bought.len() as i64, "{orders} orders in the table, {} answered", bought.len());
    setup.run(&["doctor", "--money"]).await?;

    println!();
    table::head(&["what", "result"]);
    let row = |what: &str, result: String| table::row([what.to_owned(), result]);
    row("orders answered = orders in the table", bought.len().to_string());
    row("letters owed = letters received, each once", bought.iter().map(|one| one.letters).sum::<usize>().to_string());
    row("failed or limited requests of buyers", "0".to_owned());
    row("dead jobs", "0".to_owned());
    row("last due job done after the load", format!("{:.1} s", drained.as_secs_f64()));
    row("Redis flushed / killed", format!("{flushes} / {kills}"));
    row("`users/me` on both servers: answers / logged out", format!("{} / 0", seen.profiles));
    row("own change not seen at once", format!("0 of {}", seen.changes));
    row("the other server saw it after, worst", format!("{} ms", seen.worst_delay.as_millis()));
    row("lag metric: samples / apart from the table", format!("{} / {}", watched.samples, watched.disagreed));
    row("worst lag: broker connected / not", format!("{:.1} / {:.1} s", watched.worst_connected, watched.worst_alone));
    ensure!(watched.disagreed * 20 <= watched.samples, "the lag metric does not tell the truth");
    stop_cluster(cluster).await
}

fn setup(options: &Options, engine: &Engine, url: &str, redis: &Redis, rabbit: &Rabbit, sink: &Sink) -> Setup {
    Setup::new(&options.binary, &engine.dir().join("data"), url)
        .with("MEGASHOP_CACHE__URL", &redis.url())
        .with("MEGASHOP_JOBS__BROKER", &rabbit.url())
        .with("MEGASHOP_JOBS__IN_PROCESS", "false")
        .with("MEGASHOP_JOBS__LEASE", "10")
        .with("MEGASHOP_PAYMENTS__PROVIDER", "emulator")
        .with("MEGASHOP_LIMITS__RATE", &format!("\"{RATE}\""))
        .with("MEGASHOP_LIMITS__BURST", &RATE.to_string())
        .with("MEGASHOP_MAIL__TRANSPORT", "smtp")
        .with("MEGASHOP_MAIL__HOST", "127.0.0.1")
        .with("MEGASHOP_MAIL__PORT", &sink.port.to_string())
        .with("MEGASHOP_MAIL__ENCRYPTION", "none")
}

async fn start(setup: &Setup) -> Result<Cluster> {
    let ports = [engine::free_port()?, engine::free_port()?, engine::free_port()?, engine::free_port()?];
    let own = |port: u16| setup.clone().with("MEGASHOP_SERVER__METRICS_LISTEN", &format!("127.0.0.1:{port}"));
    let servers = [Shop::serve(&own(ports[0])).await?, Shop::serve(&own(ports[1])).await?];
    let workers = [Shop::worker(&own(ports[2]), "worker-1.log")?, Shop::worker(&own(ports[3]), "worker-2.log")?];
    for port in ports {
        engine::wait_for_port(port, Duration::from_secs(60)).await?;
    }
    Ok(Cluster { servers, workers, metrics: ports })
}

async fn stop_cluster(cluster: Cluster) -> Result<()> {
    for mut worker in cluster.workers {
        worker.kill().await?;
    }
    for server in cluster.servers {
        server.stop().await?;
    }
    Ok(())
}

/// Пропущенное ÷ положенное: один узел, два узла, два узла без Redis.
async fn measure_limits(cluster: &Cluster, redis: &mut Redis) -> Result<()> {
    let [one, other] = &cluster.servers;
    table::head(&["limit", "allowed", "configured", "ratio"]);
    limit_row("1 node", &[one], 1).await?;
    limit_row("2 nodes, Redis", &[one, other], 2).await?;
    redis.kill().await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    limit_row("2 nodes, Redis is dead (up to 2 × the limit)", &[one, other], 3).await?;
    redis.restart().await?;
    until_metric(cluster, "megashop_redis_connected").await
}

async fn limit_row(name: &str, servers: &[&Shop], address: u8) -> Result<()> {
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for server in servers {
        for _ in 0..2 {
            let mut client = server.client().from([127, 0, 2, address]);
            callers.spawn(async move {
                let mut allowed = 0;
                while started.elapsed() < LIMIT_TIME {
                    let status = client.send(&Call::get("/health/live")).await?.status;
                    allowed += u64::from(status.is_success());
                }
                anyhow::Ok(allowed)
            });
        }
    }
    let mut allowed = 0;
    while let Some(one) = callers.join_next().await {
        allowed += one??;
    }
    let configured = RATE as f64 * (1.0 + started.elapsed().as_secs_f64());
    table::row([
        name.to_owned(),
        allowed.to_string(),
        format!("{configured:.0}"),
        format!("{:.3}", allowed as f64 / configured),
    ]);
    Ok(())
}

async fn until_metric(cluster: &Cluster, name: &str) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    for port in cluster.metrics {
        while metric(port, name).await? != 1.0 {
            ensure!(Instant::now() < deadline, "{name} is still 0 on {port}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

async fn metric(port: u16, name: &str) -> Result<f64> {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let answer = Client::new(address).send(&Call::get("/metrics")).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    value.with_context(|| format!("no {name} in the metrics"))
}

/// Покупатели, вошедший человек и часы в каталоге.
struct Load {
    buyers: JoinSet<Result<Vec<Bought>>>,
    profiles: tokio::task::JoinHandle<Result<usize>>,
    clock: tokio::task::JoinHandle<Result<(usize, Duration)>>,
}

struct Seen {
    profiles: usize,
    changes: usize,
    worst_delay: Duration,
}

impl Load {
    async fn start(cluster: &Cluster, clients: usize, stop: &Arc<AtomicBool>) -> Result<Load> {
        let from = |server: usize, number: u8| cluster.servers[server].client().from([127, 0, 1, number]);
        let mut client = from(0, 200);
        let products = customers::product_ids(&mut client, PRODUCTS).await?;
        let token = customers::register(&mut client, 1).await?;
        let admin = client.send(&customers::login(ADMIN)).await?.json()?;
        let admin = customers::text(&admin, "access_token")?;
        let (for_sale, clock) = products.split_at(PRODUCTS - 1);
        let mut buyers = JoinSet::new();
        for number in 0..clients {
            let pair = [from(0, number as u8), from(1, number as u8)];
            buyers.spawn(buy(number, pair, for_sale.to_vec(), stop.clone()));
        }
        let profiles = tokio::spawn(stay_logged_in([from(0, 201), from(1, 201)], token, stop.clone()));
        let clock = tokio::spawn(turn_clock([from(0, 202), from(1, 202)], admin, clock[0], stop.clone()));
        Ok(Load { buyers, profiles, clock })
    }

    async fn finish(mut self) -> Result<(Vec<Bought>, Seen)> {
        let mut bought = Vec::new();
        while let Some(buyer) = self.buyers.join_next().await {
            bought.extend(buyer??);
        }
        let (changes, worst_delay) = self.clock.await??;
        Ok((bought, Seen { profiles: self.profiles.await??, changes, worst_delay }))
    }
}

/// Каждый пятый уходит, не заплатив. Отказ сервера — провал замера: беда с соседями покупателя не касается.
async fn buy(
    number: usize,
    mut servers: [Client; 2],
    products: Vec<i64>,
    stop: Arc<AtomicBool>,
) -> Result<Vec<Bought>> {
    let mut bought = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let turn = bought.len();
        let client = &mut servers[turn % 2];
        let email = format!("cluster-{number}-{turn}@example.com");
        let line = (products[(number + turn) % products.len()], SIZES[turn % SIZES.len()]);
        let mut order = customers::order(&[line]);
        order["contact"] = json!({"name": "Анна", "phone": format!("+7916{number:07}"), "email": email});
        let call = Call::post("/api/v1/orders/", &order).once(format!("{number}-{turn}"));
        let order = client.send(&call).await?.json().context("order")?;
        let mut letters = 1;
        if turn % 5 != 4 {
            let url = customers::text(&order, "payment_url")?;
            let path = format!("/api/v1/payment/emulator/{}/pay", url.rsplit('/').next().unwrap_or_default());
            client.send(&Call { method: Method::POST, ..Call::get(path) }).await?.json().context("payment")?;
            letters += 1;
        }
        bought.push(Bought { email, letters });
    }
    Ok(bought)
}

async fn stay_logged_in(mut servers: [Client; 2], token: String, stop: Arc<AtomicBool>) -> Result<usize> {
    let mut answers = 0;
    while !stop.load(Ordering::SeqCst) {
        servers[answers % 2].send(&Call::get("/api/v1/users/me").by(&token)).await?.json().context("logged out")?;
        answers += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(answers)
}

/// Имя товара меняют через первый сервер: он обязан показать новое сразу, второй — как узнает.
async fn turn_clock(
    mut servers: [Client; 2],
    admin: String,
    id: i64,
    stop: Arc<AtomicBool>,
) -> Result<(usize, Duration)> {
    let [own, other] = &mut servers;
    let path = format!("/api/v1/products/{id}");
    let (mut changes, mut worst) = (0, Duration::ZERO);
    while !stop.load(Ordering::SeqCst) {
        changes += 1;
        let name = format!("Часы {changes}");
        let patch = Call { method: Method::PATCH, ..Call::post(&*path, &json!({"name": name})) };
        own.send(&patch.by(&admin)).await?.json().context("patch")?;
        let changed = Instant::now();
        let seen = own.send(&Call::get(&*path)).await?.json()?;
        ensure!(seen["name"] == name.as_str(), "own change is not seen: {} instead of {name}", seen["name"]);
        while other.send(&Call::get(&*path)).await?.json()?["name"] != name.as_str() {
            ensure!(changed.elapsed() < Duration::from_secs(10), "the other server never saw {name}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        worst = worst.max(changed.elapsed());
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    Ok((changes, worst))
}

/// RabbitMQ мёртв всё время, Redis — то и дело; возвращает, сколько раз Redis очищен и убит.
async fn break_everything(rabbit: &mut Rabbit, redis: &mut Redis, outage: u64) -> Result<(usize, usize)> {
    let until = Instant::now() + Duration::from_secs(outage);
    rabbit.kill().await?;
    let (mut flushes, mut kills) = (0, 0);
    while Instant::now() < until {
        tokio::time::sleep(FLUSH).await;
        if (flushes + kills) % 5 == 4 {
            redis.kill().await?;
            tokio::time::sleep(FLUSH).await;
            redis.restart().await?;
            kills += 1;
        } else {
            redis.flush().await?;
            flushes += 1;
        }
    }
    rabbit.restart().await?;
    Ok((flushes, kills))
}

/// Сверяет метрику задержки с таблицей раз в секунду.
async fn watch_lag(kind: Kind, url: String, metrics: [u16; 4], stop: Arc<AtomicBool>) -> Result<Watched> {
    let mut watched = Watched::default();
    while !stop.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let port = metrics[watched.samples % metrics.len()];
        let before = table_lag(kind, &url).await?;
        let shown = metric(port, "megashop_jobs_lag_seconds").await?;
        let after = table_lag(kind, &url).await?;
        let (low, high) = (before.min(after) - LAG_SLACK, before.max(after) + LAG_SLACK);
        watched.samples += 1;
        watched.disagreed += usize::from(!(low..=high).contains(&shown));
        let connected = metric(metrics[2], "megashop_broker_connected").await? == 1.0;
        let worst = if connected { &mut watched.worst_connected } else { &mut watched.worst_alone };
        *worst = worst.max(after);
    }
    Ok(watched)
}

/// Сколько ждёт самая старая из готовых задач — своим запросом, не через магазин.
async fn table_lag(kind: Kind, url: &str) -> Result<f64> {
    let now = machine::now();
    let text = now.format("%Y-%m-%d %H:%M:%S%.6f");
    let sql = format!(
        "SELECT MIN(run_at) FROM jobs WHERE status = 'waiting' AND run_at <= '{text}' \
        AND (locked_until IS NULL OR locked_until < '{text}')"
    );
    let oldest: Option<chrono::NaiveDateTime> = match kind {
        Kind::Mariadb => {
            let mut connection = MySqlConnection::connect(url).await?;
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await?
        }
        _ => {
            let mut connection = PgConnection::connect(url).await?;
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await?
        }
    };
    Ok(oldest.map_or(0.0, |run_at| (now - run_at).as_seconds_f64()))
}

async fn number(kind: Kind, url: &str, sql: &str) -> Result<i64> {
    let sql = AssertSqlSafe(sql.to_owned());
    Ok(match kind {
        Kind::Mariadb => {
            let mut connection = MySqlConnection::connect(url).await?;
            sqlx::query_scalar(sql).fetch_one(&mut connection).await?
        }
        _ => sqlx::query_scalar(sql).fetch_one(&mut PgConnection::connect(url).await?).await?,
    })
}

/// Ждёт, пока не останется ни одной задачи, кроме отложенных на потом; мёртвых быть не должно.
async fn settle(kind: Kind, url: &str) -> Result<Duration> {
    let started = Instant::now();
    loop {
        let dead = number(kind, url, "SELECT COUNT(*) FROM jobs WHERE status = 'dead'").await?;
        ensure!(dead == 0, "{dead} dead jobs");
        let soon = (machine::now() + chrono::TimeDelta::seconds(20)).format("%Y-%m-%d %H:%M:%S");
        let waiting = format!("SELECT COUNT(*) FROM jobs WHERE run_at <= '{soon}'");
        if number(kind, url, &waiting).await? == 0 {
            return Ok(started.elapsed());
        }
        ensure!(started.elapsed() < SETTLE, "jobs do not end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn check_letters(bought: &[Bought], sink: &Sink) -> Result<()> {
    let letters = sink.letters();
    for one in bought {
        let came = letters.get(&one.email).copied().unwrap_or(0);
        ensure!(came == one.letters, "{}: {came} letters, owed {}", one.email, one.letters);
    }
    Ok(())
}
