//! Свои Redis и RabbitMQ на время замера: их убивают, и чужая работа в них не попадёт.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::{Child, Command};

use crate::engine::{free_port, wait_for_port};

/// Redis без сохранения: перезапущенный пуст.
pub struct Redis {
    port: u16,
    dir: PathBuf,
    process: Option<Child>,
}

impl Redis {
    pub async fn start(dir: &Path) -> Result<Redis> {
        let dir = dir.join("redis");
        std::fs::create_dir(&dir)?;
        let mut redis = Redis { port: free_port()?, dir, process: None };
        redis.restart().await?;
        Ok(redis)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    pub async fn restart(&mut self) -> Result<()> {
        let mut command = Command::new("redis-server");
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(&self.dir);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn();
        self.process = Some(process.context("cannot start redis-server")?);
        wait_for_port(self.port, Duration::from_secs(20)).await
    }

    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill().await?;
        }
        Ok(())
    }

    pub async fn flush(&self) -> Result<()> {
        let port = self.port.to_string();
        let done = Command::new("redis-cli").args(["-p", &port, "FLUSHALL"]).stdout(Stdio::null()).status().await?;
        ensure!(done.success(), "FLUSHALL failed");
        Ok(())
    }
}

/// Свой узел RabbitMQ: без плагинов, в своей папке, на своих портах.
pub struct Rabbit {
    port: u16,
    distribution: u16,
    dir: PathBuf,
    process: Option<Child>,
}

impl Rabbit {
    pub async fn start(dir: &Path) -> Result<Rabbit> {
        let dir = dir.join("rabbit");
        std::fs::create_dir(&dir)?;
        let (port, distribution) = (free_port()?, free_port()?);
        std::fs::write(dir.join("plugins"), "[].")?;
        std::fs::write(dir.join("rabbit.conf"), format!("listeners.tcp.1 = 127.0.0.1:{port}\n"))?;
        let mut rabbit = Rabbit { port, distribution, dir, process: None };
        rabbit.restart().await?;
        Ok(rabbit)
    }

    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    pub async fn restart(&mut self) -> Result<()> {
        let log = std::fs::File::options().create(true).append(true).open(self.dir.join("rabbit.log"))?;
        let mut command = program("rabbitmq-server");
        let own = |name: &str| self.dir.join(name);
        command
            .env("HOME", &self.dir)
            .env("RABBITMQ_NODENAME", self.name())
            .env("RABBITMQ_DIST_PORT", self.distribution.to_string())
            .env("RABBITMQ_MNESIA_BASE", own("mnesia"))
            .env("RABBITMQ_LOG_BASE", own("log"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", own("plugins"))
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .env("RABBITMQ_CONFIG_FILE", own("rabbit.conf"))
            .env("RABBITMQ_PID_FILE", own("pid"))
            .stdout(log.try_clone()?)
            .stderr(log);
        self.process = Some(command.kill_on_drop(true).spawn().context("cannot start rabbitmq-server")?);
        wait_for_port(self.port, Duration::from_secs(90)).await
    }

    /// `kill -9` самой виртуальной машины Erlang: `rabbitmq-server` лишь её оболочка.
    pub async fn kill(&mut self) -> Result<()> {
        self.kill_machine();
        if let Some(mut process) = self.process.take() {
            process.kill().await.ok();
        }
        Ok(())
    }

    /// Тревога о памяти: узел перестаёт читать у тех, кто публикует, и говорит им `connection.blocked`.
    pub async fn block(&self) -> Result<()> {
        self.control(&["set_vm_memory_high_watermark", "0"]).await
    }

    pub async fn unblock(&self) -> Result<()> {
        self.control(&["set_vm_memory_high_watermark", "0.4"]).await
    }

    async fn control(&self, args: &[&str]) -> Result<()> {
        let mut command = program("rabbitmqctl");
        let done = command.env("HOME", &self.dir).arg("-n").arg(self.name()).args(args).output().await?;
        ensure!(done.status.success(), "rabbitmqctl: {}", String::from_utf8_lossy(&done.stderr));
        Ok(())
    }

    fn name(&self) -> String {
        format!("bench{}@localhost", self.port)
    }

    fn kill_machine(&self) {
        if let Ok(pid) = std::fs::read_to_string(self.dir.join("pid")) {
            let _ = std::process::Command::new("kill").args(["-9", pid.trim()]).status();
        }
    }
}

/// Обёртка Debian сменила бы пользователя и окружение.
fn program(name: &str) -> Command {
    let own = Path::new("/usr/lib/rabbitmq/bin").join(name);
    Command::new(if own.is_file() { own } else { name.into() })
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill_machine();
        }
    }
}
