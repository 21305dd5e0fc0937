//! Админка при миллионе заказов: сколько ждёт сотрудник, открыв список, страницу из середины, отбор, поиск, главную.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use serde_json::json;

use crate::engine::Kind;
use crate::http::{Call, Client};
use crate::many_orders::{self, Own};
use crate::shop::Shop;
use crate::stage::{Program, Stage};
use crate::{customers, machine, table};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    program: Program,
    #[arg(long, default_value_t = 1_000_000)]
    orders: usize,
    /// Раз открыть каждую страницу.
    #[arg(long, default_value_t = 21)]
    times: usize,
}

const ADMIN: usize = 9_000_000;
const LIST: &str = "/admin/orders/order";

pub async fn run(options: Options) -> Result<()> {
    let Options { program, orders, times } = options;
    let engine = program.engine;
    println!("{}", machine::describe());
    println!("admin over {orders} orders on {}\n", engine.name());
    let stage = Stage::build_with(&program, 10).await?;
    customers::make_admin(&stage.setup, ADMIN).await?;
    // Задачи выключены: размноженные заказы никто не отменяет.
    let setup = stage.setup.clone().with("MEGASHOP_JOBS__IN_PROCESS", "false");
    many_orders::place_one(&setup).await?;
    let placed = Instant::now();
    let when = placed_at(engine, orders);
    let own = [&many_orders::keys(engine)[..], &different(engine, &when)].concat();
    many_orders::seed(engine, &stage.url, 1, orders, &own).await?;
    println!("seeded in {:.0} s\n", placed.elapsed().as_secs_f64());
    let shop = Shop::serve(&setup).await?;
    let mut client = shop.client();
    let session = client.send(&customers::login(ADMIN)).await?.json()?;
    let token = customers::text(&session, "access_token")?;
    table::head(&["page", "median, ms", "worst, ms", "first, ms"]);
    for (name, path, shows) in pages(orders) {
        measure(&mut client, &token, times, (name, &path, &shows)).await?;
    }
    shop.stop().await
}

/// По заказу в минуту: последний — сейчас, первый из миллиона — почти два года назад.
fn placed_at(kind: Kind, orders: usize) -> String {
    match kind {
        Kind::Postgres => format!("(now() AT TIME ZONE 'UTC') - ({orders} - n) * interval '1 minute'"),
        _ => {
            format!("strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || ({orders} - n) || ' minutes') || '.000000'")
        }
    }
}

/// Люди, почты и дни разные; ждёт сборки каждый сотый, деньги пришли сразу.
fn different(kind: Kind, when: &str) -> Vec<Own<'_>> {
    let phone = if kind == Kind::Postgres { "'+7917' || lpad(n::text, 7, '0')" } else { "printf('+7917%07d', n)" };
    vec![
        ("status", "CASE WHEN n % 100 = 0 THEN 'processing' ELSE 'delivered' END"),
        ("payment_status", "'succeeded'"),
        ("payment_id", "(SELECT min(id) FROM payments)"),
        ("contact_phone", phone),
        ("contact_email", "'b' || n || '@example.com'"),
        ("created_at", when),
        ("paid_at", when),
    ]
}

/// Что открывают и что на странице должно быть.
fn pages(orders: usize) -> Vec<(&'static str, String, String)> {
    let (half, old) = (orders / 2, 100);
    let list = |query: &str| format!("{LIST}{query}");
    vec![
        ("first page", list(""), format!("B-{orders}")),
        ("page in the middle", list(&format!("?at={}", beyond(half))), format!("B-{}", half - 1)),
        ("last pages", list(&format!("?at={}", beyond(old))), format!("B-{}", old - 1)),
        ("oldest first", list("?sort=placed"), "B-2".to_owned()),
        ("by status, one in a hundred", list("?status=processing"), format!("B-{}", orders - orders % 100)),
        ("by money nobody has", list("?payment_status=attention"), "orders".to_owned()),
        ("by phone", list(&format!("?q=8917{half:07}")), format!("B-{half}")),
        ("by e-mail", list(&format!("?q=b{half}@example.com")), format!("B-{half}")),
        ("by number", list(&format!("?q=B-{half}")), format!("B-{half}")),
        ("search everywhere, by phone", format!("/admin/search?q=8917{half:07}"), format!("B-{half}")),
        ("home page", "/admin".to_owned(), "admin".to_owned()),
    ]
}

/// Место в списке за заказом с этим номером: такое же, какое ставит ссылка «Дальше».
fn beyond(id: usize) -> String {
    URL_SAFE_NO_PAD.encode(json!({"key": {"whole": id}, "id": id, "back": false}).to_string())
}

async fn measure(client: &mut Client, token: &str, times: usize, page: (&str, &str, &str)) -> Result<()> {
    let (name, path, shows) = page;
    let call = Call::get(path).by(token);
    let mut spent = Vec::new();
    for _ in 0..times.max(1) {
        let started = Instant::now();
        let answer = client.send(&call).await?;
        spent.push(started.elapsed().as_secs_f64() * 1000.0);
        let body = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status.is_success() && body.contains(shows), "{path}: {}, no {shows}", answer.status);
    }
    let first = *spent.first().context("no answers")?;
    spent.sort_by(f64::total_cmp);
    let worst = *spent.last().context("no answers")?;
    let figures = [spent[spent.len() / 2], worst, first].map(|ms| format!("{ms:.1}"));
    table::row([name.to_owned()].into_iter().chain(figures));
    Ok(())
}
