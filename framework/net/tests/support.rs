//! Сервер и клиент для проверок.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use megashop_net::{Limits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Всё, что не про сроки, обязано случиться за это время; проверка с большим ожиданием — провал.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Срок, который проверка даёт клиенту исчерпать.
pub const SHORT: Duration = Duration::from_millis(300);
/// Срок, который в проверке не должен сработать.
pub const LONG: Duration = Duration::from_secs(60);

pub struct TestServer {
    pub address: SocketAddr,
    stop: CancellationToken,
    done: JoinHandle<std::io::Result<()>>,
}

pub async fn start(app: Router, limits: Limits) -> TestServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let done = tokio::spawn(serve([listener], app, limits, stop.clone().cancelled_owned()));
    TestServer { address, stop, done }
}

impl TestServer {
    pub async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    pub fn begin_stop(&self) {
        self.stop.cancel();
    }

    /// Остановка ещё чего-то ждёт.
    pub async fn still_runs(&mut self, time: Duration) {
        assert!(tokio::time::timeout(time, &mut self.done).await.is_err(), "the server did not wait");
    }

    pub async fn stopped(self) {
        within(self.done).await.unwrap().unwrap();
    }
}

pub struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = within(TcpStream::connect(address)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self::from(stream)
    }

    pub async fn send(&mut self, text: impl AsRef<[u8]>) {
        within(self.stream.write_all(text.as_ref())).await.unwrap();
    }

    /// Слать по кусочку через равные промежутки, пока сервер не закроет соединение (или не кончится текст).
    pub async fn dribble(&mut self, text: impl AsRef<[u8]>, piece: usize, every: Duration) {
        let mut clock = tokio::time::interval(every);
        for piece in text.as_ref().chunks(piece) {
            clock.tick().await;
            if self.stream.write_all(piece).await.is_err() {
                return;
            }
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: shop\r\n\r\n")).await;
        self.answer().await
    }

    pub async fn answer(&mut self) -> Answer {
        within(self.try_answer()).await.expect("the server closed the connection without an answer")
    }

    /// Ответ или `None`, если сервер закрыл соединение.
    pub async fn try_answer(&mut self) -> Option<Answer> {
        let head_end = loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.read_more().await?;
        };
        let head = String::from_utf8(self.unread.drain(..head_end).collect()).unwrap().to_ascii_lowercase();
        let status = head[9..12].parse().unwrap();
        let length = header(&head, "content-length").map_or(0, |value| value.parse().unwrap());
        while self.unread.len() < length {
            self.read_more().await?;
        }
        let body = String::from_utf8(self.unread.drain(..length).collect()).unwrap();
        Some(Answer { status, head, body })
    }

    /// Прочитать ровно столько байт; `false` — сервер закрыл раньше.
    pub async fn read_exactly(&mut self, length: usize) -> bool {
        while self.unread.len() < length {
            if self.read_more().await.is_none() {
                return false;
            }
        }
        self.unread.drain(..length);
        true
    }

    async fn read_more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.unread).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }

    /// Дождаться, что сервер закрыл соединение, ничего больше не сказав.
    pub async fn closed(&mut self) {
        assert!(within(self.read_more()).await.is_none(), "unexpected bytes: {:?}", self.unread);
    }

    /// Соединение молчит, но открыто всё это время.
    pub async fn stays_open(&mut self, time: Duration) {
        assert!(tokio::time::timeout(time, self.read_more()).await.is_err(), "the connection did not stay open");
    }

    pub fn hang_up(self) {}
}

impl From<TcpStream> for Client {
    fn from(stream: TcpStream) -> Self {
        Self { stream, unread: Vec::new() }
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// Ответ — problem+json с этим кодом.
    pub fn expect_problem(&self, status: u16, code: &str) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["code"], code, "{self:?}");
        assert_eq!(problem["status"], status, "{self:?}");
        assert!(problem["detail"].is_string() && problem["title"].is_string(), "{self:?}");
        self
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().filter_map(|line| line.split_once(": ")).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Дождаться, но не вечно.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("waited too long")
}
