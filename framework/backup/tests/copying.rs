//! Порядок строк и номеров, непустая база, брошенная на полпути копия.

use kernel::clock::Clock;
use kernel::data::Db;
use megashop_backup::{Snapshot, copy, finish};

use super::shop::{Bases, ask, engines, number, quiet, run, today};

/// Родители заведены позже детей; последний номер выдан и удалён.
async fn plant(db: &Db) {
    run(db, "INSERT INTO branches (id, parent_id, name) VALUES (10, NULL, 'twig'), (11, NULL, 'bough'), (12, NULL, 'trunk')").await;
    run(db, "UPDATE branches SET parent_id = 11 WHERE id = 10").await;
    run(db, "UPDATE branches SET parent_id = 12 WHERE id = 11").await;
    run(db, "UPDATE branches SET name = 'renamed by life' WHERE name = 'from the migration'").await;
    run(db, "INSERT INTO leaves (branch_id, name) VALUES (10, 'green'), (10, 'yellow')").await;
    run(db, "INSERT INTO branches (id, name) VALUES (40, 'cut off')").await;
    // PostgreSQL о номерах, данных не им, не знает.
    if db.engine == kernel::data::Engine::Postgres {
        run(db, "SELECT setval(pg_get_serial_sequence('branches', 'id'), 40)").await;
    }
    run(db, "DELETE FROM branches WHERE id = 40").await;
}

async fn move_to(from: &Db, to: &Db) -> anyhow::Result<()> {
    let (migrator, clock) = (today(), Clock::default());
    let snapshot = Snapshot::open(from, &migrator, &clock).await?;
    copy(&snapshot, to, &migrator, &clock, &quiet).await?;
    snapshot.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn relatives_stay_together_and_numbers_go_on() {
    let mut bases = Bases::new();
    let from = bases.ready(&today()).await;
    plant(&from).await;
    for engine in engines() {
        let Some(to) = bases.empty(engine).await else { continue };
        move_to(&from, &to).await.unwrap_or_else(|error| panic!("{engine:?}: {error:#}"));
        finish(&to).await.expect("finished");
        let sql = "SELECT name, parent_id FROM branches ORDER BY id";
        let seen: Vec<(String, Option<i64>)> = ask(&to, sql)
            .await
            .iter()
            .map(|row| (row.try_get("", "name").expect("name"), row.try_get("", "parent_id").expect("parent")))
            .collect();
        let expected = [("renamed by life", None), ("twig", Some(11)), ("bough", Some(12)), ("trunk", None)];
        let expected: Vec<_> = expected.map(|(name, parent)| (name.to_owned(), parent)).into();
        assert_eq!(seen, expected, "{engine:?}");
        assert_eq!(number(&to, "SELECT COUNT(*) FROM leaves").await, 2);
        run(&to, "INSERT INTO branches (name) VALUES ('new')").await;
        assert_eq!(number(&to, "SELECT MAX(id) FROM branches").await, 41, "{engine:?}: a number was given twice");
        assert_eq!(today().pending(&to).await.expect("known").len(), 0);
    }
    bases.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_a_shop_in_it_is_left_alone() {
    let mut bases = Bases::new();
    let from = bases.ready(&today()).await;
    let full = bases.ready(&today()).await;
    let refusal = move_to(&from, &full).await.expect_err("refused").to_string();
    assert!(refusal.contains("not empty"), "{refusal}");
    assert_eq!(number(&full, "SELECT COUNT(*) FROM branches").await, 1);
    bases.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_copy_does_not_start_and_is_begun_again() {
    let mut bases = Bases::new();
    let from = bases.ready(&today()).await;
    plant(&from).await;
    let to = bases.empty(testkit::engine()).await.expect("the engine of this run");
    // Не закончена: `finish` не позвали.
    move_to(&from, &to).await.expect("copied");
    let refusal = today().run(&to, &Clock::default()).await.expect_err("refused").to_string();
    assert!(refusal.contains("unfinished copy"), "{refusal}");
    let refusal = move_to(&to, &from).await.expect_err("refused");
    assert!(format!("{refusal:#}").contains("unfinished copy"), "{refusal:#}");
    run(&to, "DELETE FROM leaves").await;
    move_to(&from, &to).await.expect("copied again");
    finish(&to).await.expect("finished");
    assert_eq!(today().run(&to, &Clock::default()).await.expect("starts"), 0);
    assert_eq!(number(&to, "SELECT COUNT(*) FROM leaves").await, 2);
    bases.close().await;
}

/// Снимок — один момент: проданное во время копии в неё не попадает, и писатель её не ждёт.
#[tokio::test(flavor = "multi_thread")]
async fn the_snapshot_does_not_see_what_came_later() {
    let mut bases = Bases::new();
    let from = bases.ready(&today()).await;
    plant(&from).await;
    let (migrator, clock) = (today(), Clock::default());
    let snapshot = Snapshot::open(&from, &migrator, &clock).await.expect("a snapshot");
    run(&from, "INSERT INTO leaves (branch_id, name) VALUES (10, 'late')").await;
    let to = bases.empty(testkit::engine()).await.expect("the engine of this run");
    copy(&snapshot, &to, &migrator, &clock, &quiet).await.expect("copied");
    snapshot.close().await.expect("closed");
    assert_eq!(number(&to, "SELECT COUNT(*) FROM leaves").await, 2);
    bases.close().await;
}
