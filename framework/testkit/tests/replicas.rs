//! Реплики для чтения. Реплика здесь — своя пустая база, отставшая навсегда: всё прочитанное с неё видно сразу.

use kernel::app::Platform;
use kernel::data::{Db, Engine};
use kernel::settings::DatabaseSettings;
use megashop_testkit::{Proxy, TestApp, TestDatabase, engine};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use url::Url;

use crate::notes;

/// По этому адресу не отвечает никто.
fn gone() -> &'static str {
    match engine() {
        Engine::MariaDb => "mysql://root@127.0.0.1:1/gone",
        _ => "postgres://postgres@127.0.0.1:1/gone",
    }
}

#[tokio::test]
async fn sqlite_has_no_replicas() {
    let settings = DatabaseSettings { replica_urls: vec!["sqlite::memory:".to_owned()], ..Default::default() };
    let refused = Db::connect("sqlite::memory:", &settings).await.expect_err("refused");
    assert_eq!(refused.to_string(), "database.replica_urls: SQLite has no replicas");
}

#[tokio::test]
async fn a_lagging_or_dead_replica_hides_nobodys_own_changes() {
    if engine() == Engine::Sqlite {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let migrator = Platform::migrator_of(&[notes::app()]);
    let replica = TestDatabase::create(&migrator, folder.path()).await.expect("replica");
    let mut url = Url::parse(&replica.url).expect("address");
    let wire = Proxy::start(url.port().expect("port")).await;
    url.set_port(Some(wire.port())).expect("port");
    let toml = format!("[database]\nreplica_urls = [\"{}\", \"{url}\"]\n[cache]\nttl_ms = 600000", gone());
    let app = TestApp::with_settings(vec![notes::app()], &toml).await;
    assert_eq!(app.ctx.settings().kernel.cache.ttl_ms, 1000);
    let seen = async |client: &megashop_testkit::Client| client.get("/api/v1/notes/").await.json()["total"].clone();
    // Сервер, занятый соседними тестами, вправе ответить не с первого раза.
    let until_answers = async || {
        for _ in 0..20 {
            app.ctx.db_handle().check_replicas().await;
            if seen(&app.anon()).await == 0 {
                return;
            }
        }
        panic!("a live replica is not read");
    };
    let note = json!({"title": "своя", "price": 1});
    app.anon().post("/api/v1/notes/plain", note).await.expect(201);

    // Никто ещё не спросил, живы ли реплики, — читают с главного.
    assert_eq!(seen(&app.anon()).await, 1);
    until_answers().await;
    for _ in 0..4 {
        assert_eq!(seen(&app.anon()).await, 0, "a stranger reads from the live replica, never from the dead one");
    }
    for (name, value) in [("x-cart-token", "a"), ("cookie", "megashop_session=a")] {
        assert_eq!(seen(&app.anon().header(name, value)).await, 1, "{name}");
    }
    let reports = notes::note::Entity::find().count(app.ctx.db_reports()).await.expect("reports");
    let own = notes::note::Entity::find().count(app.ctx.db()).await.expect("own");
    assert_eq!((reports, own), (0, 1), "jobs and commands read what is written");

    wire.swallow();
    app.ctx.db_handle().check_replicas().await;
    assert_eq!(seen(&app.anon()).await, 1, "a replica that fell silent is not asked");
    // Оборвать и то соединение, чей ответ пропал: оно ждало бы его вечно.
    wire.cut();
    app.ctx.db_handle().check_replicas().await;
    wire.pass();
    until_answers().await;
    app.close().await;
    replica.remove().await;
}
