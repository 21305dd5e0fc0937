//! Загрузка файла: прислать, проба, загрузить, журнал; враждебное и повторы.

use std::io::Write;

use catalog::models::product;
use integrations::permissions::VIEW_IMPORT;
use sea_orm::{EntityTrait, PaginatorTrait};
use testkit::{Answer, TestApp};

use crate::shop::*;

const ADD: &str = "/admin/integrations/file/add";
const TABLE: &str = "article,name,price,stock\nA-1,Стол,1000,5\nA-2,Стул,500,7\nA-3,,нет,1\n";

async fn upload(me: &Staff, name: &str, bytes: &[u8]) -> Answer {
    let page = me.get(ADD).await.expect(200).text();
    let fields = [("_csrf", hidden(&page, "_csrf")), ("_key", hidden(&page, "_key"))];
    me.upload(ADD, &fields, ("file", name, bytes)).await
}

async fn count(app: &TestApp) -> u64 {
    product::Entity::find().count(app.ctx.db_fresh()).await.expect("count")
}

/// Кто прислал — по имени, а не `user:1`: в карточке, в истории, в журнале и его выгрузке. Саму загрузку ведёт программа.
#[tokio::test]
async fn people_are_named_not_numbered() {
    let app = open().await;
    let me = administrator(&app).await;
    let url = location(&upload(&me, "прайс.csv", TABLE.as_bytes()).await.expect(303));
    jobs(&app).await;
    me.done(&format!("{url}/apply"), &[]).await;
    jobs(&app).await;
    let history = format!("{url}/history");
    let log = "/admin/admin/log";
    hides(&me.get("/admin/integrations/import/2").await.expect(200), "user:");
    for path in [&url, &history, log, &format!("{log}/1"), &format!("{log}/export")] {
        let page = me.get(path).await.expect(200);
        shows(&page, "Иванова Анна");
        hides(&page, "user:");
    }
    close(app).await;
}

async fn jobs(app: &TestApp) {
    while app.run_jobs().await > 0 {}
}

#[tokio::test]
async fn upload_look_at_the_trial_and_import() {
    let app = open().await;
    let me = administrator(&app).await;
    let sent = upload(&me, "../прайс.csv", TABLE.as_bytes()).await.expect(303);
    let url = location(&sent);
    let waiting = me.get(&url).await.expect(200);
    shows(&waiting, "проверяется");
    assert_eq!(waiting.header("refresh"), Some("2"));
    me.fill(&format!("{url}/apply"), &[]).await.expect(409);
    jobs(&app).await;

    let trial = me.get(&url).await.expect(200);
    assert!(trial.header("refresh").is_none());
    for words in ["прайс.csv", "проверен, можно загружать", "Проба № 1", "отказов 1", "прайс.csv:4"]
    {
        shows(&trial, words);
    }
    assert_eq!(count(&app).await, 0, "a trial writes no goods");

    // Два нажатия одной и той же формы — одна загрузка.
    let form = me.get(&format!("{url}/apply")).await.expect(200).text();
    me.submit(&format!("{url}/apply"), &form, &[]).await.expect(303);
    me.submit(&format!("{url}/apply"), &form, &[]).await.expect(303);
    me.fill(&format!("{url}/apply"), &[]).await.expect(409);
    jobs(&app).await;
    shows(&me.get(&url).await.expect(200), "загружен");
    assert_eq!(count(&app).await, 2);
    let runs = me.get("/admin/integrations/import").await.expect(200);
    shows(&runs, "Загрузка № 2");
    hides(&runs, "Загрузка № 3");

    let rows = me.get("/admin/integrations/row?run=2&outcome=refused").await.expect(200);
    shows(&rows, "прайс.csv:4");
    hides(&rows, "A-1");
    let journal = me.get("/admin/integrations/row/export?run=2").await.expect(200);
    for words in ["A-1", "A-2", "прайс.csv:4", "отказ"] {
        shows(&journal, words);
    }
    // Выгрузка учётной системы людям не раздаётся.
    let key = integrations::models::import_file::Entity::find().one(app.ctx.db_fresh()).await.expect("read");
    app.anon().get(&format!("/api/v1/media/{}", key.expect("file").storage_key)).await.expect(404);
    close(app).await;
}

#[tokio::test]
async fn hostile_files_are_refused_in_words() {
    let app = open().await;
    let me = administrator(&app).await;
    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    bomb.start_file("import.xml", zip::write::SimpleFileOptions::default()).expect("entry");
    bomb.write_all(&vec![b' '; 20 << 20]).expect("write");
    let bomb = bomb.finish().expect("zip").into_inner();
    let utf16 = [&[0xff, 0xfe][..], &[0x00, 0xd8, 0x41, 0x00]].concat();
    for (name, bytes, words) in [
        ("фото.png", &b"\x89PNG\r\n\x1a\n\0\0\0\0"[..], "Формат не узнан"),
        ("bomb.zip", &bomb[..], "слишком разрастается при распаковке"),
        ("битый.csv", &utf16[..], "кодировке"),
        ("doctype.xml", &b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"[..], "DOCTYPE запрещён"),
    ] {
        let refused = upload(&me, name, bytes).await;
        assert!((400..500).contains(&refused.status), "{name}: {}", refused.status);
        shows(&refused, words);
    }
    shows(&me.get("/admin/integrations/file").await.expect(200), "Пока ничего нет");

    // Обрыв виден только при полном чтении: его находит проба.
    let cut = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><КоммерческаяИнформация><Каталог><Ид>c</Ид><Товары><Товар>";
    let url = location(&upload(&me, "cut.xml", cut.as_bytes()).await.expect(303));
    jobs(&app).await;
    let page = me.get(&url).await.expect(200);
    shows(&page, "не принят");
    shows(&page, "обрывается на середине");
    me.fill(&format!("{url}/apply"), &[]).await.expect(409);
    close(app).await;
}

#[tokio::test]
async fn looking_is_not_importing() {
    let app = open().await;
    let clerk = staff(&app, &[admin::permissions::ENTER, VIEW_IMPORT]).await;
    clerk.get("/admin/integrations/file").await.expect(200);
    clerk.get(ADD).await.expect(403);
    clerk.upload(ADD, &[], ("file", "a.csv", TABLE.as_bytes())).await.expect(403);
    close(app).await;
}

/// Процесс умер посреди загрузки: задача осталась, её запуск закрыт, новый доделывает.
#[tokio::test]
async fn an_interrupted_import_is_done_again() {
    use integrations::models::import_run;
    use sea_orm::ActiveModelTrait;
    let app = open().await;
    let me = administrator(&app).await;
    let url = location(&upload(&me, "прайс.csv", TABLE.as_bytes()).await.expect(303));
    jobs(&app).await;
    me.fill(&format!("{url}/apply"), &[]).await.expect(303);
    let trial = import_run::Entity::find().one(app.ctx.db_fresh()).await.expect("read").expect("a trial");
    let mut dead = import_run::ActiveModel::from(trial);
    dead.id = sea_orm::NotSet;
    dead.is_trial = sea_orm::Set(false);
    dead.status = sea_orm::Set(import_run::RunStatus::Running);
    dead.finished_at = sea_orm::Set(None);
    let dead = dead.insert(&app.ctx.db_handle().write).await.expect("insert");
    jobs(&app).await;
    shows(&me.get(&url).await.expect(200), "загружен");
    shows(&me.get(&format!("/admin/integrations/import/{}", dead.id)).await.expect(200), "integrations.interrupted");
    assert_eq!(count(&app).await, 2);
    close(app).await;
}
