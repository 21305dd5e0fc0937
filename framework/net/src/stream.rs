//! Сокет клиента со сроками: заголовки, простой при отдаче, вежливое закрытие.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::Limits;
use crate::pace::{Pace, set_alarm};
use crate::slots::Slot;

/// Сколько после нашего FIN дочитывать клиента: закрой мы сразу, непрочитанное вызвало бы RST,
/// и клиент, который ещё шлёт тело, не увидел бы ответа 413.
const LINGER: Duration = Duration::from_secs(1);

/// Чем занято соединение; общее для сокета (видит байты) и обработчика (видит запросы).
#[derive(Clone)]
pub(crate) struct Phase(Arc<AtomicU8>);

impl Phase {
    /// Между запросами: этот срок стережёт hyper.
    pub const IDLE: u8 = 0;
    /// Пришёл первый байт заголовков (или соединение только открыто), всех ещё нет.
    pub const HEAD: u8 = 1;
    /// Заголовки разобраны, ответ ещё не отдан.
    pub const REQUEST: u8 = 2;

    pub fn new() -> Self {
        Self(Arc::new(AtomicU8::new(Self::HEAD)))
    }

    pub fn set(&self, phase: u8) {
        self.0.store(phase, Ordering::Release);
    }

    fn get(&self) -> u8 {
        self.0.load(Ordering::Acquire)
    }
}

pub(crate) struct ClientStream {
    socket: TcpStream,
    phase: Phase,
    header_timeout: Duration,
    /// Когда начались заголовки; имеет смысл в [`Phase::HEAD`].
    head_since: Instant,
    alarm: Option<Pin<Box<Sleep>>>,
    write_pace: Pace,
    lingering: bool,
    _slot: Slot,
}

impl ClientStream {
    pub fn new(socket: TcpStream, slot: Slot, phase: Phase, limits: &Limits) -> Self {
        Self {
            socket,
            phase,
            header_timeout: limits.header_timeout,
            head_since: Instant::now(),
            alarm: None,
            write_pace: Pace::new(limits),
            lingering: false,
            _slot: slot,
        }
    }

    fn poll_head_timeout(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        set_alarm(&mut self.alarm, self.head_since + self.header_timeout);
        match &mut self.alarm {
            Some(alarm) => alarm.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }

    fn paced(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => self.write_pace.moved(bytes),
            Poll::Pending if self.write_pace.poll_exhausted(cx).is_ready() => return cut("slow_read"),
            _ => {}
        }
        written
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let read = Pin::new(&mut this.socket).poll_read(cx, buf);
        match (&read, this.phase.get()) {
            (Poll::Ready(Ok(())), Phase::IDLE) => {
                this.phase.set(Phase::HEAD);
                this.head_since = Instant::now();
            }
            (Poll::Pending, Phase::HEAD) if this.poll_head_timeout(cx).is_ready() => {
                return cut("slow_headers");
            }
            _ => {}
        }
        read
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, buf);
        self.paced(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, bufs);
        self.paced(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.lingering {
            ready!(Pin::new(&mut this.socket).poll_shutdown(cx))?;
            this.lingering = true;
            set_alarm(&mut this.alarm, Instant::now() + LINGER);
        }
        let mut waste = [0; 8 * 1024];
        loop {
            if let Some(alarm) = &mut this.alarm
                && alarm.as_mut().poll(cx).is_ready()
            {
                return Poll::Ready(Ok(()));
            }
            let mut buf = ReadBuf::new(&mut waste);
            match ready!(Pin::new(&mut this.socket).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                _ => return Poll::Ready(Ok(())),
            }
        }
    }
}

fn cut<T>(reason: &'static str) -> Poll<io::Result<T>> {
    metrics::counter!("net_connections_cut_total", "reason" => reason).increment(1);
    Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, reason)))
}
