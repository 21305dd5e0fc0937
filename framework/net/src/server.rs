//! Приём соединений и остановка.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::problem::TOO_MANY_CONNECTIONS;
use crate::slots::{Full, Slots};
use crate::{Limits, connection};

/// Пауза после отказа `accept` (кончились файлы или память): без неё цикл занял бы ядро целиком.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
/// Скольким лишним соединениям отвечать 503 одновременно; остальные просто закрываются.
const MAX_REFUSALS: usize = 64;
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);
const RETRY_AFTER_SECONDS: u32 = 5;

pub(crate) struct Server {
    pub app: Router,
    pub http: http1::Builder,
    pub limits: Limits,
    /// Остановка началась: соединения закрываются после начатого запроса.
    pub stopping: CancellationToken,
    /// Ждать больше нельзя: соединения бросаются.
    abandon: CancellationToken,
    /// Соединения и отвязанные действия, которых ждёт остановка.
    pub tasks: TaskTracker,
    slots: Arc<Slots>,
    refusals: Arc<Semaphore>,
}

/// Обслуживать `app` на всех `listeners` (HTTP/1.1), пока не исполнится `shutdown`.
///
/// Затем приём прекращается, начатые запросы и отвязанные действия ([`crate::detach`]) доводятся до конца,
/// но не дольше `limits.drain_timeout`. Ошибка — только если слушать нечего.
pub async fn serve(
    listeners: impl IntoIterator<Item = TcpListener>,
    app: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let server = Arc::new(Server::new(app, limits));
    let loops: Vec<_> = listeners.into_iter().map(|listener| server.accept_loop(listener)).collect();
    if loops.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no listeners to serve"));
    }
    // Проигравшая ветвь select бросается, а с нею закрываются и слушающие сокеты.
    tokio::select! {
        _ = futures::future::join_all(loops) => {}
        () = shutdown => {}
    }
    server.drain().await;
    Ok(())
}

impl Server {
    fn new(app: Router, limits: Limits) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.idle_timeout.max(limits.header_timeout))
            .max_headers(limits.max_headers)
            .max_header_size(limits.max_header_bytes);
        Self {
            app,
            http,
            stopping: CancellationToken::new(),
            abandon: CancellationToken::new(),
            tasks: TaskTracker::new(),
            slots: Slots::new(&limits),
            refusals: Arc::new(Semaphore::new(MAX_REFUSALS)),
            limits,
        }
    }

    async fn accept_loop(self: &Arc<Self>, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((socket, client)) => self.admit(socket, client),
                Err(error) if is_connection_error(&error) => {}
                Err(error) => {
                    tracing::error!(error = %error, "cannot accept connections, pausing");
                    metrics::counter!("net_accept_errors_total").increment(1);
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit(self: &Arc<Self>, socket: TcpStream, client: std::net::SocketAddr) {
        let slot = match self.slots.take(client.ip()) {
            Ok(slot) => slot,
            Err(full) => return self.refuse(socket, full),
        };
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(error = %error, "cannot set TCP_NODELAY");
        }
        let connection = connection::run(Arc::clone(self), socket, client, slot);
        self.tasks.spawn(self.abandon.clone().run_until_cancelled_owned(connection));
    }

    fn refuse(&self, socket: TcpStream, full: Full) {
        metrics::counter!("net_connections_refused_total", "reason" => full.as_str()).increment(1);
        let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else {
            return;
        };
        tokio::spawn(async move {
            let _permit = permit;
            let _ = timeout(REFUSAL_TIMEOUT, say_refusal(socket)).await;
        });
    }

    async fn drain(&self) {
        self.stopping.cancel();
        self.tasks.close();
        if timeout(self.limits.drain_timeout, self.tasks.wait()).await.is_err() {
            tracing::warn!(tasks.unfinished = self.tasks.len(), "drain timeout passed, leaving unfinished work");
            self.abandon.cancel();
        }
    }
}

async fn say_refusal(mut socket: TcpStream) -> io::Result<()> {
    socket.write_all(TOO_MANY_CONNECTIONS.raw_http(RETRY_AFTER_SECONDS).as_bytes()).await?;
    socket.shutdown().await?;
    // Закрыть с непрочитанным запросом значит послать RST, и ответ пропадёт.
    tokio::io::copy(&mut socket, &mut tokio::io::sink()).await?;
    Ok(())
}

/// Ошибка одного соединения, а не приёма: клиент успел уйти.
fn is_connection_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
