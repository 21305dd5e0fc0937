//! Исходящие запросы: к платёжной системе, СМС, перевозчику. Один клиент на программу: у него сроки, предел ответа и никаких
//! перенаправлений (ключи не уйдут на чужой адрес).

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Сколько ждать ответа, если запрос не сказал своего.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Ответ длиннее не читаем: больше этого нам не присылает никто.
const MAX_ANSWER: usize = 4 << 20;

/// Почему ответа нет. Адрес в словах не назван: в нём бывают ключи.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError {
    /// Запрос не ушёл: там ничего не случилось.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Запрос ушёл, а ответ не пришёл или не читается: случилось ли там что-нибудь, неизвестно.
    #[error("outcome is unknown: {0}")]
    Unknown(String),
}

/// Запрос наружу.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
    timeout: Duration,
}

impl Call {
    pub fn get(url: impl Into<String>) -> Call {
        Call::new(Method::GET, url.into())
    }

    pub fn post(url: impl Into<String>) -> Call {
        Call::new(Method::POST, url.into())
    }

    fn new(method: Method, url: String) -> Call {
        Call { method, url, headers: HeaderMap::new(), body: Bytes::new(), timeout: TIMEOUT }
    }

    /// Дописывает к адресу `?name=value&…`.
    pub fn query(mut self, pairs: &[(&str, &str)]) -> Call {
        let text = form_text(pairs);
        self.url = format!("{}?{text}", self.url);
        self
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Call {
        // Значение с управляющими знаками заголовком не бывает: пусть адресат ответит отказом, а не мы паникой.
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// HTTP Basic. В отладочном выводе заголовок скрыт.
    pub fn basic_auth(mut self, user: &str, password: &str) -> Call {
        let pair = STANDARD.encode(format!("{user}:{password}"));
        if let Ok(mut value) = HeaderValue::from_str(&format!("Basic {pair}")) {
            value.set_sensitive(true);
            self.headers.insert(AUTHORIZATION, value);
        }
        self
    }

    pub fn json(mut self, body: &impl Serialize) -> Call {
        self.body = serde_json::to_vec(body).unwrap_or_default().into();
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self
    }

    /// Тело `application/x-www-form-urlencoded`.
    pub fn form(mut self, pairs: &[(&str, &str)]) -> Call {
        self.body = form_text(pairs).into();
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self
    }

    /// Тело как есть.
    pub fn bytes(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Call {
        self.body = body.into();
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self
    }

    /// Сколько ждать ответа целиком.
    pub fn timeout(mut self, timeout: Duration) -> Call {
        self.timeout = timeout;
        self
    }
}

fn form_text(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Ответ целиком. Отказ (4xx, 5xx) — тоже ответ.
#[derive(Clone, Debug)]
pub struct CallAnswer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl CallAnswer {
    /// Тело как JSON; лишние поля не мешают.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        serde_json::from_slice(&self.body).map_err(|error| CallError::Unknown(format!("unreadable answer: {error}")))
    }
}

/// Клиент. Строится при первом вызове: магазину, который никуда не ходит, не нужны и корневые сертификаты системы.
#[derive(Debug, Default)]
pub struct HttpClient {
    built: OnceLock<Result<reqwest::Client, String>>,
}

impl HttpClient {
    /// Отправляет и дожидается ответа. Не повторяет: можно ли повторить, знает вызывающий.
    pub async fn send(&self, call: Call) -> Result<CallAnswer, CallError> {
        let client = self.built.get_or_init(build).as_ref().map_err(|why| CallError::NotSent(why.clone()))?;
        let url = url::Url::parse(&call.url).map_err(|error| CallError::NotSent(format!("bad address: {error}")))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let started = Instant::now();
        let request = client.request(call.method, url).headers(call.headers).body(call.body).timeout(call.timeout);
        let span = tracing::trace_span!(target: "megashop::trace", "call", otel.kind = "client", server.address = host,
            http.response.status_code = tracing::field::Empty);
        let answer = exchange(request).instrument(span.clone()).await;
        if let Ok(answer) = &answer {
            span.record("http.response.status_code", answer.status.as_u16());
        }
        let outcome = match &answer {
            Ok(answer) => answer.status.as_str().to_owned(),
            Err(CallError::NotSent(_)) => "not_sent".to_owned(),
            Err(CallError::Unknown(_)) => "unknown".to_owned(),
        };
        metrics::histogram!("net_calls_seconds", "host" => host, "outcome" => outcome)
            .record(started.elapsed().as_secs_f64());
        answer
    }
}

#[expect(clippy::disallowed_methods, reason = "это и есть клиент из контекста")]
fn build() -> Result<reqwest::Client, String> {
    // Поставщик шифрования один на процесс; если его уже поставили, это он же.
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("megashop/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(words)
}

async fn exchange(request: reqwest::RequestBuilder) -> Result<CallAnswer, CallError> {
    let mut response = request.send().await.map_err(|error| match error.is_connect() || error.is_builder() {
        true => CallError::NotSent(words(error)),
        false => CallError::Unknown(words(error)),
    })?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| CallError::Unknown(words(error)))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(CallError::Unknown("the answer is too long".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(CallAnswer { status, headers, body: body.freeze() })
}

/// Ошибка со всеми причинами, но без адреса.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
