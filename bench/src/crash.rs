//! `kill -9` в случайный момент под нагрузкой заказами и оплатами, потом сверка: подтверждённое — на месте, лишнего нет.
//!
//! Один прогон: сервер поднят → покупатели оформляют и платят → процесс убит → сервер поднят снова → неотвеченное повторено с теми
//! же ключами → каждый заказ прочитан, `doctor --money` сошёлся, мёртвых задач нет. База между прогонами не меняется: следующий
//! прогон начинается с того, что осталось от прошлого.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::catalogue::{self, SIZES};
use crate::engine::Engine;
use crate::http::{Answer, Call, Client};
use crate::sale::Sale;
use crate::shop::{Setup, Shop};
use crate::stage::Program;
use crate::{customers, machine};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    program: Program,
    #[arg(long, default_value_t = 50)]
    runs: usize,
    /// Покупателей разом.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Зерно случайности: то же зерно — те же товары и те же сроки жизни.
    #[arg(long)]
    seed: Option<u64>,
}

/// Товаров в магазине: мало, чтобы покупатели сталкивались на одних остатках.
const PRODUCTS: usize = 20;
/// Промокодов и товаров с волнами: тоже мало, чтобы за них спорили.
const CODES: usize = 2;
const PREORDERS: usize = 2;
const ADMIN: usize = 9_000_000;
/// Сколько сервер живёт под нагрузкой, миллисекунд.
const LIFE: std::ops::Range<u64> = 100..2_500;
/// За сколько после перезапуска оплаченное обязано стать оплаченным заказом.
const SETTLE: Duration = Duration::from_secs(60);

/// Что покупатель знает о своей покупке.
#[derive(Clone, Debug)]
struct Purchase {
    /// `Idempotency-Key` заказа.
    key: String,
    body: Value,
    /// Подтверждённый заказ; нет — ответа не было.
    order: Option<Order>,
    payment: Payment,
}

#[derive(Clone, Debug)]
struct Order {
    id: i64,
    payment_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Payment {
    NotStarted,
    Unanswered,
    Confirmed,
}

/// Покупатель: живёт через все прогоны и помнит всё, что купил.
struct Buyer {
    number: usize,
    token: String,
    random: StdRng,
    products: Vec<i64>,
    sale: Sale,
    purchases: Vec<Purchase>,
}

pub async fn run(options: Options) -> Result<()> {
    let seed = options.seed.unwrap_or_else(machine::fresh_seed);
    println!("{}", machine::describe());
    println!(
        "kill -9 on {}, {} runs, {} buyers, seed {seed}\n",
        options.program.engine.name(),
        options.runs,
        options.clients
    );
    let engine = Engine::start(options.program.engine).await?;
    let url = engine.create_database("shop").await?;
    let setup = Setup::new(&options.program.binary, &engine.dir().join("data"), &url)
        .with("MEGASHOP_PAYMENTS__PROVIDER", "emulator")
        // Задачу, взятую убитым процессом, другой возьмёт через три секунды, а не через минуту.
        .with("MEGASHOP_JOBS__LEASE", "3");
    let mut random = StdRng::seed_from_u64(seed);
    let mut buyers = open_shop(&engine, &setup, options.clients, &mut random).await?;

    let mut ready = Vec::new();
    for run in 1..=options.runs {
        let life = Duration::from_millis(random.random_range(LIFE));
        let before: Vec<usize> = buyers.iter().map(|buyer| buyer.purchases.len()).collect();
        buyers = live_and_die(&setup, buyers, life).await?;
        let shop = Shop::serve(&setup).await?;
        let (fresh, unanswered) = count(&buyers, &before);
        for (buyer, first) in buyers.iter_mut().zip(before) {
            buyer.settle(&shop, first).await.with_context(|| format!("run {run}, seed {seed}"))?;
        }
        check_books(&setup).await.with_context(|| format!("run {run}, seed {seed}"))?;
        println!(
            "run {run:>3}: lived {:>4} ms, {fresh:>5} orders, {unanswered:>2} requests without an answer, ready again in {} ms",
            life.as_millis(),
            shop.ready_after.as_millis()
        );
        ready.push(shop.ready_after);
        shop.kill().await?;
    }
    summarise(&buyers, ready);
    Ok(())
}

/// Загружает товары и заводит покупателей.
async fn open_shop(engine: &Engine, setup: &Setup, clients: usize, random: &mut StdRng) -> Result<Vec<Buyer>> {
    let file = engine.dir().join("catalogue.csv");
    catalogue::write_csv(&file, PRODUCTS)?;
    setup.run(&["import", &file.to_string_lossy()]).await?;
    customers::make_admin(setup, ADMIN).await?;
    let shop = Shop::serve(setup).await?;
    let mut client = shop.client();
    let products = customers::product_ids(&mut client, PRODUCTS).await?;
    let tokens = customers::register_many(&mut client, clients).await?;
    let admin = client.send(&customers::login(ADMIN)).await?.json()?;
    let sale = Sale::open(&mut client, &customers::text(&admin, "access_token")?, CODES, PREORDERS).await?;
    shop.stop().await?;
    let buyer = |(number, token)| Buyer {
        number,
        token,
        random: StdRng::seed_from_u64(random.random()),
        products: products.clone(),
        sale: sale.clone(),
        purchases: Vec::new(),
    };
    Ok(tokens.into_iter().enumerate().map(buyer).collect())
}

/// Покупают, пока сервер не убьют.
async fn live_and_die(setup: &Setup, buyers: Vec<Buyer>, life: Duration) -> Result<Vec<Buyer>> {
    let shop = Shop::serve(setup).await?;
    let mut tasks = JoinSet::new();
    for buyer in buyers {
        tasks.spawn(buyer.shop_until_cut_off(shop.client()));
    }
    tokio::time::sleep(life).await;
    shop.kill().await?;
    let mut buyers = Vec::new();
    while let Some(buyer) = tasks.join_next().await {
        buyers.push(buyer.context("a buyer stopped")??);
    }
    buyers.sort_by_key(|buyer| buyer.number);
    Ok(buyers)
}

impl Buyer {
    /// Ошибка соединения — это смерть сервера и конец прогона; отказ с телом — ошибка магазина.
    async fn shop_until_cut_off(mut self, mut client: Client) -> Result<Buyer> {
        loop {
            let purchase = self.new_purchase();
            self.purchases.push(purchase.clone());
            let Ok(answer) = client.send(&self.order_call(&purchase)).await else { return Ok(self) };
            let order = read_order(&answer)?;
            let last = self.purchases.len() - 1;
            self.purchases[last].order = Some(order.clone());
            // Каждый пятый уходит, не заплатив.
            if self.random.random_range(0..5) == 0 {
                continue;
            }
            self.purchases[last].payment = Payment::Unanswered;
            let Ok(answer) = client.send(&self.pay_call(&order)).await else { return Ok(self) };
            answer.json().context("payment")?;
            self.purchases[last].payment = Payment::Confirmed;
        }
    }

    fn new_purchase(&mut self) -> Purchase {
        let lines: Vec<(i64, &str)> = (0..2)
            .map(|_| {
                let product = self.products[self.random.random_range(0..self.products.len())];
                (product, SIZES[self.random.random_range(0..SIZES.len())])
            })
            .collect();
        let key = format!("crash-{}-{}", self.number, self.purchases.len());
        // Каждый второй заказ — с промокодом и местом в волне.
        let body = match self.random.random_range(0..2) {
            0 => customers::order(&lines),
            _ => self.sale.order(&lines, self.random.random_range(0..CODES * PREORDERS)),
        };
        Purchase { key, body, order: None, payment: Payment::NotStarted }
    }

    fn order_call(&self, purchase: &Purchase) -> Call {
        Call::post("/api/v1/orders/", &purchase.body).by(&self.token).once(&purchase.key)
    }

    fn pay_call(&self, order: &Order) -> Call {
        let path = format!("/api/v1/payment/emulator/{}/pay", order.payment_id);
        Call { method: http::Method::POST, ..Call::get(path) }.by(&self.token)
    }

    /// Сверяет покупки, начиная с `first`, и общее число заказов.
    async fn settle(&mut self, shop: &Shop, first: usize) -> Result<()> {
        let mut client = shop.client();
        for index in first..self.purchases.len() {
            if self.purchases[index].order.is_none() {
                let again = client.send(&self.order_call(&self.purchases[index])).await?;
                self.purchases[index].order = Some(read_order(&again)?);
            }
        }
        for purchase in &self.purchases[first..] {
            self.check(&mut client, purchase).await.with_context(|| format!("{purchase:?}"))?;
        }
        // Повтор не породил второго заказа, и ни один не пропал.
        let list = client.send(&Call::get("/api/v1/orders/?limit=1").by(&self.token)).await?.json()?;
        let total = list["total"].as_u64().context("no `total`")?;
        ensure!(
            total == self.purchases.len() as u64,
            "buyer {} has {total} orders, made {}",
            self.number,
            self.purchases.len()
        );
        Ok(())
    }

    /// Заказ есть; оплачен один раз или ни разу; подтверждённая оплата видна в заказе.
    async fn check(&self, client: &mut Client, purchase: &Purchase) -> Result<()> {
        let order = purchase.order.as_ref().context("no order")?;
        let deadline = Instant::now() + SETTLE;
        loop {
            let path = format!("/api/v1/orders/{}", order.id);
            let seen = client.send(&Call::get(path).by(&self.token)).await?.json()?;
            let path = format!("/api/v1/payment/status/{}", order.payment_id);
            let payment = client.send(&Call::get(path).by(&self.token)).await?.json()?;
            let (order_paid, money_taken) = (seen["payment_status"] == "succeeded", payment["paid"] == true);
            let agreed = order_paid == money_taken && (money_taken || purchase.payment != Payment::Confirmed);
            if agreed {
                ensure!(!money_taken || purchase.payment != Payment::NotStarted, "paid by nobody: {payment}");
                ensure!(payment["amount"] == seen["final_amount"], "another amount: {payment} for {seen}");
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "the order and its payment disagree: {seen} and {payment}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn read_order(answer: &Answer) -> Result<Order> {
    let order = answer.json().context("order")?;
    let url = customers::text(&order, "payment_url")?;
    let payment_id = url.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Order { id: order["id"].as_i64().context("no `id`")?, payment_id })
}

/// Деньги и остатки сошлись, мёртвых задач нет.
async fn check_books(setup: &Setup) -> Result<()> {
    setup.run(&["doctor", "--money"]).await?;
    let jobs = setup.run(&["jobs", "list"]).await?;
    if !jobs.contains("dead 0") {
        bail!("dead jobs:\n{jobs}");
    }
    Ok(())
}

/// Покупок этого прогона и сколько запросов осталось без ответа.
fn count(buyers: &[Buyer], before: &[usize]) -> (usize, usize) {
    let fresh = buyers.iter().zip(before).flat_map(|(buyer, first)| &buyer.purchases[*first..]);
    let is_cut = |purchase: &&Purchase| purchase.order.is_none() || purchase.payment == Payment::Unanswered;
    let purchases: Vec<&Purchase> = fresh.collect();
    (purchases.len(), purchases.iter().copied().filter(|purchase| is_cut(purchase)).count())
}

fn summarise(buyers: &[Buyer], mut ready: Vec<Duration>) {
    ready.sort_unstable();
    let all = || buyers.iter().flat_map(|buyer| &buyer.purchases);
    let confirmed = all().filter(|purchase| purchase.payment == Payment::Confirmed).count();
    let middle = ready.get(ready.len() / 2).copied().unwrap_or_default();
    let worst = ready.last().copied().unwrap_or_default();
    println!(
        "\n{} orders, {confirmed} confirmed payments, no violation; restart to ready: median {} ms, worst {} ms",
        all().count(),
        middle.as_millis(),
        worst.as_millis()
    );
}
