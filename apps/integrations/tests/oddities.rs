//! Странности настоящих выгрузок, по номерам.

use integrations::formats::{GroupRef, OptionValue, ProblemKind, Record, Scope, ScopeKind, Vat, Visibility};

use crate::support::{catalog, fixture, package, read_bytes, read_path, read_text, windows_1251};

const PRODUCT: &str = "<Товар><Ид>1</Ид><Наименование>Стол</Наименование></Товар>";

#[test]
fn n01_byte_order_mark() {
    let read = read_text(&format!("\u{FEFF}{}", catalog(PRODUCT)));
    assert_eq!(read.products()[0].name.as_deref(), Some("Стол"));
}

#[test]
fn n01_windows_1251() {
    let text = catalog(PRODUCT).replace("UTF-8", "windows-1251");
    let read = read_bytes(&windows_1251(&text)).unwrap();
    assert_eq!(read.products()[0].name.as_deref(), Some("Стол"));
}

#[test]
fn n01_doubled_prolog() {
    let read = read_text(&format!("<?xml version=\"1.0\"?>\n{}", catalog(PRODUCT)));
    assert_eq!(read.products().len(), 1);
    let read = read_text(&format!("\u{FEFF}<?xml version=\"1.0\"?>\n\u{FEFF}{}", catalog(PRODUCT)));
    assert_eq!(read.products().len(), 1);
}

#[test]
fn n01_namespaces_are_ignored() {
    let text = "<c:КоммерческаяИнформация xmlns:c=\"urn:1C.ru:commerceml_9\"><c:Каталог><c:Товары><c:Товар>\
                <c:Ид>1</c:Ид><c:Наименование>Стол</c:Наименование></c:Товар></c:Товары></c:Каталог>\
                </c:КоммерческаяИнформация>";
    assert_eq!(read_text(text).products()[0].id, "1");
}

#[test]
fn n02_unit_with_a_trailing_blank_or_as_bare_text() {
    let unit = |unit: &str| {
        let read = read_text(&catalog(&PRODUCT.replace("</Товар>", &format!("{unit}</Товар>"))));
        read.products()[0].unit_code.clone()
    };
    assert_eq!(unit("<БазоваяЕдиница Код=\"796 \">шт</БазоваяЕдиница>").as_deref(), Some("796"));
    assert_eq!(unit("<БазоваяЕдиница>796</БазоваяЕдиница>").as_deref(), Some("796"));
    assert_eq!(unit("<БазоваяЕдиница>шт</БазоваяЕдиница>"), None);
}

#[test]
fn n03_numbers_as_1c_writes_them() {
    let offer = |price: &str, stock: &str| {
        let read = read_text(&package(&format!(
            "<Предложение><Ид>1</Ид><Цены><Цена><ЦенаЗаЕдиницу>{price}</ЦенаЗаЕдиницу></Цена></Цены>\
             <Количество>{stock}</Количество></Предложение>"
        )));
        let offer = read.offers()[0].clone();
        (offer.prices[0].amount, offer.stock.unwrap().total)
    };
    assert_eq!(offer("100", "1.0000"), (100_00, 1_000));
    assert_eq!(offer("100.00", "1,4"), (100_00, 1_400));
    assert_eq!(offer("24712.00", "0"), (24_712_00, 0));
    assert_eq!(offer("12\u{A0}356,5", "-3"), (12_356_50, -3_000));
}

#[test]
fn n04_empty_elements_mean_no_value() {
    let read = read_text(&catalog(
        "<Товар><Ид>1</Ид><Артикул/><Наименование>Стол</Наименование><Штрихкод> </Штрихкод><Картинка/>\
         <Описание></Описание><ЗначенияСвойств><ЗначенияСвойства><Ид>p</Ид><Значение/></ЗначенияСвойства>\
         </ЗначенияСвойств></Товар>",
    ));
    let product = read.products()[0];
    assert_eq!((&product.article, &product.barcode, &product.description), (&None, &None, &None));
    assert!(product.images.is_empty() && product.properties.is_empty());
    assert_eq!((read.counts.pictures, read.counts.products_with_barcode), (0, 0));
}

#[test]
fn n05_double_escaped_text_is_unescaped_once() {
    let read = read_text(&catalog(
        "<Товар><Ид>1</Ид><Наименование>Стол &amp;quot;Дуб&amp;quot; &lt;1&gt; &#1041;<![CDATA[ & ]]></Наименование></Товар>",
    ));
    assert_eq!(read.products()[0].name.as_deref(), Some("Стол &quot;Дуб&quot; <1> Б &"));
}

#[test]
fn n06_the_same_properties_again_in_the_offers_package() {
    let property = "<Свойства><Свойство><Ид>p</Ид><Наименование>Цвет</Наименование>\
                    <ТипЗначений>Справочник</ТипЗначений><ВариантыЗначений><Справочник>\
                    <ИдЗначения>v</ИдЗначения><Значение>Красный</Значение></Справочник></ВариантыЗначений>\
                    </Свойство></Свойства>";
    let text = format!(
        "<КоммерческаяИнформация><Классификатор><Ид>c</Ид>{property}</Классификатор><ПакетПредложений>\
         {property}<Предложения/></ПакетПредложений></КоммерческаяИнформация>"
    );
    let read = read_text(&text);
    assert_eq!((read.counts.properties, read.counts.property_choices), (2, 2));
}

#[test]
fn n07_same_article_and_no_group_are_not_an_error() {
    let read = read_text(&catalog(
        "<Товар><Ид>1</Ид><Артикул>A</Артикул><Наименование>Стол (дуб)</Наименование></Товар>\
         <Товар><Ид>2</Ид><Артикул>A</Артикул><Наименование>Стол (бук)</Наименование></Товар>",
    ));
    assert_eq!(read.problems(), Vec::<&_>::new());
    let names: Vec<_> = read.products().iter().map(|p| p.name.clone().unwrap()).collect();
    assert_eq!(names, ["Стол (дуб)", "Стол (бук)"]);
}

#[test]
fn n08_old_exports_with_a_product_per_characteristic() {
    let one = |char: &str, size: &str| {
        format!(
            "<Товар><Ид>a#{char}</Ид><Артикул>A{size}</Артикул><Штрихкод>{size}</Штрихкод>\
             <Наименование>Ботинки ({size})</Наименование>\
             <ХарактеристикиТовара><ХарактеристикаТовара><Наименование>Размер</Наименование>\
             <Значение>{size}</Значение></ХарактеристикаТовара></ХарактеристикиТовара></Товар>"
        )
    };
    let read = read_text(&catalog(&(one("x", "38") + &one("y", "39"))));
    for product in read.products() {
        assert_eq!((product.id.as_str(), product.is_part), ("a", true));
        assert_eq!((product.name.as_deref(), &product.article), (Some("Ботинки"), &None));
    }
    let offers = read.offers();
    let size = |value: &str| vec![OptionValue { name: "Размер".into(), value: value.into() }];
    assert_eq!((offers[0].id.as_str(), &offers[0].options), ("a#x", &size("38")));
    assert_eq!((offers[1].id.as_str(), &offers[1].options), ("a#y", &size("39")));
    assert_eq!(offers[1].article.as_deref(), Some("A39"));
}

#[test]
fn n09_of_two_prices_of_one_kind_the_last_is_taken() {
    let price = |kind: &str, amount: &str, unit: &str| {
        format!(
            "<Цена><ИдТипаЦены>{kind}</ИдТипаЦены><ЦенаЗаЕдиницу>{amount}</ЦенаЗаЕдиницу>\
             <Единица>{unit}</Единица></Цена>"
        )
    };
    let prices = price("r", "10", "шт") + &price("r", "12", "шт") + &price("r", "100", "упак");
    let read = read_text(&package(&format!("<Предложение><Ид>1</Ид><Цены>{prices}</Цены></Предложение>")));
    let amounts: Vec<_> = read.offers()[0].prices.iter().map(|p| p.amount).collect();
    assert_eq!(amounts, [12_00, 100_00]);
    assert_eq!(read.problems()[0].kind, ProblemKind::RepeatedPrice("r".into()));
    assert_eq!((read.counts.warnings, read.counts.problems), (1, 0));
}

#[test]
fn n10_the_only_trace_of_the_size_is_a_bracket() {
    let read = read_text(&package(
        "<Предложение><Ид>a#x</Ид><Наименование>Сапоги (зима) (38) </Наименование></Предложение>\
         <Предложение><Ид>a#y</Ид><Наименование>Сапоги</Наименование></Предложение>",
    ));
    let offers = read.offers();
    assert_eq!((offers[0].bracket(), offers[0].name.as_deref()), (Some("38"), Some("Сапоги (зима) (38)")));
    assert_eq!((offers[1].bracket(), offers[1].product_id.as_str()), (None, "a"));
    let read = read_path(&fixture("carono/offers.xml")).unwrap();
    assert_eq!(read.offers()[1].bracket(), Some("39"));
}

#[test]
fn all_five_forms_of_stock() {
    let stock = |inside: &str| {
        let read = read_text(&package(&format!("<Предложение><Ид>1</Ид>{inside}</Предложение>")));
        let stock = read.offers()[0].stock.clone().unwrap();
        (stock.total, stock.by_warehouse.len())
    };
    assert_eq!(stock("<Количество>377</Количество>"), (377_000, 0));
    let attributes =
        "<Склад ИдСклада=\"g\" КоличествоНаСкладе=\"376\"/><Склад ИдСклада=\"h\" КоличествоНаСкладе=\"1\"/>";
    assert_eq!(stock(attributes), (377_000, 2));
    // Склады важнее общего количества.
    assert_eq!(stock(&format!("<Количество>9</Количество>{attributes}")), (377_000, 2));
    assert_eq!(stock(&format!("<Склады>{attributes}</Склады>")), (377_000, 2));
    let elements = "<Остатки><Остаток><Склад><Ид>g</Ид><Количество>1</Количество></Склад></Остаток>\
                    <Остаток><Склад><Ид>h</Ид><Количество>2,5</Количество></Склад></Остаток></Остатки>";
    assert_eq!(stock(elements), (3_500, 2));
    assert_eq!(stock("<Остатки><Остаток><Количество>5</Количество></Остаток></Остатки>"), (5_000, 0));
}

#[test]
fn scope_tells_whether_the_export_is_full() {
    let scope = |attribute: &str| {
        let text = catalog(PRODUCT).replace("<Каталог>", &format!("<Каталог {attribute}>"));
        read_text(&text).records.into_iter().find_map(|r| if let Record::Scope(s) = r { Some(s) } else { None })
    };
    let expected = |changes_only| Some(Scope { kind: ScopeKind::Catalog, catalog_id: "c".into(), changes_only });
    assert_eq!(scope("СодержитТолькоИзменения=\"false\""), expected(false));
    assert_eq!(scope("СодержитТолькоИзменения=\"true\""), expected(true));
    // Без пометки ничего не прячем.
    assert_eq!(scope(""), expected(true));
}

#[test]
fn deletion_marks() {
    let read = read_text(&catalog(
        "<Товар Статус=\"Удален\"><Ид>1</Ид></Товар>\
         <Товар><Ид>2</Ид><ПометкаУдаления>true</ПометкаУдаления><Наименование>Стол</Наименование></Товар>\
         <Товар><Ид>3</Ид><ПометкаУдаления>false</ПометкаУдаления><Наименование>Стул</Наименование></Товар>",
    ));
    let states: Vec<_> = read.products().iter().map(|p| p.visibility.unwrap()).collect();
    assert_eq!(states, [Visibility::Archived, Visibility::Archived, Visibility::Active]);
}

#[test]
fn fields_of_a_product() {
    let read = read_text(&catalog(
        "<Товар><Ид>1</Ид><Наименование>Доставка</Наименование><Группы><Ид>g1</Ид><Ид>g2</Ид></Группы>\
         <Картинка>a.jpg</Картинка><Изготовитель><Ид>m</Ид><Наименование>Завод</Наименование></Изготовитель>\
         <СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>22</Ставка></СтавкаНалога></СтавкиНалогов>\
         <ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>ТипНоменклатуры</Наименование><Значение>Услуга</Значение></ЗначениеРеквизита>\
         <ЗначениеРеквизита><Наименование>Вес</Наименование><Значение>1,25</Значение></ЗначениеРеквизита>\
         <ЗначениеРеквизита><Наименование>ОписаниеФайла</Наименование><Значение>a.jpg#Вид спереди</Значение></ЗначениеРеквизита>\
         <ЗначениеРеквизита><Наименование>ОписаниеВФорматеHTML</Наименование><Значение>&lt;b&gt;да&lt;/b&gt;</Значение></ЗначениеРеквизита>\
         </ЗначенияРеквизитов></Товар>",
    ));
    let product = read.products()[0];
    assert_eq!(product.groups, [GroupRef::Id("g1".into()), GroupRef::Id("g2".into())]);
    assert_eq!((product.brand.as_deref(), product.vat), (Some("Завод"), Some(Vat::Percent(22))));
    assert_eq!((product.weight, product.is_service), (Some(1250), true));
    assert_eq!(product.images[0].caption.as_deref(), Some("Вид спереди"));
    assert_eq!(product.description_html.as_deref(), Some("<b>да</b>"));
}

#[test]
fn a_bad_record_is_refused_alone() {
    let read = read_text(&catalog(&format!(
        "<Товар><Наименование>Без ида</Наименование></Товар>\n<Товар><Ид>2</Ид></Товар>{PRODUCT}"
    )));
    assert_eq!(read.products().len(), 1);
    let kinds: Vec<_> = read.problems().iter().map(|p| (p.line, p.id.as_str(), p.kind.clone())).collect();
    assert_eq!(kinds, [(1, "", ProblemKind::Missing("Ид")), (2, "2", ProblemKind::Missing("Наименование"))]);
    let read = read_text(&package(
        "<Предложение><Ид>1</Ид><Цены><Цена><ЦенаЗаЕдиницу>дорого</ЦенаЗаЕдиницу></Цена></Цены></Предложение>\
         <Предложение><Ид>2</Ид><Количество>3</Количество></Предложение>",
    ));
    assert_eq!((read.offers().len(), read.counts.problems), (1, 1));
}
