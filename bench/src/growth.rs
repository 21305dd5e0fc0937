//! Растёт ли время списка вместе с каталогом: два магазина, маленький и большой, по очереди.

use anyhow::Result;
use clap::Args;

use crate::http::Call;
use crate::load::{self, Pace, Side, Worker};
use crate::shop::Shop;
use crate::stage::{Place, Stage};
use crate::{machine, table};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    pace: Pace,
    /// Товаров в большом магазине.
    #[arg(long, default_value_t = 1_000_000)]
    large: usize,
}

/// Что читают.
const LISTS: [(&str, &str); 4] = [
    ("first page", "/api/v1/products/?page_size=24"),
    ("by price", "/api/v1/products/?page_size=24&sort=price"),
    ("tenth page", "/api/v1/products/?page_size=24&page=10"),
    ("one category", "/api/v1/products/?page_size=24&category=2"),
];

pub async fn run(options: Options) -> Result<()> {
    println!("{}", machine::describe());
    let place = &options.place;
    println!(
        "list on {}: {} and {} products, median ms, one client\n",
        place.program.engine.name(),
        place.products,
        options.large
    );
    let small = Stage::build(place).await?;
    let large = Stage::build_with(&place.program, options.large).await?;
    table::head(&["list", "cache", "small", "large", "ratio"]);
    for cache in ["true", "false"] {
        let setup = |stage: &Stage| stage.setup.clone().with("MEGASHOP_CACHE__ENABLED", cache);
        let (few, many) = (Shop::serve(&setup(&small)).await?, Shop::serve(&setup(&large)).await?);
        for (name, path) in LISTS {
            let reader = |shop: &Shop| {
                let address = shop.address;
                Box::new(move |_| Worker::http(address, Box::new(move || Call::get(path))))
            };
            let sides = [
                Side { meter: small.meter(&few)?, worker: reader(&few) },
                Side { meter: large.meter(&many)?, worker: reader(&many) },
            ];
            let measures = load::in_turns(&sides, 1, options.pace).await?;
            let (few, many) = (measures[0].median, measures[1].median);
            table::row([name.into(), cache.into(), format!("{few:.2}"), format!("{many:.2}"), table::ratio(many, few)]);
        }
        few.stop().await?;
        many.stop().await?;
    }
    Ok(())
}
