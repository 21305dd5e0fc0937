//! Клиент HTTP/1.1 на одном соединении: тонкий, чтобы нагрузка мерила сервер, а не себя.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

/// Один запрос.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub path: String,
    /// Токен доступа покупателя.
    pub token: Option<String>,
    /// `Idempotency-Key`.
    pub key: Option<String>,
    pub body: Bytes,
}

impl Call {
    pub fn get(path: impl Into<String>) -> Call {
        Call { method: Method::GET, path: path.into(), token: None, key: None, body: Bytes::new() }
    }

    pub fn post(path: impl Into<String>, body: &Value) -> Call {
        Call { method: Method::POST, body: Bytes::from(body.to_string()), ..Call::get(path) }
    }

    pub fn by(mut self, token: &str) -> Call {
        self.token = Some(token.to_owned());
        self
    }

    pub fn once(mut self, key: impl Into<String>) -> Call {
        self.key = Some(key.into());
        self
    }

    fn request(&self, host: &str) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::builder().method(&self.method).uri(&self.path).header(header::HOST, host);
        request = request.header(header::ACCEPT, "application/json");
        if !self.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        Ok(request.body(Full::new(self.body.clone()))?)
    }
}

/// Прочитанный целиком ответ.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
    /// `Retry-After`, секунд.
    pub retry_after: Option<u64>,
}

impl Answer {
    /// Тело как JSON; неуспешный код — ошибка с телом.
    pub fn json(&self) -> Result<Value> {
        if !self.status.is_success() {
            bail!("{}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        serde_json::from_slice(&self.body).context("the answer is not JSON")
    }
}

/// Соединение, которое держится между запросами и открывается заново после обрыва.
pub struct Client {
    address: SocketAddr,
    /// Откуда звонить: предел частоты у каждого адреса свой.
    from: Option<IpAddr>,
    host: String,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Client {
        Client { address, from: None, host: address.to_string(), sender: None }
    }

    /// С другого адреса этой машины: у неё все 127.0.0.0/8.
    pub fn from(mut self, from: [u8; 4]) -> Client {
        self.from = Some(from.into());
        self
    }

    /// Отправляет запрос и читает ответ. Повторов нет: судьбу неотвеченного запроса решает вызывающий.
    pub async fn send(&mut self, call: &Call) -> Result<Answer> {
        let request = call.request(&self.host)?;
        let mut sender = self.connected().await?;
        let answer = sender.send_request(request).await?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        self.sender = Some(sender);
        let retry_after = head.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Answer { status: head.status, body, retry_after })
    }

    /// Соединяется заранее и заново: простоявшее соединение сервер вправе закрыть в любой миг.
    pub async fn open(&mut self) -> Result<()> {
        self.sender = None;
        self.sender = Some(self.connected().await?);
        Ok(())
    }

    /// Отправляет запрос и вешает трубку, не дождавшись ответа.
    pub async fn hang_up_on(&self, call: &Call) -> Result<()> {
        let head = format!(
            "{} {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            call.method,
            call.path,
            self.host,
            call.body.len()
        );
        let mut stream = self.connect().await?;
        stream.write_all(&[head.as_bytes(), &call.body].concat()).await?;
        Ok(stream.shutdown().await?)
    }

    /// Читает длинный ответ, не собирая: сколько в нём строк и байтов.
    pub async fn read_lines(&mut self, call: &Call) -> Result<(usize, usize)> {
        let request = call.request(&self.host)?;
        let mut sender = self.connected().await?;
        let (head, mut body) = sender.send_request(request).await?.into_parts();
        if !head.status.is_success() {
            bail!("{}", head.status);
        }
        let (mut lines, mut bytes) = (0, 0);
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                bytes += data.len();
                lines += data.iter().filter(|byte| **byte == b'\n').count();
            }
        }
        self.sender = Some(sender);
        Ok((lines, bytes))
    }

    async fn connected(&mut self) -> Result<SendRequest<Full<Bytes>>> {
        if let Some(mut sender) = self.sender.take()
            && sender.ready().await.is_ok()
        {
            return Ok(sender);
        }
        let (sender, connection) = http1::handshake(TokioIo::new(self.connect().await?)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn connect(&self) -> Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if let Some(from) = self.from {
            socket.bind(SocketAddr::new(from, 0))?;
        }
        let stream = socket.connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}
