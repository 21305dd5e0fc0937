use kernel::data::{Migration, MigrationStep, Migrator};
use megashop_testkit::TestApp;

use crate::notes;

#[tokio::test]
async fn models_match_the_migrated_tables() {
    let app = TestApp::new(vec![notes::app()]).await;
    app.assert_no_drift().await;
    app.close().await;
}

#[tokio::test]
async fn a_second_run_does_nothing_and_an_edited_migration_is_refused() {
    let app = TestApp::new(vec![notes::app()]).await;
    let db = app.ctx.db_handle();
    let migrator = kernel::Platform::migrator_of(&[notes::app()]);
    assert_eq!(migrator.run(db, app.ctx.clock()).await.expect("run"), 0);

    let mut edited = kernel::Platform::migrator_of(&[notes::app()]);
    edited.steps[1].sql = "CREATE TABLE notes (id {id})";
    assert!(edited.run(db, app.ctx.clock()).await.expect_err("edited").to_string().contains("was changed"));

    let older = Migrator { steps: edited.steps[..1].to_vec() };
    assert!(older.run(db, app.ctx.clock()).await.expect_err("future").to_string().contains("newer than this program"));
    app.close().await;
}

#[tokio::test]
async fn a_broken_migration_can_be_mended_and_resumed() {
    const GOOD: Migration = Migration::new("m1", "CREATE TABLE aa (id {id});\nCREATE TABLE bb (id {id});\n");
    let app = TestApp::new(vec![notes::app()]).await;
    let db = app.ctx.db_handle();
    let mut migrator = kernel::Platform::migrator_of(&[notes::app()]);
    migrator
        .steps
        .push(MigrationStep { name: "x/m1".into(), sql: "CREATE TABLE aa (id {id});\nCREATE TABLE bb (nonsense\n" });
    assert!(migrator.run(db, app.ctx.clock()).await.is_err());
    // Тот же файл после обрыва посередине: на MariaDB таблица aa уже есть, на других откатилась.
    if db.engine == kernel::data::Engine::MariaDb {
        use sea_orm::ConnectionTrait;
        let fixed = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(GOOD.sql));
        db.write
            .execute_unprepared(&format!(
                "UPDATE migrations SET checksum = '{fixed}', statements_done = 0 WHERE name = 'x/m1'"
            ))
            .await
            .expect("checksum");
    }
    migrator.steps.last_mut().expect("step").sql = GOOD.sql;
    assert_eq!(migrator.run(db, app.ctx.clock()).await.expect("resumed"), 1);
    app.close().await;
}

/// Оператор с меткой выполняет только свой движок.
#[tokio::test]
async fn a_marked_statement_is_for_its_engine_only() {
    use kernel::data::{Engine, table_columns};
    const SQL: &str = "{sqlite} CREATE TABLE at_home (id {id});\n{servers} CREATE TABLE at_work (id {id});\n";
    let app = TestApp::new(vec![notes::app()]).await;
    let db = app.ctx.db_handle();
    let mut migrator = kernel::Platform::migrator_of(&[notes::app()]);
    migrator.steps.push(MigrationStep { name: "x/m1".into(), sql: SQL });
    assert_eq!(migrator.run(db, app.ctx.clock()).await.expect("run"), 1);
    let (own, alien) = if db.engine == Engine::Sqlite { ("at_home", "at_work") } else { ("at_work", "at_home") };
    assert_eq!(table_columns(&db.write, db.engine, own).await.expect("columns").len(), 1);
    assert!(table_columns(&db.write, db.engine, alien).await.expect("columns").is_empty());
    app.close().await;
}
