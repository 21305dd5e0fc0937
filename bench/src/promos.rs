//! Распродажа: заказ с промокодом и местом в волне рядом с простым заказом того же числа строк, и проверка кода под толпой.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::catalogue::SIZES;
use crate::http::Call;
use crate::load::{self, Measure, Next, Pace, Side, Worker};
use crate::sale::Sale;
use crate::shop::Shop;
use crate::stage::{Place, Stage};
use crate::{customers, machine, table};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    pace: Pace,
    /// Покупателей разом; можно повторить.
    #[arg(long, default_values_t = [1, 16])]
    clients: Vec<usize>,
    /// Проверяют код разом.
    #[arg(long, default_value_t = 64)]
    callers: usize,
    /// Кодов: один — все покупатели на одной строке.
    #[arg(long, default_value_t = 20)]
    codes: usize,
    /// Товаров с волнами: один — все покупатели на одной волне.
    #[arg(long, default_value_t = 20)]
    preorders: usize,
}

/// Товаров со склада, которые покупают.
const BOUGHT: usize = 1000;
/// Администратор — не из числа покупателей.
const ADMIN: usize = 9_000_000;

pub async fn run(options: Options) -> Result<()> {
    println!("{}", machine::describe());
    let (codes, preorders) = (options.codes, options.preorders);
    println!("a sale on {}: {codes} codes, {preorders} products in waves\n", options.place.program.engine.name());
    let stage = Stage::build(&options.place).await?;
    customers::make_admin(&stage.setup, ADMIN).await?;
    let shop = Shop::serve(&stage.setup.clone().with("MEGASHOP_JOBS__IN_PROCESS", "false")).await?;
    let mut client = shop.client();
    let most = options.clients.iter().copied().max().unwrap_or(1);
    let market = Market {
        tokens: customers::register_many(&mut client, most).await?,
        products: customers::product_ids(&mut client, BOUGHT).await?,
        sale: {
            let admin = client.send(&customers::login(ADMIN)).await?.json()?;
            Sale::open(&mut client, &customers::text(&admin, "access_token")?, codes, preorders).await?
        },
    };
    table::head(&["what", "clients", "req/s", "ratio to plain", "CPU ms", "p50/p99 ms"]);
    for clients in &options.clients {
        let sides = [side(&stage, &shop, &market, plain_order)?, side(&stage, &shop, &market, sale_order)?];
        let measures = load::in_turns(&sides, *clients, options.pace).await?;
        print("plain order, 2 lines", *clients, &measures[0], None);
        print("with a code and a wave seat, 2 lines", *clients, &measures[1], Some(&measures[0]));
    }
    let check = side(&stage, &shop, &market, validate)?;
    let measure = load::in_turns(&[check], options.callers, options.pace).await?.remove(0);
    print("promo-codes/validate", options.callers, &measure, None);
    shop.stop().await?;
    stage.setup.run(&["doctor", "--money"]).await.map(|_| println!("\ndoctor --money: no violation"))
}

struct Market {
    tokens: Vec<String>,
    products: Vec<i64>,
    sale: Sale,
}

impl Market {
    fn product(&self, at: usize) -> i64 {
        self.products[at % self.products.len()]
    }
}

type Script = fn(&Market, usize, usize) -> Call;

fn side<'a>(stage: &Stage, shop: &Shop, market: &'a Market, script: Script) -> Result<Side<'a>> {
    let address = shop.address;
    let worker = move |client: usize| Worker::http(address, repeat(market, client, script));
    Ok(Side { meter: stage.meter(shop)?, worker: Box::new(worker) })
}

/// Запросы клиента по номерам; начало у каждого своё.
fn repeat(market: &Market, client: usize, script: Script) -> Next {
    let market = Market { tokens: market.tokens.clone(), products: market.products.clone(), sale: market.sale.clone() };
    let mut at = client * 61;
    Box::new(move || {
        at += 1;
        script(&market, client, at)
    })
}

fn plain_order(market: &Market, client: usize, at: usize) -> Call {
    let body = customers::order(&[(market.product(at), SIZES[0]), (market.product(at + 7), SIZES[1])]);
    order(market, client, &body)
}

fn sale_order(market: &Market, client: usize, at: usize) -> Call {
    order(market, client, &market.sale.order(&[(market.product(at), SIZES[0])], at))
}

fn order(market: &Market, client: usize, body: &serde_json::Value) -> Call {
    let key = format!("bench-{client}-{:x}", machine::fresh_seed());
    Call::post("/api/v1/orders/", body).by(&market.tokens[client]).once(key)
}

fn validate(market: &Market, _: usize, at: usize) -> Call {
    let code = &market.sale.codes[at % market.sale.codes.len()];
    let body = json!({"code": code, "product_ids": [market.product(at), market.product(at + 7)]});
    Call::post("/api/v1/promo-codes/validate", &body)
}

fn print(name: &str, clients: usize, measure: &Measure, plain: Option<&Measure>) {
    table::row([
        name.to_owned(),
        clients.to_string(),
        format!("{:.0}", measure.per_second),
        plain.map_or("—".into(), |plain| table::ratio(measure.per_second, plain.per_second)),
        format!("{:.2}", measure.cpu),
        format!("{:.2} / {:.2}", measure.median, measure.p99),
    ]);
}
