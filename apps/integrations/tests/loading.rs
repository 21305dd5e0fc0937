//! Загрузка в каталог: новое, изменившееся, прежнее, отвергнутое.

use catalog::models::product;
use catalog::models::stock_movement::MovementKind;
use catalog::schemas::ProductIn;
use catalog::services::stock::{StockChange, adjust};
use integrations::formats::Format;
use integrations::models::import_row::Outcome;
use integrations::models::import_run::RunStatus;
use integrations::services::{Report, Tally};
use kernel::{Actor, Lang, Money, Work};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait, Set};

use crate::shop::{
    assert_same, count_runs, dry_run, file, import, import_text, movements, on_hand, product, rows, run, shop,
    snapshot, try_import, variants,
};
use crate::support::fixture;

const TABLE: &str = "article,name,category,brand,price,old_price,stock,images,weight,vat\n\
    A,Стол,Мебель / Столы,Завод,1500.50,2000,7,https://x.test/a.jpg|import_files/b.jpg,12.5,20\n\
    B,Стул,Мебель / Стулья,Завод,99,,0,,,\n";

fn tally(created: u64, changed: u64, unchanged: u64) -> Tally {
    Tally { created, changed, unchanged }
}

#[tokio::test]
async fn a_table_becomes_products() {
    let app = shop().await;
    let report = import_text(&app, TABLE).await;
    assert_eq!(report.documents[0].format, Format::Csv);
    let t = &report.tallies;
    assert_eq!((t.categories, t.products), (tally(3, 0, 0), tally(2, 0, 0)));
    assert_eq!((t.variants, t.prices, t.stocks), (tally(2, 0, 0), tally(2, 0, 0), tally(2, 0, 0)));

    let table = product(&app.ctx, "A").await;
    assert_eq!((table.name.as_str(), table.slug.as_str()), ("Стол", "stol"));
    assert_eq!((table.price, table.old_price), (Money::minor(1500_50), Some(Money::rub(2000))));
    assert_eq!((table.weight, table.vat_rate, table.is_active), (Some(12_500), Some(20), true));
    assert!(table.category_id.is_some() && table.brand_id.is_some());
    let only = variants(&app.ctx, &table).await;
    assert_eq!((only.len(), only[0].is_active, only[0].price), (1, true, None));
    assert_eq!(on_hand(&app.ctx, &only[0]).await, 7);
    let lines = snapshot(&app.ctx).await;
    let media: Vec<_> = lines.iter().filter(|line| line.starts_with("media")).collect();
    assert_eq!(media, ["media A 0 https://x.test/a.jpg"], "a path inside the export is not an address");
    app.close().await;
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let app = shop().await;
    for path in ["readyscript-sample", "carono", "dobromyslov", "gillbeits", "argentcrusade"] {
        import(&app, &fixture(path)).await;
        let before = (snapshot(&app.ctx).await, movements(&app.ctx).await);
        let again = import(&app, &fixture(path)).await;
        let total = again.tallies.total();
        assert_eq!((total.created, total.changed, again.tallies.hidden), (0, 0, 0), "{path}");
        assert!(again.is_unchanged());
        assert_same(&snapshot(&app.ctx).await, &before.0);
        assert_eq!(movements(&app.ctx).await, before.1);
        assert!(
            rows(&app.ctx, again.run_id)
                .await
                .iter()
                .all(|row| row.outcome != Outcome::Created && row.outcome != Outcome::Changed)
        );
    }
    app.close().await;
}

#[tokio::test]
async fn a_second_run_of_a_table_changes_nothing() {
    let app = shop().await;
    import_text(&app, TABLE).await;
    let before = snapshot(&app.ctx).await;
    let again = import_text(&app, TABLE).await;
    assert_eq!(again.tallies.products, tally(0, 0, 2));
    assert_eq!((again.tallies.prices, again.tallies.stocks), (tally(0, 0, 2), tally(0, 0, 2)));
    assert!(again.is_unchanged());
    assert_eq!(snapshot(&app.ctx).await, before);
    app.close().await;
}

#[tokio::test]
async fn a_dry_run_counts_the_same_and_writes_nothing() {
    let app = shop().await;
    for path in ["readyscript-sample", "carono", "dobromyslov", "gillbeits"] {
        let before = snapshot(&app.ctx).await;
        let runs = count_runs(&app.ctx).await;
        let rehearsal = dry_run(&app, &fixture(path)).await;
        assert!(rehearsal.dry_run && rehearsal.run_id.is_none());
        assert!(snapshot(&app.ctx).await == before, "{path}");
        assert_eq!(count_runs(&app.ctx).await, runs);
        let real = import(&app, &fixture(path)).await;
        assert_eq!(rehearsal.tallies, real.tallies, "{path}");
        assert_eq!((rehearsal.counts, rehearsal.problems), (real.counts, real.problems), "{path}");
    }
    app.close().await;
}

#[tokio::test]
async fn only_what_changed_is_written() {
    let app = shop().await;
    import_text(&app, TABLE).await;
    let changed = TABLE
        .replace("Стол,", "Стол обеденный,")
        .replace("B,Стул,Мебель / Стулья,Завод,99,,0", "B,Стул,Мебель / Стулья,Завод,120,,5");
    let report = import_text(&app, &changed).await;
    assert_eq!(report.tallies.products, tally(0, 1, 1));
    assert_eq!((report.tallies.prices, report.tallies.stocks), (tally(0, 1, 1), tally(0, 1, 1)));
    let table = product(&app.ctx, "A").await;
    assert_eq!(
        (table.name.as_str(), table.name_key.as_str(), table.slug.as_str()),
        ("Стол обеденный", "стол обеденный", "stol")
    );
    let chair = product(&app.ctx, "B").await;
    assert_eq!(chair.price, Money::rub(120));
    let written = rows(&app.ctx, report.run_id).await;
    let written: Vec<_> =
        written.iter().map(|row| (row.entity.as_str(), row.external_id.as_str(), row.outcome)).collect();
    assert_eq!(
        written,
        [
            ("product", "A", Outcome::Changed),
            ("variant", "A", Outcome::Changed),
            ("price", "B", Outcome::Changed),
            ("stock", "B", Outcome::Changed)
        ]
        .into_iter()
        .filter(|row| row.0 != "variant")
        .collect::<Vec<_>>()
    );
    app.close().await;
}

#[tokio::test]
async fn stock_goes_through_the_ledger_and_sales_survive_the_same_file() {
    let app = shop().await;
    let first = import_text(&app, TABLE).await;
    let table = product(&app.ctx, "A").await;
    let only = variants(&app.ctx, &table).await.remove(0);
    let ledger = movements(&app.ctx).await;
    let reason = format!("import #{}", first.run_id.unwrap());
    assert_eq!(ledger.len(), 1, "an empty stock leaves no row");
    assert_eq!(
        (ledger[0].kind, ledger[0].on_hand_delta, ledger[0].reason.as_str()),
        (MovementKind::Adjust, 7, reason.as_str())
    );
    assert_eq!(ledger[0].actor, "system:import");

    let item = only.inventory_item_id;
    let sale = async move |work: &mut Work| adjust(work, item, StockChange::By(-2), MovementKind::Adjust, "бой").await;
    app.ctx.atomic(&Actor::System("test"), sale).await.unwrap();
    import_text(&app, TABLE).await;
    assert_eq!(on_hand(&app.ctx, &only).await, 5, "the source still says 7, and that is no news");
    import_text(&app, &TABLE.replace(",2000,7,", ",2000,6,")).await;
    assert_eq!(on_hand(&app.ctx, &only).await, 6);
    app.close().await;
}

#[tokio::test]
async fn sizes_become_variants_and_the_lowest_price_is_the_products() {
    let app = shop().await;
    let table =
        "article,name,size,color,price,stock\nT,Майка,M,Белый,500,3\nT,Майка,L,Белый,450,4\nT,Майка,XL,Белый,500,\n";
    let report = import_text(&app, table).await;
    assert_eq!((report.tallies.products, report.tallies.variants), (tally(1, 0, 0), tally(3, 0, 0)));
    let shirt = product(&app.ctx, "T").await;
    assert_eq!((shirt.price, shirt.is_active), (Money::rub(450), true));
    let all = variants(&app.ctx, &shirt).await;
    let shown: Vec<_> =
        all.iter().filter(|v| v.is_active).map(|v| (v.size.as_deref(), v.title.as_str(), v.price)).collect();
    assert_eq!(
        shown,
        [
            (Some("M"), "M / Белый", Some(Money::rub(500))),
            (Some("L"), "L / Белый", None),
            (Some("XL"), "XL / Белый", Some(Money::rub(500))),
        ]
    );
    assert_eq!(all.len(), 3, "goods of sizes have no variant without a size");

    import_text(&app, &table.replace("450", "600")).await;
    let shirt = product(&app.ctx, "T").await;
    let all = variants(&app.ctx, &shirt).await;
    let prices: Vec<_> = all.iter().filter(|v| v.is_active).map(|v| v.price_at(shirt.price)).collect();
    assert_eq!((shirt.price, prices), (Money::rub(500), [500, 600, 500].map(Money::rub).to_vec()));
    app.close().await;
}

#[tokio::test]
async fn bad_rows_are_refused_and_remembered() {
    let app = shop().await;
    let long = "я".repeat(256);
    let report =
        import_text(&app, &format!("article,name,price\nA,Стол,дорого\nB,Стул,5\nB,Стул,6\nC,{long},1\nD,,1\n")).await;
    assert_eq!((report.tallies.products.created, report.tallies.refused), (1, 4), "{:#?}", report.tallies);
    assert_eq!(report.tallies.pending, 0, "a variant of a refused row waits for nothing");
    let codes: Vec<_> = report.problems.iter().map(|p| (p.line, p.kind.code())).collect();
    for expected in [
        (2, "integrations.bad_number"),
        (4, "integrations.duplicate_row"),
        (5, "integrations.too_long"),
        (6, "integrations.missing_field"),
    ] {
        assert!(codes.contains(&expected), "{expected:?} in {codes:?}");
    }
    let stored = rows(&app.ctx, report.run_id).await;
    let refused: Vec<_> = stored.iter().filter(|row| row.outcome == Outcome::Refused).collect();
    assert_eq!(refused.len(), 4);
    assert_eq!(refused[0].detail, "{\"field\":\"price\",\"value\":\"дорого\"}");
    let said = Report::describe(&app.ctx, Lang::Ru, &report.problems[0]);
    assert_eq!(said, "import.txt:2 (A): price: «дорого» — не число или вне пределов.");
    let run = run(&app.ctx, &report).await;
    assert_eq!((run.status, run.created_count, run.refused_count), (RunStatus::Done, 3, 4));
    app.close().await;
}

#[tokio::test]
async fn a_product_made_by_hand_is_found_by_its_article() {
    let app = shop().await;
    let input =
        ProductIn {
            name: "Стол ручной".into(), article: "a".into(), price: Money::rub(10), ..Default::default()
        };
    let make = async move |work: &mut Work| catalog::services::create_product(work, input.clone()).await;
    let made = app.ctx.atomic(&Actor::System("test"), make).await.unwrap();
    let report = import_text(&app, "article,name,price,stock\nA,Стол,20,5\n").await;
    assert_eq!((report.tallies.products, report.tallies.refused), (tally(0, 1, 0), 0));
    let found = product(&app.ctx, "a").await;
    assert_eq!((found.id, found.name.as_str(), found.price), (made.id, "Стол", Money::rub(20)));
    let only = variants(&app.ctx, &found).await;
    assert_eq!((only.len(), on_hand(&app.ctx, &only[0]).await), (1, 5));
    app.close().await;
}

#[tokio::test]
async fn what_a_person_hid_stays_hidden() {
    let app = shop().await;
    import_text(&app, TABLE).await;
    let mut table = product(&app.ctx, "A").await.into_active_model();
    table.is_active = Set(false);
    table.update(&app.ctx.db_handle().write).await.unwrap();
    import_text(&app, &TABLE.replace("1500.50", "1400")).await;
    let table = product(&app.ctx, "A").await;
    assert_eq!((table.price, table.is_active), (Money::rub(1400), false));
    app.close().await;
}

#[tokio::test]
async fn is_active_of_a_table_hides_and_shows() {
    let app = shop().await;
    let table = |state: &str| format!("article,name,price,is_active\nA,Стол,10,{state}\n");
    import_text(&app, &table("нет")).await;
    assert!(!product(&app.ctx, "A").await.is_active);
    import_text(&app, &table("да")).await;
    assert!(product(&app.ctx, "A").await.is_active);
    import_text(&app, &table("нет")).await;
    assert!(!product(&app.ctx, "A").await.is_active);
    app.close().await;
}

#[tokio::test]
async fn a_row_without_price_is_kept_out_of_the_shelf() {
    let app = shop().await;
    import_text(&app, "article,name\nA,Стол\n").await;
    let table = product(&app.ctx, "A").await;
    assert_eq!((table.price, table.is_active), (Money::ZERO, false));
    import_text(&app, "article,price\nA,5\n").await;
    let table = product(&app.ctx, "A").await;
    assert_eq!((table.name.as_str(), table.price, table.is_active), ("Стол", Money::rub(5), true));
    app.close().await;
}

#[tokio::test]
async fn a_broken_file_writes_nothing() {
    let app = shop().await;
    let path = file(
        &app,
        "cut.xml",
        &crate::support::catalog(&"<Товар><Ид>1</Ид><Наименование>Стол</Наименование></Товар>".repeat(3000)),
    );
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    let refusal = try_import(&app, &path).await.unwrap_err();
    assert_eq!(refusal.code, "integrations.truncated");
    assert_eq!(refusal.args["file"], "cut.xml");
    let left = product::Entity::find().count(app.ctx.db_fresh()).await.unwrap();
    assert_eq!((left, count_runs(&app.ctx).await), (0, 0));
    app.close().await;
}

#[tokio::test]
async fn a_real_1c_export_is_loaded() {
    let app = shop().await;
    let report = import(&app, &fixture("readyscript-sample")).await;
    assert_eq!((report.tallies.categories, report.tallies.attributes), (tally(4, 0, 0), tally(7, 0, 0)));
    let dress = product(&app.ctx, "П2").await;
    assert_eq!((dress.name.as_str(), dress.price, dress.is_active), ("Платье 2", Money::rub(12_356), true));
    let all = variants(&app.ctx, &dress).await;
    let shown: Vec<_> = all.iter().filter(|v| v.is_active).collect();
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].size.as_deref(), shown[0].options.as_str()), (Some("39"), "{\"Цвет\":\"Красный\"}"));
    assert_eq!(on_hand(&app.ctx, shown[0]).await, 9);
    let lines = snapshot(&app.ctx).await;
    assert!(lines.contains(&"value П2 gsfr None".to_owned()), "{lines:#?}");

    let report = import(&app, &fixture("dobromyslov/import0_1.xml")).await;
    assert_eq!(report.tallies.products, tally(35, 0, 1), "the deleted one is not made");
    let report = import(&app, &fixture("dobromyslov/offers0_1.xml")).await;
    assert_eq!(report.tallies.prices.created + report.tallies.pending, 44);
    app.close().await;
}

#[tokio::test]
async fn models_and_tables_agree_and_texts_come_in_pairs() {
    let app = shop().await;
    app.assert_no_drift().await;
    let unpaired = app.ctx.texts().unpaired();
    assert!(unpaired.iter().all(|key| !key.contains("integrations")), "{unpaired:?}");
    app.close().await;
}
