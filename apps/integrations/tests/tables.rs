//! CSV и JSONL: заголовок, кодировки, варианты, отказы по строкам.

use integrations::formats::{
    Format, GroupRef, Limits, OptionValue, PRICE_OLD, PRICE_RETAIL, ProblemKind, Vat, Visibility, find,
};

use crate::support::{failure, read_bytes, read_text, windows_1251};

#[test]
fn every_column_in_english() {
    let read = read_text(
        "article,name,description,category,brand,price,old_price,stock,barcode,images,weight,vat,is_active\n\
         A-1,Стол,\"Дуб, 2 м\",Мебель / Столы,Завод,1500.50,2000,7,460,a.jpg|b.jpg,12.5,20%,нет\n",
    );
    let product = read.products()[0];
    assert_eq!((product.id.as_str(), product.article.as_deref()), ("A-1", Some("A-1")));
    assert_eq!((product.name.as_deref(), product.description.as_deref()), (Some("Стол"), Some("Дуб, 2 м")));
    assert_eq!(product.groups, [GroupRef::Path(vec!["Мебель".into(), "Столы".into()])]);
    assert_eq!((product.brand.as_deref(), product.weight), (Some("Завод"), Some(12_500)));
    assert_eq!((product.vat, product.visibility), (Some(Vat::Percent(20)), Some(Visibility::Hidden)));
    assert_eq!(product.images.iter().map(|i| i.path.as_str()).collect::<Vec<_>>(), ["a.jpg", "b.jpg"]);
    let offer = read.offers()[0];
    let prices: Vec<_> = offer.prices.iter().map(|p| (p.type_id.as_str(), p.amount)).collect();
    assert_eq!(prices, [(PRICE_RETAIL, 1500_50), (PRICE_OLD, 2000_00)]);
    assert_eq!((offer.id.as_str(), offer.barcode.as_deref()), ("A-1", Some("460")));
    assert_eq!(offer.stock.as_ref().unwrap().total, 7_000);
    assert_eq!((read.counts.rows, read.counts.pictures), (1, 2));
}

#[test]
fn russian_header_semicolons_and_windows_1251() {
    let text = "Артикул;Наименование;Цена;Остаток;НДС\r\nА1;Стол;1 500,50;3;Без НДС\r\n";
    let read = read_bytes(&windows_1251(text)).unwrap();
    assert_eq!(read.products()[0].name.as_deref(), Some("Стол"));
    assert_eq!(read.products()[0].vat, Some(Vat::Exempt));
    assert_eq!(read.offers()[0].prices[0].amount, 1500_50);
    assert_eq!(read.problems(), Vec::<&_>::new());
}

#[test]
fn tabs_and_a_byte_order_mark() {
    let read = read_text("\u{FEFF}sku\tname\tprice\nA\tСтол, дуб\t5\n");
    assert_eq!(read.products()[0].name.as_deref(), Some("Стол, дуб"));
}

#[test]
fn rows_of_one_article_are_variants() {
    let read = read_text("article,name,size,color,price\nA,Майка,M,Белый,10\nA,Майка,L,Белый,11\n");
    assert!(read.products().iter().all(|p| p.id == "A" && p.is_part));
    let ids: Vec<_> = read.offers().iter().map(|o| o.id.clone()).collect();
    assert_eq!(ids, ["A#m/белый", "A#l/белый"]);
    let option = |name: &str, value: &str| OptionValue { name: name.into(), value: value.into() };
    assert_eq!(read.offers()[1].options, [option("Размер", "L"), option("Цвет", "Белый")]);
}

#[test]
fn rows_of_one_parent_are_variants_with_their_own_articles() {
    let read = read_text("article,parent_article,name,size,stock\nP,,Майка,,\nP-M,P,Майка,M,1\nP-L,P,Майка,L,2\n");
    assert_eq!(read.products().iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["P", "P", "P"]);
    let offers: Vec<_> = read.offers().iter().map(|o| (o.id.clone(), o.article.clone().unwrap())).collect();
    assert_eq!(offers, [("P#P-M".into(), "P-M".into()), ("P#P-L".into(), "P-L".into())]);
}

#[test]
fn bad_rows_are_refused_with_line_and_reason() {
    let read = read_text(
        "article,name,price,stock\nA,Стол,дорого,1\n,Стул,1,1\nB,Шкаф,1,1,лишнее\nC,Стол,-1,1\n\nD,Полка,1,x\nE,Пуф,1,1\n",
    );
    let found: Vec<_> = read.problems().iter().map(|p| (p.line, p.id.as_str(), p.kind.code())).collect();
    assert_eq!(
        found,
        [
            (2, "A", "integrations.bad_number"),
            (3, "", "integrations.missing_field"),
            (4, "B", "integrations.bad_row"),
            (5, "C", "integrations.bad_number"),
            (7, "D", "integrations.bad_number"),
        ]
    );
    assert_eq!((read.products().len(), read.counts.rows, read.counts.problems), (1, 6, 5));
}

#[test]
fn unknown_columns_and_values_are_warnings() {
    let read = read_text("article,name,prise,is_active\nA,Стол,5,может быть\n");
    let kinds: Vec<_> = read.problems().iter().map(|p| p.kind.clone()).collect();
    assert_eq!(
        kinds,
        [
            ProblemKind::IgnoredColumn("prise".into()),
            ProblemKind::IgnoredValue { field: "is_active", value: "может быть".into() },
        ]
    );
    assert_eq!((read.counts.warnings, read.products().len()), (2, 1));
}

#[test]
fn a_foreign_header_is_named_in_the_refusal() {
    assert_eq!(
        failure(b"handle,title,price\nx,y,1\n"),
        ProblemKind::UnknownHeader("handle,title,price".replace(',', ", "))
    );
    assert_eq!(failure(b"just some text"), ProblemKind::UnknownFormat);
    assert_eq!(failure(b""), ProblemKind::UnknownFormat);
}

#[test]
fn jsonl_has_the_same_fields() {
    let read = read_text(
        "{\"article\":\"A\",\"name\":\"Стол\",\"price\":1500.10,\"stock\":3,\"images\":[\"a.jpg\",\"b.jpg\"],\"is_active\":true,\"vat\":null}\n\
         \n{\"артикул\":\"B\",\"название\":\"Стул\",\"цена\":\"99,90\"}\n",
    );
    assert_eq!(read.products().len(), 2);
    assert_eq!(read.offers()[0].prices[0].amount, 1500_10);
    assert_eq!(read.offers()[1].prices[0].amount, 99_90);
    assert_eq!((read.products()[0].images.len(), read.products()[0].visibility), (2, Some(Visibility::Active)));
}

#[test]
fn bad_json_lines_are_refused_alone() {
    let deep = "[".repeat(100_000);
    let read = read_text(&format!(
        "{{\"article\":\"A\",\"name\":\"Стол\"}}\n{{\"article\":\n[1]\n{{\"article\":{{}}}}\n{{\"article\":{deep}\n{{\"article\":\"B\"}}\n"
    ));
    let found: Vec<_> = read.problems().iter().map(|p| (p.line, p.kind.code())).collect();
    assert_eq!(found, [2, 3, 4, 5].map(|line| (line, "integrations.bad_row")));
    assert_eq!(read.products().len(), 2);
}

#[test]
fn the_format_is_recognised_by_content() {
    let folder = tempfile::tempdir().unwrap();
    let format = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        find(&path, &Limits::default()).unwrap().documents[0].format
    };
    assert_eq!(format("a.xml", "article,name\n"), Format::Csv);
    assert_eq!(format("b.csv", "  {\"article\":\"A\"}"), Format::Jsonl);
    assert_eq!(format("c.jsonl", "<КоммерческаяИнформация/>"), Format::CommerceMl);
}
