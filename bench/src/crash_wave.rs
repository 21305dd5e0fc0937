//! `kill -9` посреди массового дела над волной предзаказа: перевода в производство и отмены с возвратом денег.
//!
//! Один прогон: волна распродана и оплачена → сотрудник переводит её → процесс убивают несколько раз подряд, пока задача идёт → сервер
//! доделывает → сотрудник отменяет волну, и снова то же. Сверка: каждому покупателю ровно одно письмо о каждом деле и ровно один возврат
//! ровно на уплаченное.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use http::Method;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::engine::Engine;
use crate::http::{Call, Client};
use crate::shop::{Setup, Shop};
use crate::stage::Program;
use crate::{customers, machine};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    program: Program,
    #[arg(long, default_value_t = 10)]
    runs: usize,
    /// Покупателей в волне.
    #[arg(long, default_value_t = 60)]
    buyers: usize,
    /// Зерно случайности.
    #[arg(long)]
    seed: Option<u64>,
}

/// Сколько раз процесс убивают за одно дело и сколько он живёт, миллисекунд.
const KILLS: usize = 3;
const LIFE: std::ops::Range<u64> = 20..400;
/// За сколько дело обязано закончиться, когда убивать перестали.
const SETTLE: Duration = Duration::from_secs(120);
const PASSWORD: &str = "Sklad-7-dubovyh-stolov";
const ADMIN: &str = "+79990000001";

/// Заказ в волне и почта, на которую о нём пишут.
struct Bought {
    id: i64,
    email: String,
    amount: Value,
}

pub async fn run(options: Options) -> Result<()> {
    let seed = options.seed.unwrap_or_else(machine::fresh_seed);
    println!("{}", machine::describe());
    println!("kill -9 in a wave on {}, {} runs, seed {seed}\n", options.program.engine.name(), options.runs);
    let engine = Engine::start(options.program.engine).await?;
    let setup = Setup::new(&options.program.binary, &engine.dir().join("data"), &engine.create_database("shop").await?)
        .with("MEGASHOP_PAYMENTS__PROVIDER", "emulator")
        .with("MEGASHOP_JOBS__LEASE", "3");
    create_admin(&setup).await?;
    let mut random = StdRng::seed_from_u64(seed);
    let (mut cut, mut done) = (0, 0);
    for run in 1..=options.runs {
        let step = one_run(&setup, &options, run, &mut random).await;
        let cut_now = step.with_context(|| format!("run {run}, seed {seed}"))?;
        println!(
            "run {run:>3}: {} buyers told and refunded once, {cut_now} of {} kills came in the middle",
            options.buyers,
            2 * KILLS
        );
        cut += cut_now;
        done += options.buyers;
    }
    println!("\n{done} buyers, {cut} kills in the middle of a move or a refund: everybody told once and refunded once");
    Ok(())
}

/// Сколько смертей пришлось на середину дела.
async fn one_run(setup: &Setup, options: &Options, run: usize, random: &mut StdRng) -> Result<usize> {
    let shop = Shop::serve(setup).await?;
    let admin = login(&mut shop.client(), ADMIN).await?;
    let wave = open_wave(&mut shop.client(), &admin, run, options.buyers).await?;
    let bought = fill(&mut shop.client(), &admin, wave.product_id, run, options.buyers).await?;
    let moved = json!({"status": "production", "message": "Нитки приехали."});
    let (shop, first) = act_under_fire(setup, shop, &admin, &wave, &bought, &moved, random).await?;
    let cancelled = json!({"status": "cancelled", "message": "Ткань не приехала.", "refund": true});
    let (shop, second) = act_under_fire(setup, shop, &admin, &wave, &bought, &cancelled, random).await?;
    check(setup, &mut shop.client(), &admin, &bought).await?;
    shop.stop().await?;
    setup.run(&["doctor", "--money"]).await?;
    Ok(first + second)
}

struct Wave {
    id: i64,
    product_id: i64,
}

async fn create_admin(setup: &Setup) -> Result<()> {
    setup.run(&["migrate"]).await?;
    let mut command = setup.command(&["admin", "create", "--phone", ADMIN, "--password-stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    child.stdin.take().context("no stdin")?.write_all(PASSWORD.as_bytes()).await?;
    ensure!(child.wait().await?.success(), "admin create failed");
    Ok(())
}

async fn login(client: &mut Client, phone: &str) -> Result<String> {
    let body = json!({"phone": phone, "password": PASSWORD});
    let answer = client.send(&Call::post("/api/v1/auth/login", &body)).await?.json()?;
    customers::text(&answer, "access_token")
}

async fn open_wave(client: &mut Client, admin: &str, run: usize, seats: usize) -> Result<Wave> {
    let product = json!({
        "name": format!("Худи {run}"),
        "article": format!("WAVE-{run}"),
        "price": 1000,
        "order_type": "preorder",
        "preorder_waves_total": 1,
        "preorder_wave_capacity": seats,
    });
    let product = client.send(&Call::post("/api/v1/products/", &product).by(admin)).await?.json()?;
    let product_id = product["id"].as_i64().context("no product id")?;
    let list = format!("/api/v1/preorder-waves/?product_id={product_id}");
    let waves = client.send(&Call::get(list).by(admin)).await?.json()?;
    Ok(Wave { id: waves["waves"][0]["id"].as_i64().context("no wave")?, product_id })
}

/// Места раскуплены и оплачены, и заказы об этом уже знают.
async fn fill(client: &mut Client, admin: &str, product_id: i64, run: usize, buyers: usize) -> Result<Vec<Bought>> {
    let mut bought = Vec::with_capacity(buyers);
    for number in 0..buyers {
        let email = format!("wave-{run}-{number}@example.com");
        let order = json!({
            "items": [{"product_id": product_id, "quantity": 1}],
            "contact": {"name": "Анна", "phone": format!("+7916{number:07}"), "email": email},
        });
        let order = client.send(&Call::post("/api/v1/orders/", &order)).await?.json()?;
        let url = customers::text(&order, "payment_url")?;
        let pay = format!("/api/v1/payment/emulator/{}/pay", url.rsplit('/').next().unwrap_or_default());
        client.send(&Call { method: Method::POST, ..Call::get(pay) }).await?.json()?;
        bought.push(Bought {
            id: order["id"].as_i64().context("no id")?,
            email,
            amount: order["final_amount"].clone(),
        });
    }
    wait_for(client, admin, &bought, |order| order["status"] == "paid").await?;
    Ok(bought)
}

/// Дело начато, сервер убивают и поднимают, потом дают доделать. Отдаёт живой сервер и сколько смертей застали дело незаконченным.
async fn act_under_fire(
    setup: &Setup,
    shop: Shop,
    admin: &str,
    wave: &Wave,
    bought: &[Bought],
    body: &Value,
    random: &mut StdRng,
) -> Result<(Shop, usize)> {
    let path = format!("/api/v1/preorder-waves/{}/status", wave.id);
    let is_cancelled = body["status"] == "cancelled";
    shop.client().send(&Call::post(path, body).by(admin)).await?.json()?;
    let (mut shop, mut cut) = (shop, 0);
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(random.random_range(LIFE))).await;
        shop.kill().await?;
        shop = Shop::serve(setup).await?;
        let left = unfinished(&mut shop.client(), admin, bought, is_cancelled).await?;
        cut += usize::from(left > 0 && left < bought.len());
    }
    wait_for(&mut shop.client(), admin, bought, |order| is_done(order, is_cancelled)).await?;
    wait_for_jobs(setup).await?;
    Ok((shop, cut))
}

fn is_done(order: &Value, is_cancelled: bool) -> bool {
    match is_cancelled {
        true => order["payment_status"] == "refunded",
        false => order["status"] != "paid",
    }
}

async fn read(client: &mut Client, admin: &str, id: i64) -> Result<Value> {
    client.send(&Call::get(format!("/api/v1/orders/{id}")).by(admin)).await?.json()
}

async fn unfinished(client: &mut Client, admin: &str, bought: &[Bought], is_cancelled: bool) -> Result<usize> {
    let mut left = 0;
    for order in bought {
        left += usize::from(!is_done(&read(client, admin, order.id).await?, is_cancelled));
    }
    Ok(left)
}

async fn wait_for(
    client: &mut Client,
    admin: &str,
    bought: &[Bought],
    is_ready: impl Fn(&Value) -> bool,
) -> Result<()> {
    let deadline = Instant::now() + SETTLE;
    for order in bought {
        loop {
            let seen = read(client, admin, order.id).await?;
            if is_ready(&seen) {
                break;
            }
            ensure!(Instant::now() < deadline, "the order did not come to its end: {seen}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

async fn wait_for_jobs(setup: &Setup) -> Result<()> {
    let deadline = Instant::now() + SETTLE;
    loop {
        let jobs = setup.run(&["jobs", "list"]).await?;
        ensure!(jobs.contains("dead 0"), "dead jobs:\n{jobs}");
        if letters_are_out(&jobs) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "jobs do not end:\n{jobs}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn letters_are_out(jobs: &str) -> bool {
    !["notifications.send_message", "orders.", "payments.perform_refund"].iter().any(|name| jobs.contains(name))
}

/// Каждому по письму о каждом деле и один возврат ровно на уплаченное.
async fn check(setup: &Setup, client: &mut Client, admin: &str, bought: &[Bought]) -> Result<()> {
    let letters = count_letters(&setup.data_dir.join("mail"))?;
    for order in bought {
        let seen = read(client, admin, order.id).await?;
        let back = (&seen["status"], &seen["refunded_amount"]);
        ensure!(back == (&json!("cancelled"), &order.amount), "not refunded exactly: {seen}");
        let asked = seen["history"].as_array().into_iter().flatten().filter(|row| row["reason"] == "refund_requested");
        ensure!(asked.count() == 1, "refunded more than once: {seen}");
        for words in ["изготавливаем", "отменён"] {
            let sent = letters.get(&(order.email.clone(), words)).copied().unwrap_or(0);
            ensure!(sent == 1, "{} got {sent} letters with `{words}`", order.email);
        }
    }
    Ok(())
}

fn count_letters(folder: &Path) -> Result<BTreeMap<(String, &'static str), usize>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let text = std::fs::read_to_string(entry?.path())?;
        let mut lines = text.lines();
        let to = lines.next().and_then(|line| line.strip_prefix("Кому: ")).unwrap_or_default().to_owned();
        let subject = lines.next().unwrap_or_default().to_owned();
        for words in ["изготавливаем", "отменён"] {
            if subject.contains(words) {
                *found.entry((to.clone(), words)).or_default() += 1;
            }
        }
    }
    Ok(found)
}
