//! Посредник TCP между магазином и чужим сервером: пропускает, рвёт или молча глотает.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Pass,
    /// Соединения рвутся, новые — сразу же.
    Cut,
    /// Соединения целы, но ничего не доходит.
    Swallow,
}

/// Живёт, пока жив тест.
pub struct Proxy {
    port: u16,
    mode: watch::Sender<Mode>,
    swallowed: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Стоит перед `127.0.0.1:target`.
    pub async fn start(target: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind a free port");
        let port = listener.local_addr().expect("address").port();
        let (mode, seen) = watch::channel(Mode::Pass);
        let swallowed = Arc::new(AtomicUsize::new(0));
        let count = swallowed.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, target, seen.clone(), count.clone()));
            }
        });
        Proxy { port, mode, swallowed, task }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn pass(&self) {
        self.mode.send_replace(Mode::Pass);
    }

    pub fn cut(&self) {
        self.mode.send_replace(Mode::Cut);
    }

    pub fn swallow(&self) {
        self.mode.send_replace(Mode::Swallow);
    }

    /// Сколько посылок магазина пропало без ответа.
    pub fn swallowed(&self) -> usize {
        self.swallowed.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(client: TcpStream, target: u16, mode: watch::Receiver<Mode>, swallowed: Arc<AtomicUsize>) {
    if *mode.borrow() == Mode::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let nobody = AtomicUsize::new(0);
    let mut cut = mode.clone();
    tokio::select! {
        () = pump(&mut from_client, &mut to_server, &mode, &swallowed) => {}
        () = pump(&mut from_server, &mut to_client, &mode, &nobody) => {}
        _ = cut.wait_for(|mode| *mode == Mode::Cut) => {}
    }
}

async fn pump(
    from: &mut tokio::net::tcp::OwnedReadHalf,
    to: &mut tokio::net::tcp::OwnedWriteHalf,
    mode: &watch::Receiver<Mode>,
    swallowed: &AtomicUsize,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if *mode.borrow() == Mode::Swallow {
            swallowed.fetch_add(1, Ordering::SeqCst);
        } else if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
