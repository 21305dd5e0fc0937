//! Чужой сервер на свободном порту: платёжная система, СМС, перевозчик, какими их делает тест.

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Живёт, пока жив тест.
pub struct FakeServer {
    url: String,
    task: JoinHandle<()>,
}

impl FakeServer {
    /// Слушает на 127.0.0.1; порт даёт система.
    pub async fn start(router: Router) -> FakeServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind a free port");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("serve") });
        FakeServer { url, task }
    }

    /// `http://127.0.0.1:порт`, без черты на конце.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
