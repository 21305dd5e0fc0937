//! Приём запросов и фоновые задачи до сигнала остановки.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use kernel::{Actor, Ctx, Platform, Work, jobs};
use megashop_net::Limits;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::aliases::ALIASES;
use crate::{monitoring, system};

/// Слушает, пока не попросят остановиться; принятое доделывает.
pub async fn run(platform: Platform) -> anyhow::Result<ExitCode> {
    let ctx = platform.ctx.clone();
    let server = ctx.settings().kernel.server.clone();
    let listener =
        TcpListener::bind(&server.listen).await.with_context(|| format!("cannot listen on {}", server.listen))?;
    let address = listener.local_addr()?;
    let mounted = platform.mount(ALIASES);
    system::install(&ctx, &mounted)?;
    monitoring::start(&ctx).await?;
    let stop = CancellationToken::new();
    let worker =
        ctx.settings().kernel.jobs.in_process.then(|| tokio::spawn(jobs::Worker::new(ctx.clone()).run(stop.clone())));
    tokio::spawn(kernel::overrides::follow(ctx.clone(), stop.clone()));
    tracing::info!(address = %address, version = env!("CARGO_PKG_VERSION"), "megashop is ready");
    invite_first_admin(&ctx).await?;

    let limits = limits(&ctx);
    let serving = megashop_net::serve(vec![listener], mounted.router, limits, stop.clone().cancelled_owned());
    tokio::pin!(serving);
    tokio::select! {
        result = &mut serving => result?,
        () = signal() => {
            tracing::info!("stopping: finishing what was accepted");
            system::not_ready(&ctx);
            stop.cancel();
            tokio::select! {
                result = &mut serving => result?,
                () = signal() => tracing::warn!("second signal: stopping at once"),
            }
        }
    }
    if let Some(worker) = worker {
        tokio::time::timeout(Duration::from_secs(server.shutdown_timeout), worker).await.ok();
    }
    drop(mounted.openapi);
    ctx.db_handle().clone().close().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Пока администратора нет, печатает одноразовую ссылку. На терминал, не в журнал: ссылка — это пропуск.
async fn invite_first_admin(ctx: &Ctx) -> anyhow::Result<()> {
    let make = async move |work: &mut Work| accounts::services::one_time_admin_link(work).await;
    if let Some(link) = ctx.atomic(&Actor::System("start"), make).await? {
        println!(
            "Администратора ещё нет. Заведите его по одноразовой ссылке (действует сутки):\n  {link}\nили командой: megashop admin create --phone +7… --password-stdin"
        );
    }
    Ok(())
}

/// Только фоновые задачи.
pub async fn worker(platform: Platform) -> anyhow::Result<ExitCode> {
    let ctx = platform.ctx.clone();
    monitoring::start(&ctx).await?;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(jobs::Worker::new(ctx.clone()).run(stop.clone()));
    tokio::spawn(kernel::overrides::follow(ctx.clone(), stop.clone()));
    tracing::info!("worker is ready");
    signal().await;
    stop.cancel();
    worker.await.ok();
    ctx.db_handle().clone().close().await;
    Ok(ExitCode::SUCCESS)
}

fn limits(ctx: &Ctx) -> Limits {
    let kernel = &ctx.settings().kernel;
    Limits {
        max_connections: kernel.limits.connections,
        max_connections_per_ip: kernel.limits.connections_per_ip,
        max_body_bytes: kernel.limits.upload as u64,
        drain_timeout: Duration::from_secs(kernel.server.shutdown_timeout),
        ..Limits::default()
    }
}

/// SIGINT или SIGTERM.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    tokio::signal::ctrl_c().await.ok();
}
