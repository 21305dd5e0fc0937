//! Сколько-то `megashop serve` и `megashop worker` на одной базе, и метрики каждого.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::process::Child;

use crate::engine;
use crate::http::{Call, Client};
use crate::shop::{Setup, Shop};

pub struct Fleet {
    pub servers: Vec<Shop>,
    workers: Vec<Child>,
    /// Порты метрик: сперва серверы, потом исполнители.
    pub metrics: Vec<u16>,
}

impl Fleet {
    pub async fn start(setup: &Setup, servers: usize, workers: usize) -> Result<Fleet> {
        let mut fleet = Fleet { servers: Vec::new(), workers: Vec::new(), metrics: Vec::new() };
        for _ in 0..servers {
            let own = fleet.next_setup(setup)?;
            fleet.servers.push(Shop::serve(&own).await?);
        }
        for number in 1..=workers {
            let own = fleet.next_setup(setup)?;
            fleet.workers.push(Shop::worker(&own, &format!("worker-{number}.log"))?);
        }
        for port in &fleet.metrics {
            engine::wait_for_port(*port, Duration::from_secs(60)).await?;
        }
        Ok(fleet)
    }

    fn next_setup(&mut self, setup: &Setup) -> Result<Setup> {
        let port = engine::free_port()?;
        self.metrics.push(port);
        Ok(setup.clone().with("MEGASHOP_SERVER__METRICS_LISTEN", &format!("127.0.0.1:{port}")))
    }

    /// Номера процессов магазина.
    pub fn pids(&self) -> Result<Vec<u32>> {
        let servers = self.servers.iter().map(Shop::pid);
        let workers = self.workers.iter().map(|worker| worker.id().context("a worker is gone"));
        servers.chain(workers).collect()
    }

    /// Ждёт, пока метрика у всех не станет такой.
    pub async fn until_metric(&self, name: &str, value: f64) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        for port in &self.metrics {
            while metric(*port, name).await? != value {
                ensure!(Instant::now() < deadline, "{name} is not {value} on {port}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    }

    pub async fn stop(self) -> Result<()> {
        for mut worker in self.workers {
            worker.kill().await?;
        }
        for server in self.servers {
            server.stop().await?;
        }
        Ok(())
    }
}

pub async fn metric(port: u16, name: &str) -> Result<f64> {
    let answer = Client::new(SocketAddr::from(([127, 0, 0, 1], port))).send(&Call::get("/metrics")).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    value.with_context(|| format!("no {name} in the metrics"))
}
