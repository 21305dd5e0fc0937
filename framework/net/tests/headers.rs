use std::net::SocketAddr;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use megashop_net::Limits;
use tokio::time::{Duration, Instant};

use crate::support::{LONG, PATIENCE, SHORT, start, within};

fn app() -> Router {
    Router::new().route("/", get(|ConnectInfo(client): ConnectInfo<SocketAddr>| async move { client.to_string() }))
}

fn limits() -> Limits {
    Limits { header_timeout: SHORT, idle_timeout: LONG, ..Limits::default() }
}

#[tokio::test]
async fn slow_headers_are_cut_while_honest_clients_are_served() {
    let server = start(app(), limits()).await;
    let began = Instant::now();
    let mut attackers = Vec::new();
    for _ in 0..50 {
        attackers.push(server.client().await);
    }
    let endless = "GET / HTTP/1.1\r\nx: ".to_owned() + &"a".repeat(100_000);
    let mut attack = tokio::spawn(futures::future::join_all(attackers.into_iter().map(move |mut attacker| {
        let endless = endless.clone();
        async move {
            attacker.dribble(endless, 1, Duration::from_millis(20)).await;
            attacker
        }
    })));
    let mut honest_answers = 0;
    let attackers = loop {
        tokio::select! {
            attackers = &mut attack => break attackers.unwrap(),
            answer = async { server.client().await.get("/").await } => {
                assert_eq!(answer.status, 200);
                honest_answers += 1;
            }
        }
    };
    assert!(began.elapsed() >= SHORT && began.elapsed() < PATIENCE, "cut after {:?}", began.elapsed());
    assert!(honest_answers > 0);
    for mut attacker in attackers {
        attacker.closed().await;
    }
}

#[tokio::test]
async fn a_silent_new_connection_is_cut_by_the_header_timeout() {
    let server = start(app(), limits()).await;
    server.client().await.closed().await;
}

#[tokio::test]
async fn an_idle_connection_outlives_the_header_timeout_but_a_slow_next_request_does_not() {
    let server = start(app(), limits()).await;
    let mut client = server.client().await;
    client.get("/").await;
    client.stays_open(SHORT * 2).await;
    // Срок заголовков идёт от их первого байта, а не от прошлого запроса.
    client.send("GET / HTTP/1.1\r\nhost:").await;
    client.stays_open(SHORT / 3).await;
    client.send("shop\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 200);
    client.send("GET / HTTP/1.1\r\nhost:").await;
    client.closed().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_by_the_idle_timeout() {
    let limits = Limits { header_timeout: Duration::from_millis(100), idle_timeout: SHORT, ..Limits::default() };
    let server = start(app(), limits).await;
    let mut client = server.client().await;
    client.get("/").await;
    client.closed().await;
}

#[tokio::test]
async fn a_long_handler_is_not_a_slow_header() {
    let app = Router::new().route("/", get(|| async { tokio::time::sleep(SHORT * 2).await }));
    let server = start(app, limits()).await;
    assert_eq!(server.client().await.get("/").await.status, 200);
}

#[tokio::test]
async fn headers_too_many_or_too_large_get_431() {
    let server = start(app(), Limits::default()).await;
    for headers in ["a: b\r\n".repeat(10_000), format!("a: {}\r\n", "b".repeat(100_000)), "a: b\r\n".repeat(101)] {
        let mut client = server.client().await;
        client.send(format!("GET / HTTP/1.1\r\nhost: shop\r\n{headers}\r\n")).await;
        assert_eq!(client.answer().await.status, 431);
        client.closed().await;
    }
    let mut client = server.client().await;
    client.send(format!("GET / HTTP/1.1\r\nhost: shop\r\n{}\r\n", "a: b\r\n".repeat(90))).await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test]
async fn garbage_gets_400_and_the_connection_is_closed() {
    let server = start(app(), Limits::default()).await;
    let mut client = server.client().await;
    client.send("\0\x01\x02 not http\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 400);
    client.closed().await;
}

#[tokio::test]
async fn the_handler_knows_the_address_of_the_client() {
    let server = start(app(), Limits::default()).await;
    let answer = server.client().await.get("/").await;
    let client: SocketAddr = answer.body.parse().unwrap();
    assert!(client.ip().is_loopback() && client != server.address);
}

#[tokio::test]
async fn an_upgraded_connection_is_free_of_http_timeouts() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    async fn upgrade(mut request: axum::extract::Request) -> axum::response::Response {
        let upgraded = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let mut socket = hyper_util::rt::TokioIo::new(upgraded.await.unwrap());
            loop {
                let byte = socket.read_u8().await.unwrap();
                socket.write_u8(byte).await.unwrap();
            }
        });
        let response = axum::response::Response::builder().status(101);
        response.header("connection", "upgrade").header("upgrade", "echo").body(axum::body::Body::empty()).unwrap()
    }
    let server = start(Router::new().route("/", get(upgrade)), limits()).await;
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nhost: shop\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 101);
    for _ in 0..2 {
        client.send("x").await;
        assert!(within(client.read_exactly(1)).await);
        client.stays_open(SHORT * 2).await;
    }
}
