//! Правда ли то, что говорит метрика задержки задач.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;

use crate::database::Database;
use crate::fleet::metric;

/// Насколько вправе разойтись задержка в метрике и в таблице: между снимками задачи идут своим чередом.
const SLACK: f64 = 0.3;

#[derive(Default)]
pub struct Watched {
    pub samples: usize,
    pub disagreed: usize,
    pub worst_connected: f64,
    pub worst_alone: f64,
}

/// Сверяет метрику с таблицей раз в секунду, у всех по очереди.
pub async fn watch(database: Database, metrics: Vec<u16>, stop: Arc<AtomicBool>) -> Result<Watched> {
    let mut watched = Watched::default();
    while !stop.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let port = metrics[watched.samples % metrics.len()];
        let before = database.jobs_lag().await?;
        let shown = metric(port, "megashop_jobs_lag_seconds").await?;
        let after = database.jobs_lag().await?;
        let (low, high) = (before.min(after) - SLACK, before.max(after) + SLACK);
        watched.samples += 1;
        watched.disagreed += usize::from(!(low..=high).contains(&shown));
        let is_connected = metric(port, "megashop_broker_connected").await? == 1.0;
        let worst = if is_connected { &mut watched.worst_connected } else { &mut watched.worst_alone };
        *worst = worst.max(after);
    }
    Ok(watched)
}
