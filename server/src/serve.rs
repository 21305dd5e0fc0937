//! Приём запросов и фоновые задачи до сигнала остановки.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use kernel::{Actor, Ctx, Platform, Work, jobs};
use megashop_net::Limits;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::aliases::ALIASES;
use crate::{monitoring, system, traces};

/// Слушает, пока не попросят остановиться; принятое доделывает.
pub async fn run(platform: Platform) -> anyhow::Result<ExitCode> {
    let ctx = platform.ctx.clone();
    let listen = &ctx.settings().kernel.server.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    let mounted = platform.mount(ALIASES);
    system::install(&ctx, &mounted)?;
    monitoring::start(&ctx).await?;
    let stop = CancellationToken::new();
    let worker =
        ctx.settings().kernel.jobs.in_process.then(|| tokio::spawn(jobs::Worker::new(ctx.clone()).run(stop.clone())));
    follow_others(&ctx, &stop);
    tracing::info!(address = %address, version = env!("CARGO_PKG_VERSION"), "megashop is ready");
    invite_first_admin(&ctx).await?;

    let limits = limits(&ctx);
    let serving = megashop_net::serve(
        vec![listener],
        traces::follow(&ctx.settings().kernel.log, mounted.router),
        limits,
        stop.clone().cancelled_owned(),
    );
    tokio::pin!(serving);
    let asked = tokio::select! {
        result = &mut serving => {
            result?;
            Instant::now()
        }
        () = signal() => {
            tracing::info!("stopping: finishing what was accepted");
            let asked = Instant::now();
            system::not_ready(&ctx);
            stop.cancel();
            tokio::select! {
                result = &mut serving => result?,
                () = signal() => tracing::warn!("second signal: stopping at once"),
            }
            asked
        }
    };
    if let Some(worker) = worker {
        finish_jobs(&ctx, worker, asked).await;
    }
    drop(mounted.openapi);
    ctx.db_handle().clone().close().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Ждёт взятые задачи, но не дольше срока, общего с запросами: после него процесс убьют, а брошенную задачу возьмёт другой исполнитель.
async fn finish_jobs(ctx: &Ctx, worker: JoinHandle<()>, asked: Instant) {
    let left = shutdown_timeout(ctx).saturating_sub(asked.elapsed());
    if tokio::time::timeout(left, worker).await.is_err() {
        tracing::warn!("the time to stop is over: unfinished jobs will be taken again");
    }
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

/// Следит за тем, что меняется снаружи: настройки из админки другого процесса, живость реплик.
fn follow_others(ctx: &Ctx, stop: &CancellationToken) {
    tokio::spawn(kernel::overrides::follow(ctx.clone(), stop.clone()));
    tokio::spawn(ctx.db_handle().clone().follow_replicas(stop.clone()));
}

/// Только фоновые задачи.
pub async fn worker(platform: Platform) -> anyhow::Result<ExitCode> {
    let ctx = platform.ctx.clone();
    monitoring::start(&ctx).await?;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(jobs::Worker::new(ctx.clone()).run(stop.clone()));
    follow_others(&ctx, &stop);
    tracing::info!("worker is ready");
    signal().await;
    tracing::info!("stopping: finishing the jobs taken");
    stop.cancel();
    finish_jobs(&ctx, worker, Instant::now()).await;
    ctx.db_handle().clone().close().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn shutdown_timeout(ctx: &Ctx) -> Duration {
    Duration::from_secs(ctx.settings().kernel.server.shutdown_timeout)
}

fn limits(ctx: &Ctx) -> Limits {
    let (kernel, own) = (&ctx.settings().kernel, Limits::default());
    let proxies = kernel.server.trusted_proxies.iter().map(|network| network.net());
    Limits {
        trusted_peers: own.trusted_peers.iter().copied().chain(proxies).collect(),
        max_connections: kernel.limits.connections,
        max_connections_per_ip: kernel.limits.connections_per_ip,
        max_body_bytes: kernel.limits.upload as u64,
        drain_timeout: shutdown_timeout(ctx),
        ..own
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
