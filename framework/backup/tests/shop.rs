//! Маленький магазин с таблицами, где есть всё: каждый род столбца, ссылка на себя, составной ключ.

use std::path::Path;

use kernel::clock::Clock;
use kernel::data::{Db, Engine, Migration, Migrator};
use kernel::settings::DatabaseSettings;
use kernel::{App, Platform};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use tempfile::TempDir;
use testkit::TestDatabase;

const FIRST: Migration = Migration::new(
    "m0001_first",
    "CREATE TABLE leaves (
  branch_id BIGINT NOT NULL,
  name VARCHAR(50) NOT NULL,
  PRIMARY KEY (branch_id, name),
  CONSTRAINT leaves_branch FOREIGN KEY (branch_id) REFERENCES branches (id)
);
",
);

const BRANCHES: Migration = Migration::new(
    "m0000_branches",
    "CREATE TABLE branches (
  id {id},
  parent_id BIGINT NULL,
  name VARCHAR(50) NOT NULL UNIQUE,
  CONSTRAINT branches_parent FOREIGN KEY (parent_id) REFERENCES branches (id)
);

INSERT INTO branches (name) VALUES ('from the migration');
",
);

const VALUES: Migration = Migration::new(
    "m0002_things",
    "CREATE TABLE things (
  id {uuid} NOT NULL PRIMARY KEY,
  small INT NULL,
  big BIGINT NULL,
  real_number DOUBLE PRECISION NULL,
  flag BOOLEAN NULL,
  short VARCHAR(200) NULL,
  long_text {longtext} NULL,
  other {uuid} NULL,
  happened_at {time} NULL
);
",
);

const LATER: Migration =
    Migration::new("m0003_later", "ALTER TABLE branches ADD COLUMN height BIGINT DEFAULT 7 NOT NULL;");

const TODAY: &[Migration] = &[BRANCHES, FIRST, VALUES];
const TOMORROW: &[Migration] = &[BRANCHES, FIRST, VALUES, LATER];

pub fn today() -> Migrator {
    Platform::migrator_of(&[App::new("garden", "Сад").migrations(TODAY)])
}

/// Та же программа следующей версии.
pub fn tomorrow() -> Migrator {
    Platform::migrator_of(&[App::new("garden", "Сад").migrations(TOMORROW)])
}

/// Базы одного теста; серверные убирает [`Bases::close`].
pub struct Bases {
    pub folder: TempDir,
    made: Vec<(Db, TestDatabase)>,
}

impl Bases {
    pub fn new() -> Bases {
        Bases { folder: tempfile::tempdir().expect("temp dir"), made: Vec::new() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Пустая база; `None` — такого сервера на этой машине нет (в CI это провал).
    pub async fn empty(&mut self, engine: Engine) -> Option<Db> {
        let database = match TestDatabase::empty(engine, self.path()).await {
            Ok(database) => database,
            Err(error) if !testkit::required() => {
                eprintln!("skipped: no {engine:?}: {error:#}");
                return None;
            }
            Err(error) => panic!("no {engine:?}: {error:#}"),
        };
        let settings = DatabaseSettings { pool: 3, ..DatabaseSettings::default() };
        let db = Db::connect(&database.url, &settings).await.expect("connected");
        self.made.push((db.clone(), database));
        Some(db)
    }

    /// База движка этого запуска со схемой.
    pub async fn ready(&mut self, migrator: &Migrator) -> Db {
        let db = self.empty(testkit::engine()).await.expect("the engine of this run");
        migrator.run(&db, &Clock::default()).await.expect("migrated");
        db
    }

    pub async fn close(self) {
        for (db, database) in self.made {
            db.close().await;
            database.remove().await;
        }
    }
}

/// Все движки, начиная с того, на котором этот запуск.
pub fn engines() -> [Engine; 3] {
    match testkit::engine() {
        Engine::Sqlite => [Engine::Sqlite, Engine::Postgres, Engine::MariaDb],
        Engine::Postgres => [Engine::Postgres, Engine::MariaDb, Engine::Sqlite],
        Engine::MariaDb => [Engine::MariaDb, Engine::Sqlite, Engine::Postgres],
    }
}

pub async fn run(db: &Db, sql: &str) {
    db.write.execute_unprepared(sql).await.expect(sql);
}

pub async fn ask(db: &Db, sql: &str) -> Vec<QueryResult> {
    let statement = Statement::from_string(db.write.get_database_backend(), sql);
    db.write.query_all_raw(statement).await.expect(sql)
}

pub async fn number(db: &Db, sql: &str) -> i64 {
    ask(db, sql).await.first().expect("a row").try_get_by_index(0).expect("a number")
}

/// Ход никому не нужен.
pub fn quiet(_: &str, _: u64) {}
