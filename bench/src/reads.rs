//! Каталог: список из 24 и страница товара рядом с голым сервером — с кэшем против готовых байтов, без кэша против тех же запросов.

use anyhow::Result;
use clap::Args;

use crate::http::Call;
use crate::load::{self, Measure, Next, Pace, Side, Worker};
use crate::reference::Reference;
use crate::shop::Shop;
use crate::stage::{Place, Stage};
use crate::{customers, machine, table};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    pace: Pace,
    /// Клиентов разом; можно повторить.
    #[arg(long, default_values_t = [1, 16, 64])]
    clients: Vec<usize>,
}

pub const LIST: &str = "/api/v1/products/?page_size=24";
/// Страниц товаров, по которым ходят без кэша.
const PAGES: usize = 1000;

pub async fn run(options: Options) -> Result<()> {
    println!("{}", machine::describe());
    println!("catalogue on {}, {} products\n", options.place.program.engine.name(), options.place.products);
    let stage = Stage::build(&options.place).await?;
    table::head(&[
        "what",
        "clients",
        "shop, req/s",
        "bare, req/s",
        "ratio",
        "shop CPU ms",
        "bare CPU ms",
        "shop p50/p99 ms",
    ]);
    with_cache(&stage, &options).await?;
    without_cache(&stage, &options).await
}

/// Один и тот же ответ: из кэша магазина и из памяти голого сервера.
async fn with_cache(stage: &Stage, options: &Options) -> Result<()> {
    let shop = Shop::serve(&stage.setup).await?;
    let mut client = shop.client();
    let id = customers::product_ids(&mut client, 1).await?[0];
    for (name, path) in [("list, cache", LIST.to_owned()), ("page, cache", format!("/api/v1/products/{id}"))] {
        let body = client.send(&Call::get(&*path)).await?.body;
        let file = stage.engine.dir().join("body.json");
        std::fs::write(&file, &body)?;
        let bare = Reference::bytes(&file).await?;
        compare(stage, &shop, &bare, options, name, &|_| fixed(path.clone()), &|_| fixed("/".to_owned())).await?;
        bare.stop().await?;
    }
    shop.stop().await
}

/// Кэш выключен: магазин и голый обработчик с теми же запросами к той же базе.
async fn without_cache(stage: &Stage, options: &Options) -> Result<()> {
    let shop = Shop::serve(&stage.setup.clone().with("MEGASHOP_CACHE__ENABLED", "false")).await?;
    let ids = customers::product_ids(&mut shop.client(), PAGES).await?;
    let bare = Reference::sqlx(&stage.url).await?;
    let (ours, theirs) = (shop.client().send(&Call::get(LIST)).await?, bare.client().send(&Call::get("/list")).await?);
    compare(stage, &shop, &bare, options, "list, no cache", &|_| fixed(LIST.to_owned()), &|_| {
        fixed("/list".to_owned())
    })
    .await?;
    let ours_page = &|n| walk(&ids, n, "/api/v1/products/");
    let bare_page = &|n| walk(&ids, n, "/page/");
    compare(stage, &shop, &bare, options, "page, no cache", ours_page, bare_page).await?;
    println!("\nlist body: shop {} bytes, bare {} bytes", ours.body.len(), theirs.body.len());
    bare.stop().await?;
    shop.stop().await
}

type Paths<'a> = &'a (dyn Fn(usize) -> Next + Send + Sync);

async fn compare(
    stage: &Stage,
    shop: &Shop,
    bare: &Reference,
    options: &Options,
    name: &str,
    ours: Paths<'_>,
    theirs: Paths<'_>,
) -> Result<()> {
    let sides = [
        Side { meter: stage.meter(shop)?, worker: Box::new(|n| Worker::http(shop.address, ours(n))) },
        Side { meter: stage.meter_of(bare.pid()?), worker: Box::new(|n| Worker::http(bare.address, theirs(n))) },
    ];
    for clients in &options.clients {
        let measures = load::in_turns(&sides, *clients, options.pace).await?;
        print(name, *clients, &measures[0], &measures[1]);
    }
    Ok(())
}

fn print(name: &str, clients: usize, shop: &Measure, bare: &Measure) {
    table::row([
        name.to_owned(),
        clients.to_string(),
        format!("{:.0}", shop.per_second),
        format!("{:.0}", bare.per_second),
        table::ratio(shop.per_second, bare.per_second),
        format!("{:.3}", shop.cpu),
        format!("{:.3}", bare.cpu),
        format!("{:.2} / {:.2}", shop.median, shop.p99),
    ]);
}

fn fixed(path: String) -> Next {
    let call = Call::get(path);
    Box::new(move || call.clone())
}

/// Клиенты ходят по страницам с разных мест.
fn walk(ids: &[i64], client: usize, prefix: &str) -> Next {
    let paths: Vec<Call> = ids.iter().map(|id| Call::get(format!("{prefix}{id}"))).collect();
    let mut at = client * 37;
    Box::new(move || {
        at += 1;
        paths[at % paths.len()].clone()
    })
}
