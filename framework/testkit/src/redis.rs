//! Свой Redis на время теста: его можно очистить, остановить, убить и поднять снова.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::required;

/// Живёт, пока жив тест; слушает 127.0.0.1 на своём порту.
pub struct RedisServer {
    port: u16,
    folder: tempfile::TempDir,
    process: Option<Child>,
}

impl RedisServer {
    /// `None` — на машине нет `redis-server`: тест пропускается (в CI — падает).
    pub async fn start() -> Option<RedisServer> {
        if Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_err() {
            assert!(!required(), "redis-server is not installed");
            eprintln!("skipped: redis-server is not installed");
            return None;
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind a free port");
        let port = listener.local_addr().expect("address").port();
        drop(listener);
        let mut server = RedisServer { port, folder: tempfile::tempdir().expect("temp dir"), process: None };
        server.restart().await;
        Some(server)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Поднимает убитый: пустым, на том же порту.
    pub async fn restart(&mut self) {
        self.kill();
        let process = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("start redis-server");
        self.process = Some(process);
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.try_command(&["PING"]).as_deref() != Some("PONG") {
            assert!(Instant::now() < deadline, "redis-server does not answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("kill redis-server");
            process.wait().expect("wait for redis-server");
        }
    }

    /// Замирает: соединения целы, ответов нет.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().expect("redis-server runs");
        Command::new("kill").args([signal, &process.id().to_string()]).status().expect("send a signal");
    }

    /// Команда сервера, как её набрал бы человек: `["FLUSHALL"]`.
    pub fn command(&self, words: &[&str]) -> String {
        self.try_command(words).expect("redis-cli answers")
    }

    fn try_command(&self, words: &[&str]) -> Option<String> {
        let port = self.port.to_string();
        let output = Command::new("redis-cli").args(["-p", &port]).args(words).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // Замерший SIGKILL слышит тоже.
            process.kill().ok();
            process.wait().ok();
        }
    }
}
