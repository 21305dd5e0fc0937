//! Миграции: файлы SQL с несколькими подстановками, только вперёд, продолжаются с места обрыва.
//!
//! Подстановки: `{id}` — свой ключ BIGINT с автонумерацией; `{uuid}`, `{time}`, `{longtext}` — типы, которые у движков зовутся
//! по-разному. Остальное пишется обычным SQL, общим для трёх движков (BIGINT, VARCHAR(n), BOOLEAN, CHECK, REFERENCES).

use std::collections::HashMap;

use anyhow::{Context, bail};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, FromQueryResult, Statement, TransactionOptions, TransactionTrait, Value,
};
use sha2::{Digest, Sha256};

use super::{Db, Engine};
use crate::clock::Clock;

/// Один файл миграции. Применённый файл не правят: изменение — это следующая миграция.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// `m0001_create_orders`; порядок внутри приложения — порядок в списке.
    pub name: &'static str,
    pub sql: &'static str,
}

impl Migration {
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Migration { name, sql }
    }
}

/// Миграция с именем приложения: `orders/m0001_create_orders`.
#[derive(Clone, Debug)]
pub struct MigrationStep {
    pub name: String,
    pub sql: &'static str,
}

impl MigrationStep {
    /// По ней видно, что применённый файл правили.
    pub fn checksum(&self) -> String {
        hex::encode(Sha256::digest(self.sql))
    }
}

/// Применяет недостающее. Порядок: приложения в порядке списка, внутри — по списку миграций.
pub struct Migrator {
    pub steps: Vec<MigrationStep>,
}

#[derive(FromQueryResult)]
struct Applied {
    name: String,
    checksum: String,
    statements_done: i32,
    finished: bool,
}

/// Имя шага-метки базы, в которую ещё копируют: пока он записан, магазин на ней не запустится.
pub const UNFINISHED: &str = "unfinished copy";

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (name VARCHAR(200) NOT NULL PRIMARY KEY, \
    checksum VARCHAR(64) NOT NULL, statements_done INT NOT NULL, finished BOOLEAN NOT NULL, applied_at {time} NOT NULL)";

impl Migrator {
    /// Имена ещё не применённых шагов. База новее программы — ошибка.
    pub async fn pending(&self, db: &Db) -> anyhow::Result<Vec<&str>> {
        let applied = applied(&db.write).await.unwrap_or_default();
        self.refuse_future(&applied)?;
        let done = |step: &&MigrationStep| applied.get(&step.name).is_some_and(|row| row.finished);
        Ok(self.steps.iter().filter(|step| !done(step)).map(|step| step.name.as_str()).collect())
    }

    /// Применяет всё недостающее; возвращает число шагов. Второй экземпляр ждёт первого.
    pub async fn run(&self, db: &Db, clock: &Clock) -> anyhow::Result<usize> {
        match db.engine {
            Engine::Sqlite => self.run_sqlite(db, clock).await,
            Engine::Postgres => self.run_postgres(db, clock).await,
            Engine::MariaDb => self.run_mariadb(db, clock).await,
        }
    }

    /// Весь набор — одна транзакция под замком записи файла.
    #[expect(clippy::disallowed_methods, reason = "миграции идут до того, как есть Ctx")]
    async fn run_sqlite(&self, db: &Db, clock: &Clock) -> anyhow::Result<usize> {
        let tx = db
            .write
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
                ..Default::default()
            })
            .await?;
        let count = self.apply(&tx, db.engine, clock).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// DDL в PostgreSQL транзакционен: весь набор — одна транзакция, замок снимется вместе с ней.
    async fn run_postgres(&self, db: &Db, clock: &Clock) -> anyhow::Result<usize> {
        let tx = db.write.begin().await?;
        tx.execute_unprepared("SET LOCAL lock_timeout = '120s'").await?;
        tx.execute_unprepared("SET LOCAL statement_timeout = '600s'").await?;
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(7301983)").await?;
        let count = self.apply(&tx, db.engine, clock).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// DDL в MariaDB не транзакционен: замок по имени, шаги продолжаются с записанного места.
    async fn run_mariadb(&self, db: &Db, clock: &Clock) -> anyhow::Result<usize> {
        // Соединение держит транзакция: GET_LOCK принадлежит соединению.
        let guard = db.write.begin().await?;
        let locked = guard
            .query_one_raw(Statement::from_string(
                guard.get_database_backend(),
                "SELECT GET_LOCK(CONCAT(DATABASE(), '.migrate'), 120) AS ok",
            ))
            .await?
            .and_then(|row| row.try_get::<Option<i64>>("", "ok").ok().flatten());
        if locked != Some(1) {
            bail!("another migrator is running on this database");
        }
        let result = self.apply(&db.write, db.engine, clock).await;
        guard.execute_unprepared("DO RELEASE_LOCK(CONCAT(DATABASE(), '.migrate'))").await?;
        guard.rollback().await?;
        result
    }

    async fn apply<C: ConnectionTrait>(&self, db: &C, engine: Engine, clock: &Clock) -> anyhow::Result<usize> {
        db.execute_unprepared(&dialect(TABLE, engine)).await?;
        let applied = applied(db).await?;
        self.refuse_future(&applied)?;
        let mut count = 0;
        for step in &self.steps {
            let checksum = step.checksum();
            let row = applied.get(&step.name);
            match row {
                Some(row) if row.checksum != checksum => {
                    bail!("migration {} was changed after it had been applied: write a new one instead", step.name)
                }
                Some(row) if row.finished => continue,
                _ => {}
            }
            tracing::info!(migration = step.name, "applying migration");
            let resume = row.map(|row| row.statements_done);
            apply_step(db, engine, clock, step, &checksum, resume)
                .await
                .with_context(|| format!("migration {} failed", step.name))?;
            count += 1;
        }
        Ok(count)
    }

    fn refuse_future(&self, applied: &HashMap<String, Applied>) -> anyhow::Result<()> {
        let known = |name: &String| self.steps.iter().any(|step| step.name == *name);
        match applied.keys().find(|name| !known(name)) {
            Some(name) if name == UNFINISHED => {
                bail!("the database is an unfinished copy: run the same `megashop restore` or `megashop copy` again")
            }
            Some(name) => {
                bail!("the database is newer than this program: it has migration {name}. Start the newer version")
            }
            None => Ok(()),
        }
    }
}

async fn applied<C: ConnectionTrait>(db: &C) -> Result<HashMap<String, Applied>, DbErr> {
    let sql = "SELECT name, checksum, statements_done, finished FROM migrations";
    let rows = Applied::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.name.clone(), row)).collect())
}

async fn apply_step<C: ConnectionTrait>(
    db: &C,
    engine: Engine,
    clock: &Clock,
    step: &MigrationStep,
    checksum: &str,
    resume: Option<i32>,
) -> anyhow::Result<()> {
    let now = clock.now().naive_utc();
    if resume.is_none() {
        let values: [Value; 3] = [step.name.clone().into(), checksum.into(), now.into()];
        let sql = place(
            engine,
            "INSERT INTO migrations (name, checksum, statements_done, finished, applied_at) VALUES (?, ?, 0, FALSE, ?)",
        );
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    }
    let text = dialect(step.sql, engine);
    let statements = split(&text);
    let done = resume.unwrap_or(0);
    for (index, statement) in statements.iter().enumerate().skip(usize::try_from(done)?) {
        match db.execute_unprepared(statement).await {
            Ok(_) => {}
            // Прошлый запуск выполнил это, но не успел записать: такое бывает только у первого незаписанного.
            Err(error)
                if engine == Engine::MariaDb && resume == Some(i32::try_from(index)?) && already_there(&error) => {}
            Err(error) => return Err(error).with_context(|| format!("statement {}: {statement}", index + 1)),
        }
        let values: [Value; 2] = [i32::try_from(index + 1)?.into(), step.name.clone().into()];
        let sql = place(engine, "UPDATE migrations SET statements_done = ? WHERE name = ?");
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    }
    let values: [Value; 2] = [now.into(), step.name.clone().into()];
    let sql = place(engine, "UPDATE migrations SET finished = TRUE, applied_at = ? WHERE name = ?");
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// MariaDB: таблица (1050), столбец (1060), ключ (1061), ограничение (1826, 121) уже есть.
fn already_there(error: &DbErr) -> bool {
    let text = error.to_string();
    ["1050", "1060", "1061", "1826", "already exists", "Duplicate"].iter().any(|mark| text.contains(mark))
}

/// `?` → `$1` для PostgreSQL.
fn place(engine: Engine, sql: &str) -> String {
    if engine != Engine::Postgres {
        return sql.to_owned();
    }
    let mut out = String::new();
    let mut number = 0;
    for part in sql.split_inclusive('?') {
        match part.strip_suffix('?') {
            Some(head) => {
                number += 1;
                out.push_str(&format!("{head}${number}"));
            }
            None => out.push_str(part),
        }
    }
    out
}

/// Подставляет типы движка; оператор с меткой `{sqlite}` или `{servers}` (PostgreSQL и MariaDB) — только для своих.
fn dialect(sql: &str, engine: Engine) -> String {
    let [id, uuid, time, longtext] = match engine {
        Engine::Sqlite => ["INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", "BLOB", "DATETIME", "TEXT"],
        Engine::Postgres => ["BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "UUID", "TIMESTAMP(6)", "TEXT"],
        Engine::MariaDb => ["BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", "BINARY(16)", "DATETIME(6)", "MEDIUMTEXT"],
    };
    let sql = sql.replace("{id}", id).replace("{uuid}", uuid).replace("{time}", time).replace("{longtext}", longtext);
    let (own, alien) = match engine {
        Engine::Sqlite => ("{sqlite}", "{servers}"),
        Engine::Postgres | Engine::MariaDb => ("{servers}", "{sqlite}"),
    };
    let with_charset = |statement: &str| match statement.to_ascii_uppercase().starts_with("CREATE TABLE") {
        true if engine == Engine::MariaDb => {
            format!("{statement} ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin")
        }
        _ => statement.to_owned(),
    };
    let statements = split(&sql);
    let mine = statements.iter().filter(|statement| !statement.starts_with(alien));
    mine.map(|statement| with_charset(statement.trim_start_matches(own).trim_start())).collect::<Vec<_>>().join(";\n")
}

/// Делит файл на операторы: по `;` в конце строки; строки-комментарии выбрасываются.
fn split(sql: &str) -> Vec<String> {
    let body: String =
        sql.lines().filter(|line| !line.trim_start().starts_with("--")).fold(String::new(), |mut out, line| {
            out.push_str(line.trim_end());
            out.push('\n');
            out
        });
    body.split(";\n").map(|s| s.trim().trim_end_matches(';').to_owned()).filter(|s| !s.is_empty()).collect()
}

/// Для теста дрейфа: столбцы таблицы, как их видит база.
pub async fn table_columns(db: &DatabaseConnection, engine: Engine, table: &str) -> Result<Vec<(String, bool)>, DbErr> {
    let sql = match engine {
        Engine::Sqlite => {
            format!("SELECT name AS name, \"notnull\" = 0 AND pk = 0 AS nullable FROM pragma_table_info('{table}')")
        }
        Engine::Postgres => format!(
            "SELECT column_name::text AS name, is_nullable = 'YES' AS nullable FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}'"
        ),
        Engine::MariaDb => format!(
            "SELECT column_name AS name, is_nullable = 'YES' AS nullable FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = '{table}'"
        ),
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| Ok((row.try_get::<String>("", "name")?, row.try_get::<bool>("", "nullable")?))).collect()
}
