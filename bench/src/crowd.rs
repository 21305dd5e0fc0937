//! Толпа: столько-то сеансов разом собирают набор из десяти активов у настоящего сервера — ровно по коду и по письму на каждый.
//!
//! У каждого сеанса своё соединение со своего адреса, и все они открыты сразу. Идут тремя приступами, следующий начинают все вместе: первая
//! половина набора; вторая, за которую дают код; код, ход и почта. Часть повторяет просмотры, шлёт последний четырежды разом, не
//! дожидается ответа и повторяет, привязывает почту дважды и раньше времени (см. `crowd/visitor.rs`). Сверка — `crowd/books.rs`.

mod books;
mod visitor;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use http::Method;
use serde_json::json;
use tokio::task::{JoinHandle, JoinSet};

use crate::database::Database;
use crate::engine::{Engine, Kind};
use crate::fleet::Fleet;
use crate::http::Call;
use crate::nodes::{Rabbit, Redis};
use crate::shop::Setup;
use crate::sink::Sink;
use crate::stage::Program;
use crate::{cpu, customers, machine, table};
use visitor::Visitor;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    program: Program,
    #[arg(long, default_value_t = 10_000)]
    sessions: usize,
    /// Кампания требует пропусков на просмотр и секунды между открытием и просмотром.
    #[arg(long)]
    fair: bool,
    /// Два сервера и два исполнителя, свои Redis и RabbitMQ.
    #[arg(long)]
    cluster: bool,
}

const ASSETS: usize = 10;
const ADMIN: usize = 9_000_000;
/// За сколько должны уйти все письма.
const LETTERS: Duration = Duration::from_secs(1200);
/// Соединений сверх «по одному на сеанс»: последние просмотры разом, почта, сама база.
const SPARE_FILES: usize = 4_000;

/// Один приступ глазами всех посетителей.
struct Wave {
    name: &'static str,
    took: Duration,
    /// За сколько ответили, мкс, по возрастанию; с повторами после отказов — от первой попытки.
    latencies: Vec<u32>,
}

pub async fn run(options: Options) -> Result<()> {
    let kind = options.program.engine;
    ensure!(!options.cluster || kind != Kind::Sqlite, "several machines need a database server");
    check_files(options.sessions)?;
    println!("{}", machine::describe());
    println!("a crowd of {} sessions, {ASSETS} assets, on {}{}\n", options.sessions, kind.name(), variant(&options));
    let engine = Engine::start(kind).await?;
    let database = Database { kind, url: engine.create_database("shop").await? };
    let sink = Sink::start().await?;
    let mut setup = setup(&options, &engine, &database, &sink);
    let nodes = if options.cluster { Some(start_nodes(&engine, &mut setup).await?) } else { None };
    customers::make_admin(&setup, ADMIN).await?;
    let fleet = if options.cluster { Fleet::start(&setup, 2, 2).await? } else { Fleet::start(&setup, 1, 0).await? };
    let admin = open_campaign(&fleet, options.fair).await?;
    let peaks: Vec<_> = fleet.pids()?.into_iter().map(|pid| tokio::spawn(cpu::peak_memory(pid))).collect();

    let addresses: Vec<_> = fleet.servers.iter().map(|server| server.address).collect();
    let visitors = (0..options.sessions).map(|number| Visitor::new(number, &addresses, options.fair)).collect();
    let (visitors, _) = all_at_once("connect", visitors, Visitor::open).await?;
    let (visitors, first) = all_at_once("first half", visitors, Visitor::first_half).await?;
    let (visitors, _) = all_at_once("connect again", visitors, Visitor::open).await?;
    let open = open_connections(&fleet)?;
    ensure!(open >= options.sessions, "only {open} connections are open");
    let (visitors, second) = all_at_once("second half", visitors, Visitor::second_half).await?;
    let attached = Instant::now();
    let (visitors, third) = all_at_once("codes and e-mails", visitors, Visitor::attach).await?;
    until_letters(&sink, options.sessions).await?;
    let lettered = sink.last().context("no letters")?.duration_since(attached);
    database.until_jobs_end(LETTERS).await?;

    books::check(&visitors, &database, &sink, &fleet, &admin).await?;
    setup.run(&["doctor", "--money"]).await?;
    fleet.stop().await?;
    drop(nodes);
    let mut memory = Vec::new();
    for peak in peaks {
        memory.push(format!("{:.0}", peak.await?));
    }
    report(&visitors, &[first, second, third]);
    println!();
    table::head(&["what", "result"]);
    let row = |what: &str, result: String| table::row([what.to_owned(), result]);
    row("connections open in the middle", open.to_string());
    row("codes = promos of the campaign = sessions", options.sessions.to_string());
    row("letters, each with its own code to its own address", sink.total().to_string());
    row("from the first e-mail to the last letter", format!("{:.1} s", lettered.as_secs_f64()));
    row("letters a second", format!("{:.0}", sink.total() as f64 / lettered.as_secs_f64()));
    row("connections to the mail server", sink.connections().to_string());
    row("own memory of every process, peak, MB", memory.join(", "));
    row("refused or cut off, then repeated", refusals(&visitors));
    Ok(())
}

fn variant(options: &Options) -> String {
    let cluster = if options.cluster { ", 2 servers and 2 workers with Redis and RabbitMQ" } else { "" };
    let fair = if options.fair { ", view tokens and a second of dwell" } else { "" };
    format!("{cluster}{fair}")
}

/// Все соединения разом — это и столько же открытых файлов, у нас и у сервера.
fn check_files(sessions: usize) -> Result<()> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find(|line| line.starts_with("Max open files")).context("no limit of files")?;
    let limit: usize = line.split_whitespace().nth(3).and_then(|number| number.parse().ok()).unwrap_or(usize::MAX);
    let needed = sessions + SPARE_FILES;
    ensure!(limit >= needed, "{limit} open files are not enough for {sessions} sessions: `ulimit -n {needed}` first");
    Ok(())
}

fn setup(options: &Options, engine: &Engine, database: &Database, sink: &Sink) -> Setup {
    let setup = Setup::new(&options.program.binary, &engine.dir().join("data"), &database.url)
        // Предел частоты обычный: у каждого посетителя свой адрес.
        .with("MEGASHOP_LIMITS__RATE", "\"100\"");
    sink.settings().into_iter().fold(setup, |setup, (name, value)| setup.with(name, &value))
}

async fn start_nodes(engine: &Engine, setup: &mut Setup) -> Result<(Redis, Rabbit)> {
    let (redis, rabbit) = (Redis::start(engine.dir()).await?, Rabbit::start(engine.dir()).await?);
    *setup = setup
        .clone()
        .with("MEGASHOP_CACHE__URL", &redis.url())
        .with("MEGASHOP_JOBS__BROKER", &rabbit.url())
        .with("MEGASHOP_JOBS__IN_PROCESS", "false");
    Ok((redis, rabbit))
}

/// Десять активов и награда в кампании по умолчанию; возвращает пропуск администратора.
async fn open_campaign(fleet: &Fleet, fair: bool) -> Result<String> {
    let mut client = fleet.servers[0].client();
    let session = client.send(&customers::login(ADMIN)).await?.json()?;
    let admin = customers::text(&session, "access_token")?;
    let reward = json!({"discount_percent": books::PERCENT, "min_sum": books::MIN_SUM});
    let mut patch = json!({"reward": reward});
    if fair {
        patch["min_dwell"] = json!(1);
        patch["needs_view_token"] = json!(true);
    }
    let call = Call { method: Method::PATCH, ..Call::post("/api/v1/campaigns/1", &patch) };
    client.send(&call.by(&admin)).await?.json()?;
    for number in 0..ASSETS {
        let asset = json!({"slug": visitor::slug(number), "name": format!("Статуя {number}"), "position": number});
        client.send(&Call::post("/api/v1/campaign-assets/", &asset).by(&admin)).await?.json()?;
    }
    Ok(admin)
}

/// Все начинают вместе; дальше идут, когда закончил последний.
async fn all_at_once<F>(
    name: &'static str,
    visitors: Vec<Visitor>,
    walk: impl Fn(Visitor) -> F,
) -> Result<(Vec<Visitor>, Wave)>
where
    F: Future<Output = Result<Visitor>> + Send + 'static,
{
    let total = visitors.len();
    let done = Arc::new(AtomicUsize::new(0));
    let progress = show_progress(name, done.clone(), total);
    let started = Instant::now();
    let mut walkers = JoinSet::new();
    for visitor in visitors {
        walkers.spawn(walk(visitor));
    }
    let mut visitors = Vec::with_capacity(total);
    while let Some(visitor) = walkers.join_next().await {
        visitors.push(visitor.context("a visitor stopped")?.with_context(|| name)?);
        done.fetch_add(1, Ordering::Relaxed);
    }
    progress.abort();
    let took = started.elapsed();
    let mut latencies: Vec<u32> = visitors.iter_mut().flat_map(Visitor::take_latencies).collect();
    latencies.sort_unstable();
    eprintln!("{name}: {total} in {:.1} s", took.as_secs_f64());
    Ok((visitors, Wave { name, took, latencies }))
}

fn show_progress(name: &'static str, done: Arc<AtomicUsize>, total: usize) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            eprintln!("{name}: {} of {total}", done.load(Ordering::Relaxed));
        }
    })
}

/// Сколько соединений открыто у серверов, по словам ядра системы.
fn open_connections(fleet: &Fleet) -> Result<usize> {
    const ESTABLISHED: &str = "01";
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    let ports: Vec<String> = fleet.servers.iter().map(|server| format!(":{:04X}", server.address.port())).collect();
    let is_ours = |line: &&str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        columns.get(3) == Some(&ESTABLISHED) && ports.iter().any(|port| columns[1].ends_with(port))
    };
    Ok(table.lines().filter(is_ours).count())
}

async fn until_letters(sink: &Sink, owed: usize) -> Result<()> {
    let started = Instant::now();
    let mut told = 0;
    while sink.total() < owed {
        ensure!(started.elapsed() < LETTERS, "only {} letters of {owed}", sink.total());
        if started.elapsed().as_secs() / 5 > told {
            told += 1;
            eprintln!("letters: {} of {owed}", sink.total());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn report(visitors: &[Visitor], waves: &[Wave]) {
    table::head(&["wave", "answers", "seconds", "answers/s", "p50, ms", "p99, ms", "worst, ms"]);
    for wave in waves {
        let last = wave.latencies.len().saturating_sub(1) as f64;
        let at = |part: f64| wave.latencies.get((last * part) as usize).map_or(0.0, |us| f64::from(*us) / 1000.0);
        table::row([
            wave.name.to_owned(),
            wave.latencies.len().to_string(),
            format!("{:.1}", wave.took.as_secs_f64()),
            format!("{:.0}", wave.latencies.len() as f64 / wave.took.as_secs_f64()),
            format!("{:.0}", at(0.5)),
            format!("{:.0}", at(0.99)),
            format!("{:.0}", at(1.0)),
        ]);
    }
    let views: usize = visitors.iter().map(|visitor| visitor.views).sum();
    let walked: f64 = waves[..2].iter().map(|wave| wave.took.as_secs_f64()).sum();
    println!("\n{views} views counted, {:.0} a second over the first two waves", views as f64 / walked);
}

/// Чем и сколько раз отказали: `503 database.unavailable × 12`.
fn refusals(visitors: &[Visitor]) -> String {
    let mut all = BTreeMap::<&str, usize>::new();
    for (why, count) in visitors.iter().flat_map(|visitor| &visitor.refusals) {
        *all.entry(why).or_default() += count;
    }
    let told: Vec<String> = all.iter().map(|(why, count)| format!("{why} × {count}")).collect();
    if told.is_empty() { "nobody".to_owned() } else { told.join(", ") }
}
