//! Замкнутая нагрузка: каждый клиент шлёт следующий запрос, получив ответ на прошлый. Стороны, которые сравниваются,
//! работают по очереди, короткими подходами: помехи машины достаются всем поровну, а берётся средний подход.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use tokio::task::JoinSet;

use crate::bare_orders::BareBuyer;
use crate::cpu::Meter;
use crate::http::{Call, Client};

/// Долгота замера.
#[derive(Args, Clone, Copy, Debug)]
pub struct Pace {
    /// Секунд на подход.
    #[arg(long, default_value_t = 3.0)]
    pub seconds: f64,
    /// Подходов; в таблицу идёт средний.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
}

/// Следующий запрос клиента.
pub type Next = Box<dyn FnMut() -> Call + Send>;

/// Один клиент.
pub enum Worker {
    Http(Client, Next),
    /// Те же запросы к базе без магазина.
    Sql(BareBuyer),
}

impl Worker {
    pub fn http(address: SocketAddr, next: Next) -> Worker {
        Worker::Http(Client::new(address), next)
    }

    async fn step(&mut self) -> Result<()> {
        match self {
            Worker::Http(client, next) => {
                let call = next();
                let answer = client.send(&call).await.with_context(|| call.path.clone())?;
                let body = || String::from_utf8_lossy(&answer.body).into_owned();
                ensure!(answer.status.is_success(), "{} {}: {} {}", call.method, call.path, answer.status, body());
                Ok(())
            }
            Worker::Sql(buyer) => buyer.step().await,
        }
    }
}

/// Сторона сравнения.
pub struct Side<'a> {
    pub meter: Meter,
    /// Клиент с этим номером.
    pub worker: Box<dyn Fn(usize) -> Worker + Send + Sync + 'a>,
}

/// Итог подхода.
#[derive(Clone, Debug)]
pub struct Measure {
    pub per_second: f64,
    /// Процессора на запрос, мс.
    pub cpu: f64,
    /// Задержки, мс.
    pub median: f64,
    pub p99: f64,
}

/// Меряет стороны по очереди; у каждой — средний по скорости подход.
pub async fn in_turns(sides: &[Side<'_>], clients: usize, pace: Pace) -> Result<Vec<Measure>> {
    let mut all: Vec<Vec<Measure>> = sides.iter().map(|_| Vec::new()).collect();
    for _ in 0..pace.rounds.max(1) {
        for (side, measures) in sides.iter().zip(&mut all) {
            measures.push(measure(side, clients, Duration::from_secs_f64(pace.seconds)).await?);
        }
    }
    Ok(all.into_iter().map(middle).collect())
}

/// Средний по скорости.
pub fn middle(mut measures: Vec<Measure>) -> Measure {
    measures.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    measures.swap_remove(measures.len() / 2)
}

const WARM: u8 = 0;
const COUNT: u8 = 1;
const STOP: u8 = 2;

/// Один подход: разгон в четверть его долготы, потом счёт.
pub async fn measure(side: &Side<'_>, clients: usize, time: Duration) -> Result<Measure> {
    let phase = Arc::new(AtomicU8::new(WARM));
    let mut tasks = JoinSet::new();
    for number in 0..clients {
        tasks.spawn(work((side.worker)(number), phase.clone()));
    }
    tokio::time::sleep(time / 4).await;
    let before = side.meter.spent()?;
    let started = Instant::now();
    phase.store(COUNT, Ordering::Relaxed);
    tokio::time::sleep(time).await;
    phase.store(STOP, Ordering::Relaxed);
    let mut latencies = Vec::new();
    while let Some(own) = tasks.join_next().await {
        latencies.extend(own??);
    }
    let elapsed = started.elapsed();
    let cpu = side.meter.spent()?.saturating_sub(before);
    ensure!(!latencies.is_empty(), "not a single answer in {elapsed:?}");
    latencies.sort_unstable();
    let requests = latencies.len() as f64;
    let at = |part: f64| f64::from(latencies[((requests - 1.0) * part) as usize]) / 1000.0;
    Ok(Measure {
        per_second: requests / elapsed.as_secs_f64(),
        cpu: cpu.as_secs_f64() * 1000.0 / requests,
        median: at(0.5),
        p99: at(0.99),
    })
}

/// Задержки запросов, начатых во время счёта, микросекунд.
async fn work(mut worker: Worker, phase: Arc<AtomicU8>) -> Result<Vec<u32>> {
    let mut latencies = Vec::new();
    loop {
        let seen = phase.load(Ordering::Relaxed);
        if seen == STOP {
            return Ok(latencies);
        }
        let sent = Instant::now();
        worker.step().await?;
        if seen == COUNT {
            latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
}
