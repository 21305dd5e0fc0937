//! Корзина и заказ: процессорное время на запрос и скорость рядом с голым циклом тех же запросов SQL.
//!
//! Приём и задачи меряются порознь: магазин принимает с выключенными задачами, потом отдельный `megashop worker` доделывает
//! накопленное. Третий замер — как в жизни: задачи в том же процессе.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

use crate::bare_orders::BareShop;
use crate::catalogue::SIZES;
use crate::http::Call;
use crate::load::{self, Measure, Next, Pace, Side, Worker};
use crate::shop::{Setup, Shop};
use crate::stage::{Place, Stage};
use crate::{customers, machine, table};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    pace: Pace,
    /// Клиентов разом; можно повторить.
    #[arg(long, default_values_t = [1, 16])]
    clients: Vec<usize>,
}

/// Товаров, которые покупают: столько, чтобы покупатели сталкивались на остатках редко, как в жизни.
const BOUGHT: usize = 1000;
/// Разных товаров в одной корзине.
const IN_CART: usize = 5;

pub async fn run(options: Options) -> Result<()> {
    println!("{}", machine::describe());
    println!("cart and orders on {}, {} products\n", options.place.program.engine.name(), options.place.products);
    let stage = Stage::build(&options.place).await?;
    let shop = Shop::serve(&without_jobs(&stage)).await?;
    let most = options.clients.iter().copied().max().unwrap_or(1);
    let market = Market {
        tokens: customers::register_many(&mut shop.client(), most).await?,
        products: customers::product_ids(&mut shop.client(), BOUGHT).await?,
    };
    let bare = BareShop::open(options.place.program.engine, &stage.url, 2 * BOUGHT).await?;
    table::head(&[
        "what",
        "clients",
        "shop, req/s",
        "bare SQL, req/s",
        "ratio",
        "shop CPU ms",
        "bare CPU ms",
        "shop p50/p99 ms",
    ]);
    for clients in &options.clients {
        let cart = side(&stage, &shop, &market, cart_call)?;
        let measure = load::in_turns(&[cart], *clients, options.pace).await?.remove(0);
        print("add to cart", *clients, &measure, None);
    }
    for clients in &options.clients {
        let own = Side { meter: stage.meter_of(std::process::id()), worker: Box::new(|n| Worker::Sql(bare.buyer(n))) };
        let sides = [side(&stage, &shop, &market, order_call)?, own];
        let mut measures = load::in_turns(&sides, *clients, options.pace).await?;
        let theirs = measures.remove(1);
        print("order, 2 lines", *clients, &measures[0], Some(&theirs));
    }
    shop.stop().await?;
    work_off(&stage, &bare).await?;
    as_in_life(&stage, &market, most, options.pace, &bare).await?;
    stage.setup.run(&["doctor", "--money"]).await.map(|_| println!("doctor --money: no violation"))
}

fn without_jobs(stage: &Stage) -> Setup {
    stage.setup.clone().with("MEGASHOP_JOBS__IN_PROCESS", "false")
}

/// Покупатели и товары.
struct Market {
    tokens: Vec<String>,
    products: Vec<i64>,
}

fn side<'a>(stage: &Stage, shop: &Shop, market: &'a Market, call: fn(&Market, usize) -> Next) -> Result<Side<'a>> {
    let address = shop.address;
    Ok(Side { meter: stage.meter(shop)?, worker: Box::new(move |n| Worker::http(address, call(market, n))) })
}

fn cart_call(market: &Market, client: usize) -> Next {
    let token = market.tokens[client].clone();
    let calls: Vec<Call> = (0..IN_CART)
        .map(|n| market.products[(client * IN_CART + n) % market.products.len()])
        .map(|id| {
            Call::post("/api/v1/cart/items", &json!({"product_id": id, "size": SIZES[0], "quantity": 1})).by(&token)
        })
        .collect();
    let mut at = 0;
    Box::new(move || {
        at += 1;
        calls[at % calls.len()].clone()
    })
}

fn order_call(market: &Market, client: usize) -> Next {
    let token = market.tokens[client].clone();
    let products = market.products.clone();
    let (mut at, seed) = (client * 61, machine::fresh_seed());
    Box::new(move || {
        at += 1;
        let (first, second) = (products[at % products.len()], products[(at + 7) % products.len()]);
        let key = format!("bench-{client}-{seed:x}-{at}");
        Call::post("/api/v1/orders/", &customers::order(&[(first, SIZES[0]), (second, SIZES[1])])).by(&token).once(key)
    })
}

/// Сколько стоят задачи одного заказа: `megashop worker` доделывает накопленное.
async fn work_off(stage: &Stage, bare: &BareShop) -> Result<()> {
    let orders = bare.waiting_letters().await?;
    let mut worker = stage.setup.command(&["worker"]).spawn()?;
    let Some(pid) = worker.id() else { bail!("the worker ended at once") };
    let meter = stage.meter_of(pid);
    let (before, started) = (meter.spent()?, Instant::now());
    bare.wait_for_jobs(&mut worker).await?;
    let cpu = (meter.spent()?.saturating_sub(before)).as_secs_f64() * 1000.0;
    println!(
        "\njobs of {orders} orders worked off in {:.1} s by `megashop worker`: {:.2} ms CPU an order",
        started.elapsed().as_secs_f64(),
        cpu / orders as f64
    );
    Ok(worker.kill().await?)
}

/// Задачи в том же процессе: приём идёт, пока они догоняют.
async fn as_in_life(stage: &Stage, market: &Market, clients: usize, pace: Pace, bare: &BareShop) -> Result<()> {
    let shop = Shop::serve(&stage.setup).await?;
    let time = Duration::from_secs_f64(pace.seconds * 3.0);
    let orders = side(stage, &shop, market, order_call)?;
    let measure = load::measure(&orders, clients, time).await?;
    println!(
        "jobs in the same process, {clients} clients: {:.0} orders/s, p50 {:.1} ms, p99 {:.1} ms, {} jobs left behind",
        measure.per_second,
        measure.median,
        measure.p99,
        bare.waiting_jobs().await?,
    );
    shop.stop().await
}

fn print(name: &str, clients: usize, shop: &Measure, bare: Option<&Measure>) {
    table::row([
        name.to_owned(),
        clients.to_string(),
        format!("{:.0}", shop.per_second),
        bare.map_or("—".into(), |bare| format!("{:.0}", bare.per_second)),
        bare.map_or("—".into(), |bare| table::ratio(shop.per_second, bare.per_second)),
        format!("{:.2}", shop.cpu),
        bare.map_or("—".into(), |bare| format!("{:.2}", bare.cpu)),
        format!("{:.2} / {:.2}", shop.median, shop.p99),
    ]);
}
