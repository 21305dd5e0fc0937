//! База для теста: миграции выполняются один раз в шаблон, тест получает его копию.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use kernel::clock::{Clock, Random};
use kernel::data::{Db, Engine, Migrator};
use kernel::settings::DatabaseSettings;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection, Row};

/// Движок этого запуска: `MEGASHOP_TEST_DB` = `sqlite` (по умолчанию), `postgres`, `mysql`.
pub fn engine() -> Engine {
    match std::env::var("MEGASHOP_TEST_DB").as_deref() {
        Ok("postgres") => Engine::Postgres,
        Ok("mysql" | "mariadb") => Engine::MariaDb,
        _ => Engine::Sqlite,
    }
}

/// В CI пропуск — это провал.
pub fn required() -> bool {
    std::env::var("MEGASHOP_REQUIRE_ALL").is_ok_and(|value| value == "1")
}

/// Так начинаются имена отслуживших баз PostgreSQL.
const RETIRED: &str = "megashop_old_";
/// Сколько их копится до удаления.
const RETIRED_LIMIT: usize = 16;

/// База одного теста.
pub struct TestDatabase {
    pub url: String,
    kind: Kind,
}

enum Kind {
    Sqlite,
    Postgres { admin: String, name: String },
    MySql { admin: String, name: String },
}

impl TestDatabase {
    /// Своя база с таблицами этих миграций.
    pub async fn create(migrator: &Migrator, folder: &Path) -> Result<TestDatabase> {
        let template = format!("megashop_tpl_{}", fingerprint(migrator));
        let name = format!("megashop_t_{}", &Random::system().token()[..16]);
        match engine() {
            Engine::Sqlite => sqlite(migrator, &template, folder).await,
            Engine::Postgres => postgres(migrator, &template, server(Engine::Postgres), name).await,
            Engine::MariaDb => mysql(migrator, &template, server(Engine::MariaDb), name).await,
        }
    }

    /// Пустая база на данном движке: для переноса между движками.
    pub async fn empty(engine: Engine, folder: &Path) -> Result<TestDatabase> {
        let name = format!("megashop_t_{}", &Random::system().token()[..16]);
        let admin = server(engine);
        let kind = match engine {
            Engine::Sqlite => {
                let url = format!("sqlite:{}", folder.join(format!("{name}.sqlite3")).display());
                return Ok(TestDatabase { url, kind: Kind::Sqlite });
            }
            Engine::Postgres => {
                pg_exec(&admin, &format!("CREATE DATABASE {name}")).await?;
                Kind::Postgres { admin: admin.clone(), name: name.clone() }
            }
            Engine::MariaDb => {
                my_exec(&admin, &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")).await?;
                Kind::MySql { admin: admin.clone(), name: name.clone() }
            }
        };
        Ok(TestDatabase { url: with_name(&admin, &name), kind })
    }

    /// Удаляет копию на сервере; файл SQLite исчезает вместе с папкой теста.
    pub async fn remove(self) {
        let dropped = match &self.kind {
            Kind::Sqlite => Ok(()),
            Kind::Postgres { admin, name } => retire(admin, name).await,
            Kind::MySql { admin, name } => my_exec(admin, &format!("DROP DATABASE IF EXISTS {name}")).await,
        };
        if let Err(error) = dropped {
            eprintln!("test database was not removed: {error:#}");
        }
    }
}

/// Адрес сервера баз для тестов.
fn server(engine: Engine) -> String {
    match engine {
        Engine::Sqlite => String::new(),
        Engine::Postgres => env_or("MEGASHOP_TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres"),
        Engine::MariaDb => env_or("MEGASHOP_TEST_MYSQL_URL", "mysql://root@127.0.0.1:3306/test"),
    }
}

fn env_or(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Имя шаблона зависит от текста миграций: изменились миграции — новый шаблон.
fn fingerprint(migrator: &Migrator) -> String {
    let mut hash = Sha256::new();
    for step in &migrator.steps {
        hash.update(step.name.as_bytes());
        hash.update(step.sql.as_bytes());
    }
    hex::encode(&hash.finalize()[..8])
}

async fn migrate(url: &str, migrator: &Migrator) -> Result<()> {
    let db = Db::connect(url, &DatabaseSettings { pool: 2, ..Default::default() }).await?;
    migrator.run(&db, &Clock::default()).await?;
    db.close().await;
    Ok(())
}

async fn sqlite(migrator: &Migrator, template: &str, folder: &Path) -> Result<TestDatabase> {
    let shelf = std::env::temp_dir().join("megashop-test-templates");
    std::fs::create_dir_all(&shelf)?;
    let ready: PathBuf = shelf.join(format!("{template}.sqlite3"));
    if !ready.exists() {
        // Готовится под своим именем и встаёт на место одним переименованием: соседний процесс не увидит половины.
        let draft = shelf.join(format!("{}.draft", Random::system().token()));
        migrate(&format!("sqlite:{}", draft.display()), migrator).await?;
        std::fs::rename(&draft, &ready)?;
    }
    let copy = folder.join("test.sqlite3");
    std::fs::copy(&ready, &copy).context("copy the template database")?;
    Ok(TestDatabase { url: format!("sqlite:{}", copy.display()), kind: Kind::Sqlite })
}

/// Меняет имя базы в адресе.
fn with_name(admin: &str, name: &str) -> String {
    let (head, tail) = admin.rsplit_once('/').unwrap_or((admin, ""));
    match tail.split_once('?') {
        Some((_, query)) => format!("{head}/{name}?{query}"),
        None => format!("{head}/{name}"),
    }
}

async fn pg_exec(admin: &str, sql: &str) -> Result<()> {
    let mut connection = PgConnection::connect(admin).await?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await?;
    Ok(())
}

/// Откладывает удаление: `DROP DATABASE` ждёт контрольной точки сервера, дольше иного теста. Отслужившая база только
/// переименовывается, а накопившиеся удаляются разом: контрольная точка у них общая.
async fn retire(admin: &str, name: &str) -> Result<()> {
    let mut connection = PgConnection::connect(admin).await?;
    let disconnect = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    connection.execute(AssertSqlSafe(disconnect)).await?;
    connection.execute(AssertSqlSafe(format!("ALTER DATABASE {name} RENAME TO {RETIRED}{name}"))).await?;
    let list = format!("SELECT datname FROM pg_database WHERE starts_with(datname, '{RETIRED}')");
    let retired = connection.fetch_all(AssertSqlSafe(list)).await?;
    if retired.len() >= RETIRED_LIMIT {
        // Соседний процесс уже удаляет — мешать ему незачем.
        let lock = connection.fetch_one("SELECT pg_try_advisory_lock(7301985)").await?;
        if lock.try_get(0)? {
            let names = retired.iter().map(|row| row.try_get::<String, _>(0)).collect::<sqlx::Result<Vec<_>>>()?;
            let drop = async |name: String| pg_exec(admin, &format!("DROP DATABASE IF EXISTS {name}")).await;
            futures::future::try_join_all(names.into_iter().map(drop)).await?;
        }
    }
    Ok(connection.close().await?)
}

async fn my_exec(admin: &str, sql: &str) -> Result<()> {
    let mut connection = MySqlConnection::connect(admin).await?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await?;
    Ok(())
}

async fn postgres(migrator: &Migrator, template: &str, admin: String, name: String) -> Result<TestDatabase> {
    let mut connection = PgConnection::connect(&admin).await.with_context(|| format!("PostgreSQL at {admin}"))?;
    connection.execute("SELECT pg_advisory_lock(7301984)").await?;
    let exists = connection
        .fetch_optional(AssertSqlSafe(format!("SELECT 1 FROM pg_database WHERE datname = '{template}'")))
        .await?
        .is_some();
    if !exists {
        let draft = format!("{template}_draft");
        connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"))).await?;
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {draft}"))).await?;
        migrate(&with_name(&admin, &draft), migrator).await?;
        connection.execute(AssertSqlSafe(format!("ALTER DATABASE {draft} RENAME TO {template}"))).await?;
    }
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"))).await?;
    connection.execute("SELECT pg_advisory_unlock(7301984)").await?;
    connection.close().await?;
    Ok(TestDatabase { url: with_name(&admin, &name), kind: Kind::Postgres { admin, name } })
}

async fn mysql(migrator: &Migrator, template: &str, admin: String, name: String) -> Result<TestDatabase> {
    let mut connection = MySqlConnection::connect(&admin).await.with_context(|| format!("MariaDB at {admin}"))?;
    connection.execute("SELECT GET_LOCK('megashop_test_template', 300)").await?;
    let ready = format!(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = '{template}' AND table_name = 'template_ready'"
    );
    if connection.fetch_optional(AssertSqlSafe(ready)).await?.is_none() {
        connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {template}"))).await?;
        connection
            .execute(AssertSqlSafe(format!("CREATE DATABASE {template} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")))
            .await?;
        migrate(&with_name(&admin, template), migrator).await?;
        connection.execute(AssertSqlSafe(format!("CREATE TABLE {template}.template_ready (ok INT)"))).await?;
    }
    connection.execute("SELECT RELEASE_LOCK('megashop_test_template')").await?;
    copy_mysql(&mut connection, template, &name).await?;
    connection.close().await?;
    Ok(TestDatabase { url: with_name(&admin, &name), kind: Kind::MySql { admin, name } })
}

/// У MariaDB нет шаблонов баз: повторяем определения таблиц и переносим строки, которые завели миграции.
async fn copy_mysql(connection: &mut MySqlConnection, template: &str, name: &str) -> Result<()> {
    connection
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")))
        .await?;
    connection.execute(AssertSqlSafe(format!("USE {name}"))).await?;
    connection.execute("SET FOREIGN_KEY_CHECKS = 0").await?;
    let list = format!(
        "SELECT CONVERT(table_name USING utf8mb4) AS name FROM information_schema.tables \
        WHERE table_schema = '{template}' AND table_name <> 'template_ready'"
    );
    let tables = connection.fetch_all(AssertSqlSafe(list)).await?;
    for row in &tables {
        let table: String = row.try_get("name")?;
        let definition = connection.fetch_one(AssertSqlSafe(format!("SHOW CREATE TABLE {template}.`{table}`"))).await?;
        let sql: String = definition.try_get(1)?;
        connection.execute(AssertSqlSafe(sql)).await?;
        connection.execute(AssertSqlSafe(format!("INSERT INTO `{table}` SELECT * FROM {template}.`{table}`"))).await?;
    }
    Ok(())
}
