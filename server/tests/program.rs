//! `megashop …` в отдельном процессе, со своей папкой данных.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};

pub struct Program {
    folder: tempfile::TempDir,
}

/// Чем кончилась команда: удалось ли и всё, что она напечатала.
pub struct Ended {
    pub succeeded: bool,
    pub text: String,
}

impl Program {
    pub fn new() -> Program {
        Program { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Слова команды и переменные среды сверх её собственных.
    pub fn run(&self, words: &[&str], environment: &[(&str, &Path)]) -> Ended {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_megashop"))
            .args(words)
            .arg("--data-dir")
            .arg(self.data_dir())
            .envs(environment.iter().copied())
            .current_dir(self.folder.path())
            .output()
            .expect("megashop starts");
        let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        Ended { succeeded: status.success(), text }
    }

    /// Магазин на свободном порту, готовый отвечать.
    pub async fn serve(&self, words: &[&str]) -> Shop {
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = free.local_addr().expect("address").to_string();
        drop(free);
        let process = Command::new(env!("CARGO_BIN_EXE_megashop"))
            .args(["serve", "--listen", &address, "--set", "server.metrics_listen="])
            .args(words)
            .arg("--data-dir")
            .arg(self.data_dir())
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("megashop starts");
        let shop = Shop { address, process };
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(&shop.address).await.is_err() {
            assert!(Instant::now() < deadline, "the shop does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        shop
    }
}

/// Запущенный магазин; живёт, пока жив тест.
pub struct Shop {
    address: String,
    process: Child,
}

impl Shop {
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Просит остановиться и дожидается конца.
    pub async fn stop(mut self) {
        Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().expect("asked to stop");
        let ended = tokio::task::block_in_place(|| self.process.wait()).expect("ended");
        assert!(ended.success(), "{ended}");
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
