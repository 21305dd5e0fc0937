//! Одно соединение: запросы по очереди, каждый со своими границами.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{Request, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::ServiceExt;

use crate::body::{Cut, EndsRequest, RequestBody, ResponseBody, Verdict};
use crate::detach::Tasks;
use crate::problem::Language;
use crate::server::Server;
use crate::slots::Slot;
use crate::stream::{ClientStream, Phase};

/// Вести соединение, пока клиент не уйдёт, не выйдет за пределы или сервер не остановят.
pub(crate) async fn run(server: Arc<Server>, socket: TcpStream, client: SocketAddr, slot: Slot) {
    let phase = Phase::new();
    let stream = ClientStream::new(socket, slot, phase.clone(), &server.limits);
    let service = service_fn(|request| answer(&server, &phase, client, request));
    let mut connection = pin!(server.http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = server.stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(client.address = %client, error = %error, "connection ended early");
    }
}

async fn answer(
    server: &Server,
    phase: &Phase,
    client: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<ResponseBody>, Infallible> {
    phase.set(Phase::REQUEST);
    let response = respond(server, client, request).await;
    // После 101 по сокету идёт другой протокол: срок заголовков к нему не относится.
    let is_upgrade = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let ends = (!is_upgrade).then(|| EndsRequest(phase.clone()));
    Ok(response.map(|body| ResponseBody { body, _ends: ends }))
}

async fn respond(server: &Server, client: SocketAddr, request: Request<Incoming>) -> Response {
    let language = Language::of(request.headers());
    if request.body().size_hint().lower() > server.limits.max_body_bytes {
        return refuse(Cut::TooLarge, language);
    }
    let verdict = Verdict::default();
    let mut request = request.map(|incoming| {
        if incoming.is_end_stream() {
            Body::empty()
        } else {
            Body::new(RequestBody::new(incoming, &server.limits, Verdict::clone(&verdict)))
        }
    });
    request.extensions_mut().insert(ConnectInfo(client));
    request.extensions_mut().insert(Tasks(server.tasks.clone()));
    let Ok(response) = server.app.clone().oneshot(request).await;
    match verdict.get() {
        Some(cut) => refuse(*cut, language),
        None => response,
    }
}

fn refuse(cut: Cut, language: Language) -> Response {
    let problem = cut.problem();
    metrics::counter!("net_requests_cut_total", "reason" => problem.code).increment(1);
    problem.closing_response(language)
}
