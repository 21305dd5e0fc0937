//! Ответы самого сервера в том же виде, что у приложений (RFC 9457).

use axum::body::Body;
use axum::response::Response;
use http::header::{ACCEPT_LANGUAGE, CONNECTION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};

/// Отказ сервера: одно место для кода и текстов на двух языках.
pub(crate) struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    ru: &'static str,
    en: &'static str,
}

pub(crate) const BODY_TOO_LARGE: Problem = Problem {
    status: StatusCode::PAYLOAD_TOO_LARGE,
    code: "http.body_too_large",
    ru: "Тело запроса больше допустимого.",
    en: "The request body is larger than allowed.",
};
pub(crate) const BODY_TIMEOUT: Problem = Problem {
    status: StatusCode::REQUEST_TIMEOUT,
    code: "http.body_timeout",
    ru: "Тело запроса не пришло вовремя.",
    en: "The request body did not arrive in time.",
};
pub(crate) const TOO_MANY_CONNECTIONS: Problem = Problem {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "http.too_many_connections",
    ru: "Слишком много соединений. Повторите позже.",
    en: "Too many connections. Try again later.",
};
pub(crate) const INTERNAL: Problem = Problem {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    code: "http.internal_error",
    ru: "Внутренняя ошибка сервера.",
    en: "Internal server error.",
};

impl Problem {
    pub fn response(&self, language: Language) -> Response {
        let mut response = Response::new(Body::from(self.json(language)));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }

    /// Ответ, после которого соединение закрывается: остаток запроса читать незачем.
    pub fn closing_response(&self, language: Language) -> Response {
        let mut response = self.response(language);
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }

    /// Ответ целиком, в байтах: соединению сверх предела отвечают, не разбирая его запроса.
    pub fn raw_http(&self, retry_after_seconds: u32) -> String {
        let body = self.json(Language::Russian);
        format!(
            "HTTP/1.1 {}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
             retry-after: {retry_after_seconds}\r\nconnection: close\r\n\r\n{body}",
            self.status,
            body.len()
        )
    }

    fn json(&self, language: Language) -> String {
        let detail = match language {
            Language::Russian => self.ru,
            Language::English => self.en,
        };
        serde_json::json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": detail,
        })
        .to_string()
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Language {
    Russian,
    English,
}

impl Language {
    /// Английский, только если клиент просит его первым; иначе русский.
    pub fn of(headers: &HeaderMap) -> Self {
        let wanted = headers.get(ACCEPT_LANGUAGE).map(HeaderValue::as_bytes).unwrap_or_default();
        match wanted.get(..2) {
            Some(tag) if tag.eq_ignore_ascii_case(b"en") => Self::English,
            _ => Self::Russian,
        }
    }
}
