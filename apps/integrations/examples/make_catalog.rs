//! Делает большой каталог для замеров: одинаковый при одинаковых параметрах.
//!
//! ```text
//! cargo run --example make_catalog -- 100000 csv /tmp/catalog.csv
//! cargo run --example make_catalog -- 100000 commerceml /tmp/catalog 2
//! ```
//! Последнее число — вариантов на товар (по умолчанию один).

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

const USAGE: &str = "usage: make_catalog N csv|jsonl|commerceml PATH [VARIANTS]";
const THINGS: [&str; 8] = ["Стол", "Стул", "Шкаф", "Полка", "Диван", "Кресло", "Комод", "Лампа"];
const WOODS: [&str; 5] = ["дуб", "бук", "ясень", "орех", "сосна"];
const SIZES: [&str; 4] = ["S", "M", "L", "XL"];

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let usage = || io::Error::other(USAGE);
    let [count, format, path, rest @ ..] = args.as_slice() else {
        return Err(usage());
    };
    let count: u32 = count.parse().map_err(|_| usage())?;
    let variants: usize = rest.first().map_or(Ok(1), |v| v.parse()).map_err(|_| usage())?;
    let catalog = Catalog { count, variants: variants.clamp(1, SIZES.len()) };
    match format.as_str() {
        "csv" => catalog.csv(&mut create(path.as_ref())?),
        "jsonl" => catalog.jsonl(&mut create(path.as_ref())?),
        "commerceml" => {
            std::fs::create_dir_all(path)?;
            catalog.import_xml(&mut create(&Path::new(path).join("import.xml"))?)?;
            catalog.offers_xml(&mut create(&Path::new(path).join("offers.xml"))?)
        }
        _ => Err(usage()),
    }
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::new(File::create(path)?))
}

struct Catalog {
    count: u32,
    variants: usize,
}

/// Один выдуманный товар.
struct Product {
    n: u32,
    name: String,
    description: String,
    category: usize,
    price: u32,
    stock: u32,
}

impl Catalog {
    fn products(&self) -> impl Iterator<Item = Product> {
        (1..=self.count).map(|n| {
            let thing = n as usize % THINGS.len();
            let wood = WOODS[(n / 7) as usize % WOODS.len()];
            let name = format!("{} {wood} {n}", THINGS[thing]);
            let description =
                format!("{name}: массив, масло, собирается за {} минут. Доставка по городу.", n % 50 + 10);
            Product { n, name, description, category: thing, price: 500 + n % 9_000, stock: n % 40 }
        })
    }

    fn sizes(&self) -> &'static [&'static str] {
        if self.variants == 1 { &[""] } else { &SIZES[..self.variants] }
    }

    fn csv(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "article,name,description,category,brand,price,old_price,stock,size,images,weight,vat")?;
        for p in self.products() {
            for size in self.sizes() {
                writeln!(
                    out,
                    "A-{n:07},{name},\"{text}\",Мебель / {category},Фабрика {brand},{price}.00,{old}.00,{stock},{size},https://example.test/{n}.jpg,{weight},22",
                    n = p.n,
                    name = p.name,
                    text = p.description,
                    category = THINGS[p.category],
                    brand = p.n % 20,
                    price = p.price,
                    old = p.price + 100,
                    stock = p.stock,
                    weight = p.n % 30 + 1,
                )?;
            }
        }
        out.flush()
    }

    fn jsonl(&self, out: &mut impl Write) -> io::Result<()> {
        for p in self.products() {
            for size in self.sizes() {
                writeln!(
                    out,
                    "{{\"article\":\"A-{n:07}\",\"name\":\"{name}\",\"description\":\"{text}\",\"category\":\"Мебель / {category}\",\"price\":{price}.00,\"stock\":{stock},\"size\":\"{size}\"}}",
                    n = p.n,
                    name = p.name,
                    text = p.description,
                    category = THINGS[p.category],
                    price = p.price,
                    stock = p.stock,
                )?;
            }
        }
        out.flush()
    }

    fn import_xml(&self, out: &mut impl Write) -> io::Result<()> {
        begin(out)?;
        writeln!(out, "<Классификатор><Ид>cl</Ид><Наименование>Каталог</Наименование><Группы>")?;
        for (i, thing) in THINGS.iter().enumerate() {
            writeln!(out, "<Группа><Ид>group-{i}</Ид><Наименование>{thing}</Наименование></Группа>")?;
        }
        writeln!(out, "</Группы><Свойства><Свойство><Ид>wood</Ид><Наименование>Порода</Наименование>")?;
        writeln!(out, "<ТипЗначений>Справочник</ТипЗначений><ВариантыЗначений>")?;
        for (i, wood) in WOODS.iter().enumerate() {
            writeln!(out, "<Справочник><ИдЗначения>wood-{i}</ИдЗначения><Значение>{wood}</Значение></Справочник>")?;
        }
        writeln!(out, "</ВариантыЗначений></Свойство></Свойства></Классификатор>")?;
        writeln!(
            out,
            "<Каталог СодержитТолькоИзменения=\"false\"><Ид>cat</Ид><ИдКлассификатора>cl</ИдКлассификатора><Товары>"
        )?;
        for p in self.products() {
            writeln!(
                out,
                "<Товар><Ид>product-{n}</Ид><Артикул>A-{n:07}</Артикул><Наименование>{name}</Наименование>\
                 <БазоваяЕдиница Код=\"796 \" НаименованиеПолное=\"Штука\">шт</БазоваяЕдиница>\
                 <Группы><Ид>group-{category}</Ид></Группы><Описание>{text}</Описание>\
                 <Картинка>import_files/{n}.jpg</Картинка><Изготовитель><Ид>m{brand}</Ид><Наименование>Фабрика {brand}</Наименование></Изготовитель>\
                 <ЗначенияСвойств><ЗначенияСвойства><Ид>wood</Ид><Значение>wood-{wood}</Значение></ЗначенияСвойства></ЗначенияСвойств>\
                 <СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>22</Ставка></СтавкаНалога></СтавкиНалогов>\
                 <ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>ТипНоменклатуры</Наименование><Значение>Товар</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Товар>",
                n = p.n,
                name = p.name,
                category = p.category,
                text = p.description,
                brand = p.n % 20,
                wood = (p.n / 7) as usize % WOODS.len(),
            )?;
        }
        writeln!(out, "</Товары></Каталог></КоммерческаяИнформация>")?;
        out.flush()
    }

    fn offers_xml(&self, out: &mut impl Write) -> io::Result<()> {
        begin(out)?;
        writeln!(out, "<ПакетПредложений СодержитТолькоИзменения=\"false\"><Ид>cat#</Ид><ИдКаталога>cat</ИдКаталога>")?;
        writeln!(
            out,
            "<ТипыЦен><ТипЦены><Ид>retail</Ид><Наименование>Розничная</Наименование><Валюта>руб</Валюта></ТипЦены></ТипыЦен>"
        )?;
        writeln!(out, "<Склады><Склад><Ид>w</Ид><Наименование>Основной</Наименование></Склад></Склады><Предложения>")?;
        for p in self.products() {
            for size in self.sizes() {
                let (tail, options) = match *size {
                    "" => (String::new(), String::new()),
                    size => (
                        format!("#{size}"),
                        format!(
                            "<ХарактеристикиТовара><ХарактеристикаТовара><Наименование>Размер</Наименование>\
                             <Значение>{size}</Значение></ХарактеристикаТовара></ХарактеристикиТовара>"
                        ),
                    ),
                };
                writeln!(
                    out,
                    "<Предложение><Ид>product-{n}{tail}</Ид><Наименование>{name}</Наименование>{options}\
                     <Цены><Цена><Представление>{price} руб.</Представление><ИдТипаЦены>retail</ИдТипаЦены>\
                     <ЦенаЗаЕдиницу>{price}.00</ЦенаЗаЕдиницу><Валюта>руб</Валюта><Единица>шт</Единица><Коэффициент>1</Коэффициент></Цена></Цены>\
                     <Количество>{stock}</Количество><Склад ИдСклада=\"w\" КоличествоНаСкладе=\"{stock}\"/></Предложение>",
                    n = p.n,
                    name = p.name,
                    price = p.price,
                    stock = p.stock,
                )?;
            }
        }
        writeln!(out, "</Предложения></ПакетПредложений></КоммерческаяИнформация>")?;
        out.flush()
    }
}

fn begin(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<КоммерческаяИнформация xmlns=\"urn:1C.ru:commerceml_2\" ВерсияСхемы=\"2.07\" ДатаФормирования=\"2026-01-01T00:00:00\">"
    )
}
