//! Списки: листание по ключу, сортировка, поиск, отбор, выгрузка, число запросов.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use catalog::factories::product;
use kernel::app::{Overrides, Platform};
use kernel::clock::Clock;
use kernel::data::Db;
use kernel::settings::{DatabaseSettings, Sources};
use testkit::{Answer, TestApp};

use crate::shop::*;

const LIST: &str = "/admin/catalog/product";

async fn stocked(count: usize) -> TestApp {
    let app = open().await;
    for n in 0..count {
        let article = format!("АРТ-{:03}", (n * 37) % 1000);
        product(&app.ctx).with(move |p| p.article = article.clone()).create().await;
    }
    app
}

fn articles(page: &Answer) -> Vec<String> {
    let text = text(page);
    let found = text.split("АРТ-").skip(1).map(|rest| rest.chars().take(3).collect::<String>());
    let mut seen = BTreeSet::new();
    found.filter(|article| seen.insert(article.clone())).collect()
}

#[tokio::test]
async fn pages_go_forth_and_back_without_loss() {
    let app = stocked(25).await;
    let me = administrator(&app).await;
    for sort in ["", "?sort=article", "?sort=-article"] {
        let first = me.get(&format!("{LIST}{sort}")).await.expect(200);
        let second = me.get(&link(LIST, &first, "next").expect("second")).await.expect(200);
        let third = me.get(&link(LIST, &second, "next").expect("third")).await.expect(200);
        assert!(link(LIST, &first, "prev").is_none() && link(LIST, &third, "next").is_none());
        let all: Vec<String> = [&first, &second, &third].into_iter().flat_map(articles).collect();
        assert_eq!(all.len(), 25);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 25, "{sort}: every row once");
        if sort == "?sort=article" {
            assert!(all.is_sorted());
        }
        let back = me.get(&link(LIST, &third, "prev").expect("back")).await.expect(200);
        assert_eq!(articles(&back), articles(&second), "{sort}: the way back");
        let start = me.get(&link(LIST, &back, "prev").expect("start")).await.expect(200);
        assert_eq!(articles(&start), articles(&first));
    }
    close(app).await;
}

#[tokio::test]
async fn search_filters_and_export_agree() {
    let app = stocked(12).await;
    let me = administrator(&app).await;
    let found = me.get(&format!("{LIST}?q=арт-037")).await.expect(200);
    assert_eq!(articles(&found), ["037"]);
    shows(&me.get("/admin/search?q=арт-037").await.expect(200), "АРТ-037");
    assert_eq!(me.get(&format!("{LIST}/pick?q=арт-037")).await.expect(200).json().as_array().map(Vec::len), Some(1));
    shows(&me.get(&format!("{LIST}?q=%25")).await.expect(200), "Ничего не нашлось");
    assert_eq!(articles(&me.get(&format!("{LIST}?is_active=0")).await.expect(200)), [""; 0]);
    shows(&me.get(&format!("{LIST}?price_from=много&sort=нет&at=")).await.expect(200), "АРТ-");
    me.get(&format!("{LIST}?at=%21")).await.expect(422);
    let file = me.get(&format!("{LIST}/export?sort=article")).await.expect(200);
    let lines = articles(&file);
    assert_eq!(lines.len(), 12);
    assert!(lines.is_sorted());
    close(app).await;
}

/// Книга: деньги и даты — своими типами, чужой текст — строкой, а не формулой.
#[tokio::test]
async fn a_workbook_has_typed_cells_and_no_formulas() {
    let app = open().await;
    let me = administrator(&app).await;
    let evil = "=1+1";
    product(&app.ctx)
        .with(move |p| {
            p.name = evil.to_owned();
            p.price = kernel::Money::minor(123_450);
        })
        .create()
        .await;
    let file = me.get(&format!("{LIST}/xlsx")).await.expect(200);
    assert!(file.header("content-disposition").is_some_and(|name| name.ends_with(".xlsx\"")));
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(file.body.to_vec())).expect("a workbook");
    let mut part = |name: &str| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut book.by_name(name).expect(name), &mut text).expect("text");
        text
    };
    let sheet = part("xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<v>1234.5</v>"), "{sheet}");
    assert!(!sheet.contains("<f>"), "{sheet}");
    assert!(sheet.contains(evil), "{sheet}");
    close(app).await;
}

#[tokio::test]
async fn english_people_read_english() {
    let app = stocked(1).await;
    let me = administrator(&app).await.in_english();
    let page = me.get(LIST).await.expect(200);
    for words in ["Products", "Article", "From", "Show"] {
        assert!(text(&page).to_lowercase().contains(&words.to_lowercase()), "{words}");
    }
    hides(&page, "Товары");
    close(app).await;
}

/// Список стоит двух запросов, сколько бы строк в нём ни было; запросы входа не в счёт.
#[tokio::test]
async fn a_list_is_two_queries() {
    let folder = tempfile::tempdir().expect("folder");
    let sources = Sources { file: None, preset: None, flags: Vec::new(), environment: false };
    let settings = Platform::settings(&apps(), &sources).expect("settings");
    let url = format!("sqlite:{}", folder.path().join("count.sqlite3").display());
    let mut db = Db::connect(&url, &DatabaseSettings::default()).await.expect("connect");
    Platform::migrator_of(&apps()).run(&db, &Clock::default()).await.expect("migrate");
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    db.observe(move |sql| {
        if sql.trim_start().starts_with("SELECT") {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let overrides = Overrides { random_seed: Some(1) };
    let platform = Platform::assemble(apps(), settings, db, vec![7; 32], overrides).expect("assemble");
    let client = testkit::Client::new(platform.mount(&[]).router).header("accept", "text/html");
    let token = accounts::factories::admin(&platform.ctx).await.token;
    let me = client.header("cookie", &format!("admin_session={token}"));
    for _ in 0..30 {
        product(&platform.ctx).create().await;
    }
    for path in [LIST, "/admin/orders/order", "/admin/accounts/user", "/admin/promos/promo_code", "/admin/admin/job"] {
        me.get(path).await.expect(200);
        count.store(0, Ordering::Relaxed);
        me.get(path).await.expect(200);
        assert_eq!(count.load(Ordering::Relaxed), 2, "{path}");
    }
}
