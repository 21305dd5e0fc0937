//! Метрики Prometheus на своём адресе.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use kernel::Ctx;
use kernel::jobs::JobState;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use crate::backups;

/// Границы времени ответа, секунды.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Как часто сводить накопленное.
const UPKEEP: Duration = Duration::from_secs(5);

/// Отдаёт `/metrics`, пока жив процесс. Занятый адрес — предупреждение, а не отказ: на машине может быть второй магазин.
pub async fn start(ctx: &Ctx) -> anyhow::Result<()> {
    let address = ctx.settings().kernel.server.metrics_listen.clone();
    if address.is_empty() {
        return Ok(());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("seconds".into()), BUCKETS)?
        .install_recorder()?;
    tokio::spawn(upkeep(handle.clone()));
    let listener = match TcpListener::bind(&address).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(address, %error, "metrics are off: the address is taken (server.metrics_listen)");
            return Ok(());
        }
    };
    let ctx = ctx.clone();
    let app = Router::new().route("/metrics", get(move || render(ctx.clone(), handle.clone())));
    tokio::spawn(
        async move { megashop_net::serve(vec![listener], app, Default::default(), std::future::pending()).await },
    );
    Ok(())
}

/// Сводит накопленные замеры: без этого они копятся в памяти до ближайшего `/metrics`, а спрашивают его не все.
async fn upkeep(handle: PrometheusHandle) {
    let mut tick = tokio::time::interval(UPKEEP);
    loop {
        tick.tick().await;
        handle.run_upkeep();
    }
}

async fn render(ctx: Ctx, handle: PrometheusHandle) -> String {
    if let Ok(states) = kernel::jobs::states(&ctx).await {
        let sum = |of: fn(&JobState) -> i64| states.iter().map(of).sum::<i64>() as f64;
        metrics::gauge!("megashop_jobs_waiting").set(sum(|state| state.ready + state.scheduled));
        metrics::gauge!("megashop_jobs_running").set(sum(|state| state.running));
        metrics::gauge!("megashop_jobs_retrying").set(sum(|state| state.retrying));
        metrics::gauge!("megashop_jobs_dead").set(sum(|state| state.dead));
    }
    if let Ok(lag) = kernel::jobs::lag(&ctx).await {
        metrics::gauge!("megashop_jobs_lag_seconds").set(lag.as_seconds_f64());
    }
    metrics::gauge!("megashop_jobs_held").set(f64::from(u8::from(kernel::jobs::is_held(&ctx))));
    for (name, moment) in backups::ages(&ctx) {
        if let Some(moment) = moment {
            metrics::gauge!(name).set((ctx.now() - moment).as_seconds_f64());
        }
    }
    handle.render()
}
