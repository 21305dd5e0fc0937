//! Разбитые выгрузки: описание, цены и остатки приходят порознь и не всегда по порядку.

use kernel::Money;

use crate::shop::{import, import_text, on_hand, product, shop, snapshot, variants};
use crate::support::{catalog, fixture, package};

const GOODS: &str = "<Товар><Ид>1</Ид><Артикул>A</Артикул><Наименование>Стол</Наименование></Товар>";
const PRICES: &str = "<Предложение><Ид>1</Ид><Цены><Цена><ИдТипаЦены>r</ИдТипаЦены><ЦенаЗаЕдиницу>50</ЦенаЗаЕдиницу></Цена></Цены></Предложение>";
const RESTS: &str =
    "<Предложение><Ид>1</Ид><Остатки><Остаток><Количество>8</Количество></Остаток></Остатки></Предложение>";

#[tokio::test]
async fn prices_and_rests_wait_for_their_product() {
    let app = shop().await;
    let early = import_text(&app, &package(PRICES)).await;
    assert_eq!((early.tallies.pending, early.tallies.refused), (1, 0));
    assert_eq!(early.problems[0].kind.code(), "integrations.unknown_product");
    import_text(&app, &package(RESTS)).await;
    import_text(&app, &catalog(GOODS)).await;
    let table = product(&app.ctx, "A").await;
    assert_eq!((table.price, table.is_active), (Money::rub(50), true));
    assert_eq!(on_hand(&app.ctx, &variants(&app.ctx, &table).await[0]).await, 8);
    let before = snapshot(&app.ctx).await;
    assert!(import_text(&app, &package(PRICES)).await.is_unchanged());
    assert_eq!(snapshot(&app.ctx).await, before);
    app.close().await;
}

#[tokio::test]
async fn the_price_of_an_unknown_characteristic_waits_for_its_variant() {
    let app = shop().await;
    import_text(&app, &catalog(GOODS)).await;
    let price = PRICES.replace("<Ид>1</Ид>", "<Ид>1#x</Ид>");
    assert_eq!(import_text(&app, &package(&price)).await.tallies.pending, 1);
    assert_eq!(import_text(&app, &package(&price)).await.tallies.pending, 1, "still waiting, and kept once");
    let offer = "<Предложение><Ид>1#x</Ид><Наименование>Стол (Дуб)</Наименование></Предложение>";
    import_text(&app, &package(offer)).await;
    let table = product(&app.ctx, "A").await;
    assert_eq!((table.price, table.is_active), (Money::rub(50), true));
    let shown: Vec<_> = variants(&app.ctx, &table).await.into_iter().filter(|v| v.is_active).collect();
    assert_eq!((shown.len(), shown[0].size.as_deref(), shown[0].title.as_str()), (1, Some("Дуб"), "Стол (Дуб)"));
    app.close().await;
}

#[tokio::test]
async fn order_of_the_files_does_not_matter() {
    let one = shop().await;
    for text in [catalog(GOODS), package(PRICES), package(RESTS)] {
        import_text(&one, &text).await;
    }
    let other = shop().await;
    for text in [package(RESTS), package(PRICES), catalog(GOODS)] {
        import_text(&other, &text).await;
    }
    assert_eq!(snapshot(&one.ctx).await, snapshot(&other.ctx).await);
    one.close().await;
    other.close().await;
}

#[tokio::test]
async fn a_wholesale_split_export_without_goods_waits_whole() {
    let app = shop().await;
    let report = import(&app, &fixture("gillbeits")).await;
    assert_eq!(report.tallies.categories.created, 97);
    assert_eq!((report.tallies.attributes.created, report.tallies.attributes.unchanged), (1908 - 12, 12));
    assert_eq!((report.tallies.products.created, report.tallies.pending), (0, 978 * 3));
    app.close().await;
}

#[tokio::test]
async fn the_retail_price_is_chosen_by_the_name_of_its_kind() {
    let app = shop().await;
    let types = "<ТипыЦен><ТипЦены><Ид>w</Ид><Наименование>Оптовая</Наименование></ТипЦены>\
                 <ТипЦены><Ид>r</Ид><Наименование>розничная</Наименование></ТипЦены>\
                 <ТипЦены><Ид>o</Ид><Наименование>Старая цена</Наименование></ТипЦены></ТипыЦен>";
    import_text(&app, &catalog(GOODS)).await;
    import_text(&app, &package("").replace("<Предложения>", &format!("{types}<Предложения>"))).await;
    let price = |kind: &str, amount: u32| {
        format!("<Цена><ИдТипаЦены>{kind}</ИдТипаЦены><ЦенаЗаЕдиницу>{amount}</ЦенаЗаЕдиницу></Цена>")
    };
    let prices = price("w", 30) + &price("r", 50) + &price("o", 70);
    let offer = format!("<Предложение><Ид>1</Ид><Цены>{prices}</Цены></Предложение>");
    import_text(&app, &package(&offer)).await;
    let table = product(&app.ctx, "A").await;
    assert_eq!((table.price, table.old_price), (Money::rub(50), Some(Money::rub(70))));
    app.close().await;
}

#[tokio::test]
async fn foreign_currency_is_skipped_with_a_warning() {
    let app = shop().await;
    import_text(&app, &catalog(GOODS)).await;
    let offer = PRICES.replace("</ЦенаЗаЕдиницу>", "</ЦенаЗаЕдиницу><Валюта>USD</Валюта>");
    let report = import_text(&app, &package(&offer)).await;
    assert_eq!(report.problems[0].kind.code(), "integrations.unknown_currency");
    assert_eq!(product(&app.ctx, "A").await.price, Money::ZERO);
    app.close().await;
}

#[tokio::test]
async fn fractional_and_negative_stock() {
    let app = shop().await;
    import_text(&app, &catalog(GOODS)).await;
    let report = import_text(&app, &package("<Предложение><Ид>1</Ид><Количество>2.7</Количество></Предложение>")).await;
    assert_eq!(report.problems[0].kind.code(), "integrations.rounded_stock");
    let only = variants(&app.ctx, &product(&app.ctx, "A").await).await.remove(0);
    assert_eq!(on_hand(&app.ctx, &only).await, 2);
    import_text(&app, &package("<Предложение><Ид>1</Ид><Количество>-3</Количество></Предложение>")).await;
    assert_eq!(on_hand(&app.ctx, &only).await, -3);
    app.close().await;
}

#[tokio::test]
async fn one_article_for_several_products_does_not_lose_any() {
    let app = shop().await;
    let report = import_text(
        &app,
        &catalog(
            "<Товар><Ид>1</Ид><Артикул>A</Артикул><Наименование>Стол (дуб)</Наименование></Товар>\
             <Товар><Ид>2</Ид><Артикул>A</Артикул><Наименование>Стол (бук)</Наименование></Товар>\
             <Товар><Ид>3</Ид><Наименование>Стол без артикула</Наименование></Товар>",
        ),
    )
    .await;
    assert_eq!((report.tallies.products.created, report.tallies.refused), (3, 0));
    assert_eq!(product(&app.ctx, "A").await.name, "Стол (дуб)");
    assert_eq!(product(&app.ctx, "A (2)").await.name, "Стол (бук)");
    assert_eq!(product(&app.ctx, "3").await.name, "Стол без артикула");
    app.close().await;
}

#[tokio::test]
async fn variants_that_differ_only_by_id_are_all_kept() {
    let app = shop().await;
    import_text(&app, &catalog(GOODS)).await;
    let offer = |id: &str| format!("<Предложение><Ид>1#{id}</Ид><Наименование>Стол</Наименование></Предложение>");
    let report = import_text(&app, &package(&(offer("x") + &offer("y")))).await;
    assert_eq!(report.tallies.variants.created, 2);
    let all = variants(&app.ctx, &product(&app.ctx, "A").await).await;
    assert_eq!(all.iter().filter(|v| v.is_active).count(), 2);
    app.close().await;
}
