//! Не мешает ли вход остальным: задержка каталога, пока входят 64 человека, к задержке без них.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use tokio::task::JoinSet;

use crate::http::{Call, Client};
use crate::load::{self, Pace, Side, Worker};
use crate::reads::LIST;
use crate::shop::Shop;
use crate::stage::{Place, Stage};
use crate::{customers, machine, table};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    pace: Pace,
    /// Входят разом.
    #[arg(long, default_value_t = 64)]
    people: usize,
    /// Читают каталог разом.
    #[arg(long, default_value_t = 4)]
    readers: usize,
}

pub async fn run(options: Options) -> Result<()> {
    println!("{}", machine::describe());
    println!("{} readers of the list while {} people log in\n", options.readers, options.people);
    let stage = Stage::build(&options.place).await?;
    let shop = Shop::serve(&stage.setup).await?;
    customers::register_many(&mut shop.client(), options.people).await?;
    let side = Side {
        meter: stage.meter(&shop)?,
        worker: Box::new(|_| Worker::http(shop.address, Box::new(|| Call::get(LIST)))),
    };
    let (mut calm, mut busy, mut logins) = (Vec::new(), Vec::new(), 0.0);
    let time = Duration::from_secs_f64(options.pace.seconds);
    for _ in 0..options.pace.rounds.max(1) {
        calm.push(load::measure(&side, options.readers, time).await?);
        let crowd = Crowd::start(&shop, options.people);
        busy.push(load::measure(&side, options.readers, time).await?);
        logins = crowd.stop().await?;
    }
    let (calm, busy) = (load::middle(calm), load::middle(busy));
    table::head(&["", "alone", "while they log in", "ratio"]);
    print("list p50, ms", calm.median, busy.median);
    print("list p99, ms", calm.p99, busy.p99);
    print("list, req/s", calm.per_second, busy.per_second);
    println!("\n{logins:.1} logins a second");
    drop(side);
    shop.stop().await
}

fn print(name: &str, calm: f64, busy: f64) {
    table::row([name.into(), format!("{calm:.2}"), format!("{busy:.2}"), table::ratio(busy, calm)]);
}

/// Входят снова и снова, пока не остановят.
struct Crowd {
    tasks: JoinSet<Result<()>>,
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    started: Instant,
}

impl Crowd {
    fn start(shop: &Shop, people: usize) -> Crowd {
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut tasks = JoinSet::new();
        for number in 0..people {
            tasks.spawn(log_in(shop.client(), number, stop.clone(), done.clone()));
        }
        Crowd { tasks, stop, done, started: Instant::now() }
    }

    /// Входов в секунду.
    async fn stop(mut self) -> Result<f64> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(result) = self.tasks.join_next().await {
            result.context("a person stopped")??;
        }
        Ok(self.done.load(Ordering::Relaxed) as f64 / self.started.elapsed().as_secs_f64())
    }
}

async fn log_in(mut client: Client, number: usize, stop: Arc<AtomicBool>, done: Arc<AtomicUsize>) -> Result<()> {
    let call = customers::login(number);
    while !stop.load(Ordering::Relaxed) {
        let answer = client.send(&call).await?;
        // 503 — очередь на вычисление полна: вежливый отказ, а не ошибка замера.
        ensure!(answer.status.is_success() || answer.status.as_u16() == 503, "login: {}", answer.status);
        if answer.status.is_success() {
            done.fetch_add(1, Ordering::Relaxed);
        } else {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}
