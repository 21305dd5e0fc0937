//! Настоящий `megashop`: запуск, ожидание готовности, остановка и `kill -9`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::engine;
use crate::http::{Call, Client};

/// Где программа, где её данные и как она настроена.
#[derive(Clone, Debug)]
pub struct Setup {
    pub binary: PathBuf,
    pub data_dir: PathBuf,
    /// `MEGASHOP_…` поверх обычных значений.
    pub environment: Vec<(String, String)>,
}

impl Setup {
    pub fn new(binary: &Path, data_dir: &Path, database_url: &str) -> Setup {
        let environment = [
            ("MEGASHOP_DATABASE__URL", database_url),
            ("MEGASHOP_SERVER__DATA_DIR", &data_dir.to_string_lossy()),
            // Замер не должен упереться в защиту от чужих замеров.
            ("MEGASHOP_LIMITS__RATE", "off"),
            ("MEGASHOP_LOG__LEVEL", "warn"),
        ];
        Setup {
            binary: binary.to_owned(),
            data_dir: data_dir.to_owned(),
            environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Setup {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `megashop ARGS`.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(args).envs(self.environment.iter().cloned()).kill_on_drop(true);
        command
    }

    /// Выполняет команду до конца и отдаёт её стандартный вывод.
    pub async fn run(&self, args: &[&str]) -> Result<String> {
        self.run_with(args, "").await
    }

    /// То же с данным стандартным вводом.
    pub async fn run_with(&self, args: &[&str], input: &str) -> Result<String> {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("cannot start megashop")?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).await?;
        }
        let output = child.wait_with_output().await?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            bail!("megashop {} ended with {}\n{stdout}\n{stderr}", args.join(" "), output.status);
        }
        Ok(stdout)
    }
}

/// Работающий сервер.
pub struct Shop {
    pub address: SocketAddr,
    /// От запуска процесса до первого ответа 200 от `/health/ready`.
    pub ready_after: Duration,
    child: Child,
}

impl Shop {
    pub async fn serve(setup: &Setup) -> Result<Shop> {
        let address = SocketAddr::from(([127, 0, 0, 1], engine::free_port()?));
        std::fs::create_dir_all(&setup.data_dir)?;
        let log = std::fs::File::options().create(true).append(true).open(setup.data_dir.join("server.log"))?;
        let started = Instant::now();
        let mut child = setup
            .command(&["serve", "--listen", &address.to_string()])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", setup.binary.display()))?;
        wait_until_ready(address, &mut child, &setup.data_dir).await?;
        Ok(Shop { address, ready_after: started.elapsed(), child })
    }

    pub fn pid(&self) -> Result<u32> {
        self.child.id().context("the server is gone")
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Процесс без приёма запросов: `megashop worker`.
    pub fn worker(setup: &Setup, name: &str) -> Result<Child> {
        let log = std::fs::File::options().create(true).append(true).open(setup.data_dir.join(name))?;
        let mut command = setup.command(&["worker"]);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.spawn().with_context(|| format!("cannot start {}", setup.binary.display()))
    }

    /// `kill -9`: ни одной строчки после него процесс не выполнит.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Вежливая остановка (SIGTERM).
    pub async fn stop(mut self) -> Result<()> {
        let pid = self.pid()?.to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await?;
        let stopped = tokio::time::timeout(Duration::from_secs(60), self.child.wait()).await;
        let status = stopped.context("the server does not stop on SIGTERM")??;
        if !status.success() {
            bail!("the server ended with {status}");
        }
        Ok(())
    }
}

async fn wait_until_ready(address: SocketAddr, child: &mut Child, data_dir: &Path) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut client = Client::new(address);
    loop {
        if let Ok(answer) = client.send(&Call::get("/health/ready")).await
            && answer.status.is_success()
        {
            return Ok(());
        }
        if let Some(status) = child.try_wait()? {
            bail!("the server ended with {status}; see {}", data_dir.join("server.log").display());
        }
        if Instant::now() > deadline {
            bail!("the server is not ready after 120 s; see {}", data_dir.join("server.log").display());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
