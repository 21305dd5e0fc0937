//! Выдуманный каталог для замеров: одинаковый при одинаковых параметрах, остатка хватает на любой прогон.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;

/// Размеры, они же варианты товара.
pub const SIZES: [&str; 2] = ["M", "L"];
/// Штук каждого варианта: нагрузка не должна упереться в «закончилось».
const STOCK: u32 = 100_000_000;
const THINGS: [&str; 8] = ["Стол", "Стул", "Шкаф", "Полка", "Диван", "Кресло", "Комод", "Лампа"];

/// CSV в том виде, какой принимает `megashop import`: у товара варианты [`SIZES`].
pub fn write_csv(path: &Path, products: usize) -> Result<()> {
    write_csv_of(path, products, SIZES.len())
}

/// То же со своим числом вариантов; один вариант — товар без размера.
pub fn write_csv_of(path: &Path, products: usize, variants: usize) -> Result<()> {
    let size = |n: usize| SIZES.get(n).map_or_else(|| (n + 1).to_string(), |size| (*size).to_owned());
    let sizes = if variants == 1 { vec![String::new()] } else { (0..variants).map(size).collect() };
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "article,name,description,category,brand,price,old_price,stock,size,weight,vat")?;
    for n in 1..=products {
        let thing = THINGS[n % THINGS.len()];
        let price = 500 + n % 9_000;
        for size in &sizes {
            writeln!(
                out,
                "B-{n:07},{thing} {n},\"{thing} {n}: массив, масло, собирается за {minutes} минут. Доставка по городу.\",\
                 Мебель / {thing},Фабрика {brand},{price}.00,{old}.00,{STOCK},{size},{weight},20",
                minutes = n % 50 + 10,
                brand = n % 20,
                old = price + 100,
                weight = n % 30 + 1,
            )?;
        }
    }
    Ok(out.flush()?)
}
