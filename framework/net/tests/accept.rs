//! Кончились открытые файлы: приём стоит на паузе, ядро не занято, потом всё продолжается.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::routing::get;
use megashop_net::{Limits, serve};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Duration;

use crate::support::{Client, within};

/// С этой переменной тот же тест играет роль сервера в отдельном процессе.
const CHILD: &str = "MEGASHOP_NET_CHILD";
const NAME: &str = "accept::exhausted_files_pause_the_accept_loop";

#[tokio::test]
async fn exhausted_files_pause_the_accept_loop() {
    if std::env::var_os(CHILD).is_some() {
        return be_the_server().await;
    }
    let server = ServerProcess::start();
    let mut crowd = Vec::new();
    for _ in 0..60 {
        crowd.push(within(TcpStream::connect(server.address)).await.unwrap());
    }
    let mut starving = Client::connect(server.address).await;
    starving.send("GET / HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    starving.stays_open(Duration::from_millis(300)).await;
    let before = server.cpu_ticks();
    starving.stays_open(Duration::from_secs(1)).await;
    let spent = server.cpu_ticks() - before;
    assert!(spent < 30, "the accept loop is busy: {spent} of 100 ticks");

    drop(crowd);
    assert_eq!(starving.answer().await.body, "ok");
}

async fn be_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    eprintln!("address={}", listener.local_addr().unwrap());
    let app = Router::new().route("/", get(|| async { "ok" }));
    serve([listener], app, Limits::default(), std::future::pending()).await.unwrap();
}

struct ServerProcess {
    process: Child,
    address: SocketAddr,
}

impl ServerProcess {
    fn start() -> Self {
        let mut process = Command::new("sh")
            .args(["-c", "ulimit -n 40; exec \"$0\" \"$@\""])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env(CHILD, "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = lines
            .map_while(Result::ok)
            .find_map(|line| line.split_once("address=").map(|(_, address)| address.parse().unwrap()))
            .expect("the child says its address");
        Self { process, address }
    }

    /// Время ядра, занятое процессом (utime + stime), в сотых секунды.
    fn cpu_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
