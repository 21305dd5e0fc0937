//! Своя база на время замера: отдельный сервер во временной папке, чтобы в его процессорное время
//! не попала чужая работа.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use sqlx::{Connection, Executor, MySqlConnection, PgConnection};
use tempfile::TempDir;
use tokio::process::{Child, Command};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Sqlite,
    Postgres,
    Mariadb,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Sqlite => "SQLite",
            Kind::Postgres => "PostgreSQL",
            Kind::Mariadb => "MariaDB",
        }
    }
}

/// Запущенная база. Останавливается вместе с нами; папка стирается.
pub struct Engine {
    pub kind: Kind,
    dir: TempDir,
    server: Option<Child>,
    port: u16,
}

impl Engine {
    pub async fn start(kind: Kind) -> Result<Engine> {
        let dir = TempDir::with_prefix("megashop-bench-")?;
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755))?;
        let port = free_port()?;
        let server = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(start_postgres(dir.path(), port).await?),
            Kind::Mariadb => Some(start_mariadb(dir.path(), port).await?),
        };
        Ok(Engine { kind, dir, server, port })
    }

    /// Главный процесс сервера базы.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().and_then(Child::id)
    }

    /// Папка этой базы: здесь же лежат данные магазина.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Новая пустая база с этим именем; возвращает `database.url`.
    pub async fn create_database(&self, name: &str) -> Result<String> {
        let port = self.port;
        match self.kind {
            Kind::Sqlite => Ok(format!("sqlite:{}", self.dir().join(format!("{name}.sqlite3")).display())),
            Kind::Postgres => {
                let mut connection = connected::<PgConnection>(&self.server_url()).await?;
                connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
                Ok(format!("postgres://postgres@127.0.0.1:{port}/{name}"))
            }
            Kind::Mariadb => {
                let mut connection = connected::<MySqlConnection>(&self.server_url()).await?;
                let sql = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
                connection.execute(sqlx::AssertSqlSafe(sql)).await?;
                Ok(format!("mysql://root@127.0.0.1:{port}/{name}"))
            }
        }
    }

    fn server_url(&self) -> String {
        match self.kind {
            Kind::Sqlite => String::new(),
            Kind::Postgres => format!("postgres://postgres@127.0.0.1:{}/postgres", self.port),
            Kind::Mariadb => format!("mysql://root@127.0.0.1:{}/mysql", self.port),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Сервер останавливается сам и забирает своих детей; kill -9 оставил бы их сиротами. SIGINT у PostgreSQL — не ждать
        // клиентов, а MariaDB его не слушает.
        let signal = if self.kind == Kind::Mariadb { "-TERM" } else { "-INT" };
        if let Some(pid) = self.pid() {
            let _ = std::process::Command::new("kill").args([signal, &pid.to_string()]).status();
        }
    }
}

/// Сервер базы открывает порт раньше, чем готов отвечать: ждёт и этого.
async fn connected<C: Connection>(url: &str) -> Result<C> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match C::connect(url).await {
            Ok(connection) => return Ok(connection),
            Err(error) if Instant::now() > deadline => return Err(error.into()),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Свободный порт: занимаем и сразу отпускаем.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Ждёт, пока по адресу начнут отвечать.
pub async fn wait_for_port(port: u16, time: Duration) -> Result<()> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let answered = tokio::time::timeout(time, async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    answered.await.with_context(|| format!("nothing answers on {address}"))
}

/// Настройки по умолчанию (fsync включён): меряем то, что человек получит, поставив пакет.
async fn start_postgres(dir: &Path, port: u16) -> Result<Child> {
    let bin = postgres_bin()?;
    let data = owned_folder(dir, "postgres").await?;
    let init = as_user("postgres", &bin.join("initdb"))
        .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata"])
        .arg(&data)
        .output()
        .await?;
    if !init.status.success() {
        bail!("initdb: {}", String::from_utf8_lossy(&init.stderr));
    }
    let server = as_user("postgres", &bin.join("postgres"))
        .arg("-D")
        .arg(&data)
        .args(["-p", &port.to_string(), "-c", "unix_socket_directories=", "-c", "max_connections=200"])
        .stdout(std::process::Stdio::null())
        .stderr(log_file(dir)?)
        .spawn()?;
    wait_for_port(port, Duration::from_secs(30)).await?;
    Ok(server)
}

async fn start_mariadb(dir: &Path, port: u16) -> Result<Child> {
    let data = owned_folder(dir, "mysql").await?;
    let init = Command::new("mariadb-install-db")
        .args(["--no-defaults", "--user=mysql", "--auth-root-authentication-method=normal"])
        .arg(format!("--datadir={}", data.display()))
        .output()
        .await
        .context("cannot start mariadb-install-db")?;
    if !init.status.success() {
        bail!("mariadb-install-db: {}", String::from_utf8_lossy(&init.stderr));
    }
    let server = Command::new("mariadbd")
        .args(["--no-defaults", "--user=mysql", "--bind-address=127.0.0.1", "--skip-name-resolve"])
        .arg("--max-connections=200")
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--socket={}", data.join("my.sock").display()))
        .arg(format!("--port={port}"))
        .stdout(std::process::Stdio::null())
        .stderr(log_file(dir)?)
        .spawn()
        .context("cannot start mariadbd")?;
    wait_for_port(port, Duration::from_secs(60)).await?;
    Ok(server)
}

fn log_file(dir: &Path) -> Result<std::fs::File> {
    Ok(std::fs::File::create(dir.join("database.log"))?)
}

/// Программы PostgreSQL лежат в папке версии, не в PATH.
fn postgres_bin() -> Result<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .context("PostgreSQL is not installed")?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop().context("PostgreSQL is not installed")
}

/// Папка данных, принадлежащая пользователю сервера базы.
async fn owned_folder(dir: &Path, user: &str) -> Result<PathBuf> {
    let folder = dir.join(user);
    std::fs::create_dir(&folder)?;
    if is_root() {
        Command::new("chown").arg(user).arg(&folder).status().await?;
    }
    Ok(folder)
}

/// PostgreSQL отказывается работать под root: сменить пользователя, не меняя номера процесса.
fn as_user(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={user}")).arg(format!("--regid={user}")).arg("--init-groups").arg(program);
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
