//! Тело запроса со сроком и границей, тело ответа с отметкой конца.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;

use crate::Limits;
use crate::pace::Pace;
use crate::problem::{BODY_TIMEOUT, BODY_TOO_LARGE, Problem};
use crate::stream::Phase;

/// Почему тело не дочитано. Обработчик видит ошибку чтения, а клиент — ответ сервера с этой причиной.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Cut {
    #[error("request body did not arrive in time")]
    TooSlow,
    #[error("request body is larger than allowed")]
    TooLarge,
}

impl Cut {
    pub fn problem(self) -> &'static Problem {
        match self {
            Self::TooSlow => &BODY_TIMEOUT,
            Self::TooLarge => &BODY_TOO_LARGE,
        }
    }
}

/// Приговор телу запроса; пусто, пока всё в порядке.
pub(crate) type Verdict = Arc<OnceLock<Cut>>;

pub(crate) struct RequestBody {
    incoming: Incoming,
    bytes_left: u64,
    pace: Pace,
    verdict: Verdict,
}

impl RequestBody {
    pub fn new(incoming: Incoming, limits: &Limits, verdict: Verdict) -> Self {
        Self { incoming, bytes_left: limits.max_body_bytes, pace: Pace::new(limits), verdict }
    }

    fn cut<T>(&self, cut: Cut) -> Poll<Option<Result<T, axum::BoxError>>> {
        let _ = self.verdict.set(cut);
        Poll::Ready(Some(Err(cut.into())))
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = &mut *self;
        if let Some(cut) = this.verdict.get() {
            return this.cut(*cut);
        }
        match Pin::new(&mut this.incoming).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                this.pace.moved(length);
                match this.bytes_left.checked_sub(length as u64) {
                    Some(left) => this.bytes_left = left,
                    None => return this.cut(Cut::TooLarge),
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Pending if this.pace.poll_exhausted(cx).is_ready() => this.cut(Cut::TooSlow),
            other => other.map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// Тело ответа: когда оно отдано (или брошено), соединение снова ждёт запроса.
pub(crate) struct ResponseBody {
    pub body: Body,
    pub _ends: Option<EndsRequest>,
}

pub(crate) struct EndsRequest(pub Phase);

impl Drop for EndsRequest {
    fn drop(&mut self) {
        self.0.set(Phase::IDLE);
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
