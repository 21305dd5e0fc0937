//! Два `megashop serve` и два `megashop worker` на одной базе, одном Redis и одном RabbitMQ — под заказами, пока RabbitMQ убит или
//! заблокирован нехваткой памяти, а Redis очищают и убивают снова и снова. Сверка: у каждого заказа ровно свои письма, ни одно не дважды;
//! никто не вышел; своё видно сразу.

mod lag;
mod limits;
mod load;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;

use crate::catalogue;
use crate::database::Database;
use crate::engine::{Engine, Kind};
use crate::fleet::Fleet;
use crate::nodes::{Rabbit, Redis};
use crate::shop::Setup;
use crate::sink::Sink;
use crate::stage::Program;
use crate::{customers, machine, table};
use load::{Bought, Load};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    program: Program,
    /// Сколько секунд нет RabbitMQ.
    #[arg(long, default_value_t = 60)]
    outage: u64,
    /// Сколько секунд у RabbitMQ нет памяти.
    #[arg(long, default_value_t = 20)]
    alarm: u64,
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
const SETTLE: Duration = Duration::from_secs(600);

/// Когда что случилось.
struct Troubles {
    broker_died: [Instant; 2],
    memory_ended: [Instant; 2],
    flushes: usize,
    kills: usize,
}

pub async fn run(options: Options) -> Result<()> {
    let kind = options.program.engine;
    ensure!(kind != Kind::Sqlite, "several machines need a database server: --engine postgres or mariadb");
    println!("{}", machine::describe());
    println!(
        "2 servers, 2 workers on {}; RabbitMQ is dead for {} s, out of memory for {} s\n",
        kind.name(),
        options.outage,
        options.alarm
    );
    let engine = Engine::start(kind).await?;
    let database = Database { kind, url: engine.create_database("shop").await? };
    let (mut redis, mut rabbit) = (Redis::start(engine.dir()).await?, Rabbit::start(engine.dir()).await?);
    let sink = Sink::start().await?;
    let setup = setup(&options, &engine, &database.url, &redis, &rabbit, &sink);
    let catalogue = engine.dir().join("catalogue.csv");
    catalogue::write_csv(&catalogue, PRODUCTS)?;
    setup.run(&["import", &catalogue.to_string_lossy()]).await?;
    customers::make_admin(&setup, ADMIN).await?;
    let fleet = Fleet::start(&setup, 2, 2).await?;

    limits::measure(&fleet, &mut redis).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let load = Load::start(&fleet, options.clients, &stop).await?;
    let watched = tokio::spawn(lag::watch(database.clone(), fleet.metrics.clone(), stop.clone()));
    tokio::time::sleep(CALM).await;
    let troubles = break_everything(&fleet, &mut rabbit, &mut redis, &options).await?;
    tokio::time::sleep(CALM).await;
    stop.store(true, Ordering::SeqCst);
    let (bought, seen) = load.finish().await?;
    let watched = watched.await??;
    let drained = database.until_jobs_end(SETTLE).await?;
    check_letters(&bought, &sink)?;
    let orders = database.number("SELECT COUNT(*) FROM orders").await?;
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
    let [died, memory] = [troubles.broker_died, troubles.memory_ended];
    row("order, p50 / p99 / worst: in peace", speed(&bought, |at| at < died[0]));
    row("the same, RabbitMQ is dead", speed(&bought, |at| (died[0]..died[1]).contains(&at)));
    row("the same, RabbitMQ has no memory", speed(&bought, |at| (memory[0]..memory[1]).contains(&at)));
    row("Redis flushed / killed", format!("{} / {}", troubles.flushes, troubles.kills));
    row("`users/me` on both servers: answers / logged out", format!("{} / 0", seen.profiles));
    row("own change not seen at once", format!("0 of {}", seen.changes));
    row("the other server saw it after, worst", format!("{} ms", seen.worst_delay.as_millis()));
    row("lag metric: samples / apart from the table", format!("{} / {}", watched.samples, watched.disagreed));
    row("worst lag: broker connected / not", format!("{:.1} / {:.1} s", watched.worst_connected, watched.worst_alone));
    ensure!(watched.disagreed * 20 <= watched.samples, "the lag metric does not tell the truth");
    fleet.stop().await
}

fn setup(options: &Options, engine: &Engine, url: &str, redis: &Redis, rabbit: &Rabbit, sink: &Sink) -> Setup {
    let setup = Setup::new(&options.program.binary, &engine.dir().join("data"), url)
        .with("MEGASHOP_CACHE__URL", &redis.url())
        .with("MEGASHOP_JOBS__BROKER", &rabbit.url())
        .with("MEGASHOP_JOBS__IN_PROCESS", "false")
        .with("MEGASHOP_JOBS__LEASE", "10")
        .with("MEGASHOP_PAYMENTS__PROVIDER", "emulator")
        .with("MEGASHOP_LIMITS__RATE", &format!("\"{RATE}\""))
        .with("MEGASHOP_LIMITS__BURST", &RATE.to_string());
    sink.settings().into_iter().fold(setup, |setup, (name, value)| setup.with(name, &value))
}

/// RabbitMQ мёртв, потом жив, потом без памяти; Redis всё это время — то пуст, то мёртв.
async fn break_everything(
    fleet: &Fleet,
    rabbit: &mut Rabbit,
    redis: &mut Redis,
    options: &Options,
) -> Result<Troubles> {
    let died = Instant::now();
    rabbit.kill().await?;
    let (flushes, kills) = torment(redis, Duration::from_secs(options.outage)).await?;
    rabbit.restart().await?;
    fleet.until_metric("megashop_broker_connected", 1.0).await?;
    let revived = Instant::now();
    tokio::time::sleep(CALM).await;
    rabbit.block().await?;
    let blocked = Instant::now();
    let (more_flushes, more_kills) = torment(redis, Duration::from_secs(options.alarm)).await?;
    let unblocked = Instant::now();
    rabbit.unblock().await?;
    // Связь, которую узел не читал, обязана ожить сама.
    fleet.until_metric("megashop_broker_connected", 1.0).await?;
    Ok(Troubles {
        broker_died: [died, revived],
        memory_ended: [blocked, unblocked],
        flushes: flushes + more_flushes,
        kills: kills + more_kills,
    })
}

/// Очищает и убивает Redis; возвращает, сколько раз что.
async fn torment(redis: &mut Redis, time: Duration) -> Result<(usize, usize)> {
    let until = Instant::now() + time;
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
    Ok((flushes, kills))
}

/// За сколько отвечали на заказы, сделанные тогда.
fn speed(bought: &[Bought], then: impl Fn(Instant) -> bool) -> String {
    let mut took: Vec<Duration> = bought.iter().filter(|one| then(one.at)).map(|one| one.took).collect();
    took.sort_unstable();
    let Some(last) = took.len().checked_sub(1) else { return "no orders".to_owned() };
    let at = |part: f64| took[(last as f64 * part) as usize].as_millis();
    format!("{} / {} / {} ms, {} orders", at(0.5), at(0.99), at(1.0), took.len())
}

fn check_letters(bought: &[Bought], sink: &Sink) -> Result<()> {
    let letters = sink.letters();
    for one in bought {
        let came = letters.get(&one.email).map_or(0, Vec::len);
        ensure!(came == one.letters, "{}: {came} letters, owed {}", one.email, one.letters);
    }
    Ok(())
}
