//! Предел частоты, общий на всех: пропущенное ÷ положенное на одном узле, на двух и на двух без Redis.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use super::RATE;
use crate::fleet::Fleet;
use crate::http::Call;
use crate::nodes::Redis;
use crate::shop::Shop;
use crate::table;

/// Сколько мерить предел.
const TIME: Duration = Duration::from_secs(5);

pub async fn measure(fleet: &Fleet, redis: &mut Redis) -> Result<()> {
    table::head(&["limit", "allowed", "configured", "ratio"]);
    row("1 node", &fleet.servers[..1], 1).await?;
    row("2 nodes, Redis", &fleet.servers, 2).await?;
    redis.kill().await?;
    fleet.until_metric("megashop_redis_connected", 0.0).await?;
    row("2 nodes, Redis is dead (up to 2 × the limit)", &fleet.servers, 3).await?;
    redis.restart().await?;
    fleet.until_metric("megashop_redis_connected", 1.0).await
}

async fn row(name: &str, servers: &[Shop], address: u8) -> Result<()> {
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for server in servers {
        for _ in 0..2 {
            let mut client = server.client().from([127, 0, 2, address]);
            callers.spawn(async move {
                let mut allowed = 0;
                while started.elapsed() < TIME {
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
    let ratio = allowed as f64 / configured;
    table::row([name.to_owned(), allowed.to_string(), format!("{configured:.0}"), format!("{ratio:.3}")]);
    Ok(())
}
