use axum::Router;
use axum::routing::get;
use megashop_net::Limits;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;

use crate::support::{Answer, Client, TestServer, start, within};

fn app() -> Router {
    Router::new().route("/", get(|| async { "ok" }))
}

/// Соединение, которое сервер уже принял: ответ на запрос это доказывает.
async fn admitted(server: &TestServer) -> Client {
    let mut client = server.client().await;
    assert_eq!(client.get("/").await.status, 200);
    client
}

async fn refused(server: &TestServer) -> Answer {
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    let answer = client.answer().await;
    client.closed().await;
    answer
}

async fn one_more_is_refused_until_one_leaves(limits: Limits) {
    let server = start(app(), limits).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(admitted(&server).await);
    }
    let answer = refused(&server).await;
    answer.expect_problem(503, "http.too_many_connections");
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(clients[0].get("/").await.status, 200);

    clients.pop().unwrap().hang_up();
    // Сервер узнаёт об уходе клиента не мгновенно.
    within(async { while server.client().await.get("/").await.status != 200 {} }).await;
}

#[tokio::test]
async fn connections_of_one_address_are_capped() {
    let limits = Limits { max_connections_per_ip: 3, trusted_peers: Vec::new(), ..Limits::default() };
    one_more_is_refused_until_one_leaves(limits).await;
}

#[tokio::test]
async fn connections_in_total_are_capped() {
    one_more_is_refused_until_one_leaves(Limits { max_connections: 3, ..Limits::default() }).await;
}

#[tokio::test]
async fn other_addresses_are_served_while_one_is_at_its_cap() {
    let limits = Limits { max_connections_per_ip: 1, trusted_peers: Vec::new(), ..Limits::default() };
    let server = start(app(), limits).await;
    let _hog = admitted(&server).await;
    assert_eq!(refused(&server).await.status, 503);

    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = Client::from(within(socket.connect(server.address)).await.unwrap());
    assert_eq!(other.get("/").await.status, 200);
}

#[tokio::test]
async fn a_trusted_proxy_is_not_capped() {
    let limits = Limits { max_connections_per_ip: 1, ..Limits::default() };
    let server = start(app(), limits).await;
    let _first = admitted(&server).await;
    let _second = admitted(&server).await;
}

#[tokio::test]
async fn an_ipv4_address_seen_through_ipv6_is_the_same_address() {
    // На машине без IPv6 такого адреса и не увидеть.
    let Ok(listener) = TcpListener::bind("[::]:0").await else {
        return;
    };
    let port = listener.local_addr().unwrap().port();
    let limits = Limits { max_connections_per_ip: 1, ..Limits::default() };
    let _server = tokio::spawn(megashop_net::serve([listener], app(), limits, std::future::pending()));
    let mut clients = Vec::new();
    for _ in 0..2 {
        let mut client = Client::connect(([127, 0, 0, 1], port).into()).await;
        assert_eq!(client.get("/").await.status, 200);
        clients.push(client);
    }
}

#[tokio::test]
async fn several_listeners_serve_one_app() {
    let (first, second) = (listener().await, listener().await);
    let addresses = [first.local_addr().unwrap(), second.local_addr().unwrap()];
    let _server = tokio::spawn(megashop_net::serve([first, second], app(), Limits::default(), std::future::pending()));
    for address in addresses {
        assert_eq!(Client::connect(address).await.get("/").await.body, "ok");
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Магазин и его метрики слушают два сервера одного процесса: метрика называет всех.
#[test]
fn two_servers_of_one_process_are_counted_together() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let shown = recorder.handle();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let (one, other) = (start(app(), Limits::default()).await, start(app(), Limits::default()).await);
            let _held = [admitted(&one).await, admitted(&one).await, admitted(&other).await];
            assert!(shown.render().contains("net_connections 3\n"), "{}", shown.render());
        });
    });
}
