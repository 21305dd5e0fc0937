//! Соединение, о котором забыли, пока оно простаивало.

use kernel::data::Engine;
use megashop_testkit::TestApp;
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

use crate::notes;

/// Столько соединений разом в пуле теста.
const CONNECTIONS: usize = 4;

#[tokio::test]
async fn a_connection_that_died_while_idle_is_replaced_before_use() {
    let app = TestApp::with_settings(vec![notes::app()], "[database]\ntrusted_idle = 0").await;
    let db = app.ctx.db_handle().write.clone();
    if app.ctx.db_handle().engine != Engine::Sqlite {
        fill(&db).await;
        cut_others(&db, app.ctx.db_handle().engine).await;
        fill(&db).await;
    }
    app.close().await;
}

/// Занимает несколько соединений разом и возвращает их в пул.
async fn fill(db: &DatabaseConnection) {
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        let tx = db.begin().await.expect("a live connection");
        tx.execute_unprepared("SELECT 1").await.expect("a live connection");
        held.push(tx);
    }
    for tx in held {
        tx.rollback().await.expect("rollback");
    }
}

/// Обрывает на стороне сервера все соединения пула, кроме того, которым это делается.
async fn cut_others(db: &DatabaseConnection, engine: Engine) {
    if engine == Engine::Postgres {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        db.execute_unprepared(cut).await.expect("cut");
        return;
    }
    let others = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    let others = sea_orm::Statement::from_string(sea_orm::DbBackend::MySql, others);
    for row in db.query_all_raw(others).await.expect("list") {
        let id: i64 = row.try_get_by_index(0).expect("id");
        // Уже ушедшее — не беда.
        let _ = db.execute_unprepared(&format!("KILL {id}")).await;
    }
}
