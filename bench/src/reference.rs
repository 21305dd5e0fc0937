//! Голые серверы, с которыми магазин сравнивают: готовые байты из памяти и обработчик axum + sqlx с теми же запросами.
//! Каждый — свой процесс этой же программы.

mod sql;
mod views;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use clap::Args;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::engine;
use crate::http::Client;

#[derive(Args)]
pub struct BytesOptions {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    file: PathBuf,
}

#[derive(Args)]
pub struct SqlxOptions {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    url: String,
}

const JSON: [(axum::http::HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json")];

pub async fn serve_bytes(options: BytesOptions) -> Result<()> {
    let body = Bytes::from(std::fs::read(options.file)?);
    let app = Router::new().route("/", get(move || std::future::ready((JSON, body.clone()))));
    listen(options.listen, app).await
}

pub async fn serve_sqlx(options: SqlxOptions) -> Result<()> {
    let app = sql::router(&options.url).await?.merge(views::router(&options.url).await?);
    listen(options.listen, app).await
}

async fn listen(address: SocketAddr, app: Router) -> Result<()> {
    Ok(axum::serve(TcpListener::bind(address).await?, app).await?)
}

/// Запущенный голый сервер.
pub struct Reference {
    pub address: SocketAddr,
    child: Child,
}

impl Reference {
    pub async fn bytes(file: &Path) -> Result<Reference> {
        Reference::start(&["serve-bytes", "--file", &file.to_string_lossy()]).await
    }

    pub async fn sqlx(url: &str) -> Result<Reference> {
        Reference::start(&["serve-sqlx", "--url", url]).await
    }

    async fn start(args: &[&str]) -> Result<Reference> {
        let address = SocketAddr::from(([127, 0, 0, 1], engine::free_port()?));
        let child = Command::new(std::env::current_exe()?)
            .args(args)
            .args(["--listen", &address.to_string()])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        engine::wait_for_port(address.port(), Duration::from_secs(10)).await?;
        Ok(Reference { address, child })
    }

    pub fn pid(&self) -> Result<u32> {
        self.child.id().context("the bare server is gone")
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    pub async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}
