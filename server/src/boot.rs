//! Сборка программы: настройки → база → миграции → службы.

use anyhow::Context;
use kernel::Platform;
use kernel::app::Overrides;
use kernel::data::Db;
use kernel::settings::{Settings, Sources};

use crate::cli::Common;
use crate::{apps, files, logs, secret};

/// Читает настройки и включает журнал.
pub fn settings(common: &Common) -> anyhow::Result<Settings> {
    let settings = Platform::settings(&apps::all(), &common.sources()?)?;
    open_logs(&settings)?;
    Ok(settings)
}

fn open_logs(settings: &Settings) -> anyhow::Result<()> {
    install_tls();
    logs::init(&settings.kernel.log)
}

/// Поставщик TLS — один на процесс: без него не собрать ни одного клиента HTTPS. Ошибка «уже установлен» безвредна.
pub fn install_tls() {
    rustls::crypto::ring::default_provider().install_default().ok();
}

/// Собирает программу на её базе; миграции не трогает.
pub async fn connect(settings: Settings) -> anyhow::Result<Platform> {
    let secret = secret::load_or_create(settings.data_dir())?;
    let db = Db::connect(&settings.database_url(), &settings.kernel.database).await?;
    let storage = files::open(&settings)?;
    let platform = Platform::assemble(apps::all(), settings, db, secret, Overrides::default())?;
    platform.ctx.provide(storage);
    Ok(platform)
}

/// Готовая к работе программа: схема приведена к этой версии.
pub async fn start(common: &Common) -> anyhow::Result<Platform> {
    prepare(settings(common)?).await
}

/// То же на наборе, который слабее всех остальных источников, — для демонстрации.
pub async fn start_with_preset(common: &Common, preset: &str) -> anyhow::Result<Platform> {
    let sources = common.sources()?;
    let sources = Sources { preset: Some(sources.preset.unwrap_or_else(|| preset.to_owned())), ..sources };
    let settings = Platform::settings(&apps::all(), &sources)?;
    open_logs(&settings)?;
    prepare(settings).await
}

async fn prepare(settings: Settings) -> anyhow::Result<Platform> {
    let platform = connect(settings).await?;
    let ctx = &platform.ctx;
    // До миграций: с негодным адресом Redis или RabbitMQ база остаётся как была.
    let links = megashop_cluster::join(ctx)?;
    let applied = platform.migrator.run(ctx.db_handle(), ctx.clock()).await.context("database migration failed")?;
    if applied > 0 {
        tracing::info!(applied, "database migrated");
    }
    kernel::overrides::reload(ctx).await.context("cannot read the settings saved in the admin")?;
    links.first_connections().await;
    accounts::services::declare_titles(ctx, platform.titles.clone());
    accounts::start(ctx, platform.permissions.clone(), platform.groups.clone()).await?;
    Ok(platform)
}

/// Программа без базы и папки данных: для команд, которые только описывают её.
pub async fn describe(common: &Common) -> anyhow::Result<Platform> {
    let settings = Platform::settings(&apps::all(), &common.sources()?)?;
    let db = Db::connect("sqlite::memory:", &settings.kernel.database).await?;
    Platform::assemble(apps::all(), settings, db, vec![0; 32], Overrides::default())
}
