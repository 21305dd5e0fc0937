//! Полные выгрузки: пропавшее скрывается, но не удаляется, и только в своём каталоге.

use kernel::Money;

use crate::shop::{import_text, product, shop, variants};
use crate::support::{catalog, package};

fn goods(ids: &[u32]) -> String {
    let one = |id: &u32| {
        format!("<Товар><Ид>{id}</Ид><Артикул>A{id}</Артикул><Наименование>Стол {id}</Наименование></Товар>")
    };
    ids.iter().map(one).collect()
}

fn prices(ids: &[u32]) -> String {
    let one = |id: &u32| {
        format!("<Предложение><Ид>{id}</Ид><Цены><Цена><ЦенаЗаЕдиницу>10</ЦенаЗаЕдиницу></Цена></Цены></Предложение>")
    };
    package(&ids.iter().map(one).collect::<String>())
}

fn full(text: &str) -> String {
    text.replace("<Каталог>", "<Каталог СодержитТолькоИзменения=\"false\">")
        .replace("<ПакетПредложений>", "<ПакетПредложений СодержитТолькоИзменения=\"false\">")
}

#[tokio::test]
async fn what_is_gone_is_hidden_and_what_is_back_is_shown() {
    let app = shop().await;
    import_text(&app, &catalog(&goods(&[1, 2, 3]))).await;
    import_text(&app, &prices(&[1, 2, 3])).await;
    let report = import_text(&app, &full(&catalog(&goods(&[1, 3])))).await;
    assert_eq!(report.tallies.hidden, 1);
    let gone = product(&app.ctx, "A2").await;
    assert_eq!((gone.is_active, gone.is_archived, gone.price), (false, false, Money::rub(10)));
    assert!(product(&app.ctx, "A1").await.is_active);
    let again = import_text(&app, &full(&catalog(&goods(&[1, 3])))).await;
    assert!(again.is_unchanged());
    let back = import_text(&app, &full(&catalog(&goods(&[1, 2, 3])))).await;
    assert_eq!((back.tallies.products.changed, back.tallies.hidden), (1, 0));
    assert!(product(&app.ctx, "A2").await.is_active);
    app.close().await;
}

#[tokio::test]
async fn a_partial_or_foreign_or_empty_export_hides_nothing() {
    let app = shop().await;
    import_text(&app, &catalog(&goods(&[1, 2]))).await;
    import_text(&app, &prices(&[1, 2])).await;
    assert_eq!(import_text(&app, &catalog(&goods(&[1]))).await.tallies.hidden, 0);
    let foreign = full(&catalog(&goods(&[7]))).replace("<Ид>c</Ид>", "<Ид>other</Ид>");
    assert_eq!(import_text(&app, &foreign).await.tallies.hidden, 0);
    let empty = import_text(&app, &full(&catalog(""))).await;
    assert_eq!((empty.tallies.hidden, empty.problems[0].kind.code()), (0, "integrations.empty_full_export"));
    assert!(product(&app.ctx, "A2").await.is_active);
    app.close().await;
}

#[tokio::test]
async fn a_refused_record_is_not_taken_for_a_missing_one() {
    let app = shop().await;
    import_text(&app, &catalog(&goods(&[1, 2]))).await;
    import_text(&app, &prices(&[1, 2])).await;
    let broken = full(&catalog(&(goods(&[1]) + "<Товар><Ид>2</Ид></Товар>")));
    let report = import_text(&app, &broken).await;
    assert_eq!((report.tallies.refused, report.tallies.hidden), (1, 0));
    app.close().await;
}

#[tokio::test]
async fn a_variant_gone_from_the_package_is_hidden() {
    let app = shop().await;
    import_text(&app, &catalog(&goods(&[1]))).await;
    let offer =
        |id: &str| format!("<Предложение><Ид>1#{id}</Ид><Наименование>Стол ({id})</Наименование></Предложение>");
    import_text(&app, &full(&package(&(offer("x") + &offer("y"))))).await;
    let report = import_text(&app, &full(&package(&offer("x")))).await;
    assert_eq!(report.tallies.hidden, 1);
    let titles = async || {
        let all = variants(&app.ctx, &product(&app.ctx, "A1").await).await;
        all.into_iter().filter(|v| v.is_active).map(|v| v.title).collect::<Vec<_>>()
    };
    assert_eq!(titles().await, ["Стол (x)"]);
    import_text(&app, &full(&package(&(offer("x") + &offer("y"))))).await;
    assert_eq!(titles().await, ["Стол (x)", "Стол (y)"]);
    app.close().await;
}

#[tokio::test]
async fn a_deletion_mark_archives_and_its_absence_restores() {
    let app = shop().await;
    import_text(&app, &catalog(&goods(&[1]))).await;
    import_text(&app, &prices(&[1])).await;
    let marked = goods(&[1]).replace("</Товар>", "<ПометкаУдаления>true</ПометкаУдаления></Товар>");
    import_text(&app, &catalog(&marked)).await;
    let table = product(&app.ctx, "A1").await;
    assert_eq!((table.is_active, table.is_archived), (false, true));
    import_text(&app, &catalog(&goods(&[1]))).await;
    let table = product(&app.ctx, "A1").await;
    assert_eq!((table.is_active, table.is_archived), (true, false));
    app.close().await;
}
