//! Значения любого рода приходят такими же, пройдя по кругу через все движки.

use chrono::{DateTime, NaiveDateTime};
use kernel::clock::Clock;
use kernel::data::{Db, Engine, insert_sql};
use megashop_backup::{Snapshot, Source, Table, copy, finish};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, Statement, Value};

use super::shop::{Bases, engines, quiet, today};

const ROWS: usize = 400;
const COLUMNS: [&str; 9] = ["id", "small", "big", "real_number", "flag", "short", "long_text", "other", "happened_at"];

/// Любые знаки, кроме нуля: его нет в тексте PostgreSQL.
fn text(most: usize) -> impl Strategy<Value = String> {
    let letter = any::<char>().prop_filter("no zero", |letter| *letter != '\0');
    let odd = prop_oneof![Just('😀'), Just('"'), Just('\\'), Just('\n'), Just('\u{2028}'), Just('\''), letter];
    prop::collection::vec(odd, 0..most).prop_map(|letters| letters.into_iter().collect())
}

/// Секунды от 1970 до 2100 года и микросекунды.
fn moment() -> impl Strategy<Value = NaiveDateTime> {
    (0i64..4_102_444_800, 0u32..1_000_000)
        .prop_map(|(seconds, micros)| DateTime::from_timestamp(seconds, micros * 1000).expect("a moment").naive_utc())
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn row() -> impl Strategy<Value = Vec<Value>> {
    use prop::option::of;
    let numbers = (of(any::<i32>()), of(any::<i64>()), of(prop::num::f64::NORMAL), of(any::<bool>()));
    let others = (of(text(200)), of(text(600)), of(uuid()), of(moment()));
    (uuid(), numbers, others).prop_map(|(id, (small, big, real, flag), (short, long, other, at))| {
        let numbers = [id.into(), small.into(), big.into(), real.into(), flag.into()];
        numbers.into_iter().chain([short.into(), long.into(), other.into(), at.into()]).collect()
    })
}

async fn plant(db: &Db) {
    let mut runner = TestRunner::default();
    let backend = db.write.get_database_backend();
    for _ in 0..ROWS {
        let cells: Vec<Value> = row().new_tree(&mut runner).expect("a row").current();
        let sql = insert_sql(backend, "things", &COLUMNS, 1);
        db.write.execute_raw(Statement::from_sql_and_values(backend, sql, cells)).await.expect("inserted");
    }
}

/// Строки таблицы `things`, по порядку самих строк.
async fn lines(db: &Db) -> Vec<String> {
    use futures::TryStreamExt;
    let snapshot = Snapshot::open(db, &today(), &Clock::default()).await.expect("a snapshot");
    let table: &Table = snapshot.schema.tables.iter().find(|table| table.name == "things").expect("things");
    let rows = snapshot.rows(table).map_ok(|row| String::from_utf8(row.line).expect("utf-8"));
    let mut lines: Vec<String> = rows.try_collect().await.expect("rows");
    snapshot.close().await.expect("closed");
    lines.sort();
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_value_goes_around_three_engines() {
    let (mut bases, migrator, clock) = (Bases::new(), today(), Clock::default());
    let first = bases.ready(&migrator).await;
    plant(&first).await;
    let expected = lines(&first).await;
    assert_eq!(expected.len(), ROWS);
    let mut from = first;
    let circle = engines().into_iter().skip(1).chain([testkit::engine()]);
    for engine in circle {
        let Some(to) = bases.empty(engine).await else { continue };
        let snapshot = Snapshot::open(&from, &migrator, &clock).await.expect("a snapshot");
        copy(&snapshot, &to, &migrator, &clock, &quiet).await.unwrap_or_else(|error| panic!("{engine:?}: {error:#}"));
        snapshot.close().await.expect("closed");
        finish(&to).await.expect("finished");
        assert_eq!(lines(&to).await, expected, "{engine:?}");
        from = to;
    }
    assert_eq!(from.engine, testkit::engine());
    assert!(matches!(from.engine, Engine::Sqlite | Engine::Postgres | Engine::MariaDb));
    bases.close().await;
}
