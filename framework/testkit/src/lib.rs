#![doc = include_str!("../README.md")]
#![expect(clippy::expect_used, reason = "это часть тестов: падать с понятным словом — её работа")]

mod client;
mod database;
mod outside;
mod proxy;
mod redis;

pub use client::{Answer, Client};
pub use database::{TestDatabase, engine, required};
pub use outside::FakeServer;
pub use proxy::Proxy;
pub use redis::RedisServer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use chrono::{TimeDelta, TimeZone, Utc};
use kernel::app::Overrides;
use kernel::data::Db;
use kernel::http::RouteInfo;
use kernel::settings::Sources;
use kernel::{App, Ctx, Platform, jobs};

/// Магазин для одного теста: своя база, остановленные часы, повторяемая случайность.
pub struct TestApp {
    pub ctx: Ctx,
    pub routes: Vec<RouteInfo>,
    pub tables: Vec<kernel::app::TableInfo>,
    pub checks: Vec<kernel::app::Check>,
    pub permissions: Vec<kernel::Permission>,
    pub groups: Vec<kernel::app::GroupInfo>,
    router: Router,
    /// Нет у близнеца: базу убирает тот, кто её завёл.
    database: Option<TestDatabase>,
    database_url: String,
    folder: tempfile::TempDir,
    closed: Arc<AtomicBool>,
}

/// Настройки теста: пределы выключены, кэш включён, задачи выполняет сам тест.
const SETTINGS: &str =
    "[limits]\nrate = \"off\"\n[jobs]\nin_process = false\n[database]\npool = 12\nacquire_timeout = 30\n";

/// Дольше этого соединение не возвращается, только если его потеряли: тест упадёт, а не повиснет.
const RETURN_CONNECTIONS: Duration = Duration::from_secs(30);

/// С чем запускают магазин.
#[derive(Clone, Copy, Default)]
struct Launch<'a> {
    preset: &'a str,
    toml: &'a str,
    flags: &'a [(&'a str, &'a str)],
    aliases: &'a [(&'a str, &'a str)],
}

impl TestApp {
    /// Магазин из данных приложений с настройками по умолчанию. Порядок приложений — порядок миграций.
    pub async fn new(apps: Vec<App>) -> TestApp {
        Self::with_settings(apps, "").await
    }

    /// То же с разделами настроек в виде текста TOML.
    pub async fn with_settings(apps: Vec<App>, toml: &str) -> TestApp {
        Self::with_aliases(apps, toml, &[]).await
    }

    /// То же со старыми адресами.
    pub async fn with_aliases(apps: Vec<App>, toml: &str, aliases: &[(&str, &str)]) -> TestApp {
        Self::with_preset(apps, "", toml, aliases).await
    }

    /// То же поверх набора: настройки теста сильнее его, как сильнее файл настроек.
    pub async fn with_preset(apps: Vec<App>, preset: &str, toml: &str, aliases: &[(&str, &str)]) -> TestApp {
        Self::build(apps, Launch { preset, toml, aliases, ..Launch::default() }).await
    }

    /// С заданным при запуске: сильнее и файла, и админки.
    pub async fn with_flags(apps: Vec<App>, flags: &[(&str, &str)]) -> TestApp {
        Self::build(apps, Launch { flags, ..Launch::default() }).await
    }

    async fn build(apps: Vec<App>, launch: Launch<'_>) -> TestApp {
        let folder = tempfile::tempdir().expect("temp dir");
        let database = TestDatabase::create(&Platform::migrator_of(&apps), folder.path()).await.expect("test database");
        let url = database.url.clone();
        Self::assemble(apps, launch, folder, url, Some(database)).await
    }

    /// Второй экземпляр того же магазина: та же база и тот же секрет, своё всё остальное.
    pub async fn twin(&self, apps: Vec<App>, toml: &str) -> TestApp {
        let folder = tempfile::tempdir().expect("temp dir");
        let launch = Launch { toml, ..Launch::default() };
        Self::assemble(apps, launch, folder, self.database_url.clone(), None).await
    }

    async fn assemble(
        apps: Vec<App>,
        launch: Launch<'_>,
        folder: tempfile::TempDir,
        database_url: String,
        database: Option<TestDatabase>,
    ) -> TestApp {
        let Launch { preset, toml, flags, aliases } = launch;
        let file = folder.path().join("megashop.toml");
        std::fs::write(&file, merge(toml)).expect("test settings");
        let sources = Sources {
            file: Some(file),
            preset: Some(preset.to_owned()),
            flags: flags
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .chain([("server.data_dir".to_owned(), folder.path().display().to_string())])
                .collect(),
            environment: false,
        };
        let settings = Platform::settings(&apps, &sources).expect("test settings");
        let db = Db::connect(&database_url, &settings.kernel.database).await.expect("connect to the test database");
        let overrides = Overrides { random_seed: Some(u64::from_le_bytes(kernel::clock::Random::system().bytes())) };
        let platform = Platform::assemble(apps, settings, db, vec![7; 32], overrides).expect("assemble");
        platform.ctx.clock().freeze(Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).single().expect("date"));
        let mounted = platform.mount(aliases);
        TestApp {
            ctx: platform.ctx,
            routes: mounted.routes,
            tables: platform.tables,
            checks: platform.checks,
            permissions: platform.permissions,
            groups: platform.groups,
            router: mounted.router,
            database,
            database_url,
            folder,
            closed: Arc::default(),
        }
    }

    /// Прохожий без пропуска.
    pub fn anon(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// Те же маршруты для настоящего сервера: `FakeServer::start(app.router())`.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Папка данных этого теста.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Переводит часы вперёд.
    pub fn advance(&self, by: TimeDelta) {
        self.ctx.clock().advance(by);
    }

    /// Выполняет все задачи, чей час настал; возвращает их число.
    pub async fn run_jobs(&self) -> usize {
        jobs::run_due(&self.ctx).await.expect("run jobs")
    }

    /// Заканчивает тест: падает, если остались невыполненные или мёртвые задачи либо не сошлись деньги.
    pub async fn close(mut self) {
        let left = jobs::list(&self.ctx, 20).await.expect("list jobs");
        let now = self.ctx.now().naive_utc();
        let bad: Vec<_> = left.iter().filter(|job| job.status == jobs::DEAD || job.run_at <= now).collect();
        self.closed.store(true, Ordering::Relaxed);
        assert!(bad.is_empty(), "the test ended with unprocessed or dead jobs: {bad:#?}");
        for check in &self.checks {
            let found = (check.run)(&self.ctx).await.expect("check runs");
            assert!(found.is_empty(), "check {} found: {found:#?}", check.name);
        }
        let db = self.ctx.db_handle().clone();
        let closing = tokio::time::timeout(RETURN_CONNECTIONS, db.clone().close()).await;
        assert!(closing.is_ok(), "a database connection was never returned to its pool: {db:?}");
        if let Some(database) = self.database.take() {
            database.remove().await;
        }
    }

    /// Модели и таблицы базы совпадают: столбцы и допустимость NULL.
    pub async fn assert_no_drift(&self) {
        let engine = self.ctx.db_handle().engine;
        for table in &self.tables {
            let mut real =
                kernel::data::table_columns(&self.ctx.db_handle().write, engine, &table.name).await.expect("columns");
            let mut model = table.columns.clone();
            real.sort();
            model.sort();
            assert_eq!(model, real, "model (left) and table {} (right) differ on {engine:?}", table.name);
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if !self.closed.load(Ordering::Relaxed) && !std::thread::panicking() {
            panic!("end the test with app.close().await: it checks the jobs and the money");
        }
    }
}

/// Добавляет разделы теста к общим; одинаковые разделы сливаются по ключам.
fn merge(extra: &str) -> String {
    let mut base: toml_like::Table = toml_like::parse(SETTINGS);
    for (section, rows) in toml_like::parse(extra) {
        base.entry(section).or_default().extend(rows);
    }
    toml_like::print(&base)
}

/// Строки вида `[раздел]` и `ключ = значение`: настройкам тестов большего не нужно.
mod toml_like {
    use std::collections::BTreeMap;

    pub type Table = BTreeMap<String, BTreeMap<String, String>>;

    pub fn parse(text: &str) -> Table {
        let mut table = Table::new();
        let mut section = String::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                Some(name) => section = name.to_owned(),
                None => {
                    let (key, value) = line.split_once('=').expect("key = value");
                    table.entry(section.clone()).or_default().insert(key.trim().to_owned(), value.trim().to_owned());
                }
            }
        }
        table
    }

    pub fn print(table: &Table) -> String {
        let section = |(name, rows): (&String, &BTreeMap<String, String>)| {
            let rows: String = rows.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
            format!("[{name}]\n{rows}")
        };
        table.iter().map(section).collect()
    }
}
