//! Вызывающие как значения: `app.anon().post("/api/v1/orders/", json).await.expect(201)`.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// Клиент: маршруты и заголовки, которые он шлёт всегда.
#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: HeaderMap,
    peer: SocketAddr,
}

impl Client {
    /// Клиент данных маршрутов: для программы, собранной самим тестом.
    pub fn new(router: Router) -> Client {
        Client { router, headers: HeaderMap::new(), peer: SocketAddr::from(([127, 0, 0, 1], 50_000)) }
    }

    /// С пропуском.
    pub fn bearer(self, token: &str) -> Client {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// С заголовком.
    pub fn header(mut self, name: &str, value: &str) -> Client {
        let name: HeaderName = name.parse().expect("header name");
        self.headers.insert(name, HeaderValue::from_str(value).expect("header value"));
        self
    }

    /// Ещё одной строкой того же заголовка.
    pub fn also(mut self, name: &str, value: &str) -> Client {
        let name: HeaderName = name.parse().expect("header name");
        self.headers.append(name, HeaderValue::from_str(value).expect("header value"));
        self
    }

    /// Шлёт ли клиент такой заголовок.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// С другого адреса.
    pub fn from_ip(self, ip: [u8; 4]) -> Client {
        self.from_address(ip.into())
    }

    pub fn from_address(mut self, ip: IpAddr) -> Client {
        self.peer = SocketAddr::from((ip, 50_000));
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// POST формы `application/x-www-form-urlencoded`.
    pub async fn form(&self, path: &str, body: &str) -> Answer {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        self.raw(Method::POST, path, Some(kind), Body::from(body.to_owned())).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        match body {
            Some(json) => {
                let kind = HeaderValue::from_static("application/json");
                self.raw(method, path, Some(kind), Body::from(json.to_string())).await
            }
            None => self.raw(method, path, None, Body::empty()).await,
        }
    }

    /// Запрос с любым телом.
    pub async fn raw(&self, method: Method, path: &str, content_type: Option<HeaderValue>, body: Body) -> Answer {
        let mut request = Request::builder().method(&method).uri(path).body(body).expect("request");
        *request.headers_mut() = self.headers.clone();
        if let Some(kind) = content_type {
            request.headers_mut().insert(http::header::CONTENT_TYPE, kind);
        }
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.router.clone().oneshot(request).await.expect("router never fails");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("response body").to_bytes();
        Answer { request: format!("{method} {path}"), status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

/// Ответ целиком.
#[derive(Debug)]
pub struct Answer {
    request: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// Тот ли статус; иначе падает и печатает тело.
    #[track_caller]
    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{} answered {}: {}", self.request, self.status, self.text());
        self
    }

    /// Отказ с данным статусом и кодом.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let answer = self.expect(status);
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{}: {problem}", answer.request);
        problem
    }

    /// 422 с ошибкой именно этого поля.
    #[track_caller]
    pub fn invalid(self, field: &str) -> Value {
        let answer = self.expect(422);
        let problem = answer.json();
        let named = problem["errors"].as_array().is_some_and(|errors| errors.iter().any(|e| e["field"] == field));
        assert!(named, "{}: no error of field {field}: {problem}", answer.request);
        problem
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: not JSON: {}", self.request, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
