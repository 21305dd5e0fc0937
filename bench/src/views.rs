//! AR-кампания: просмотр актива рядом с голым обработчиком, который выполняет те же операторы SQL.
//!
//! В пуле активов на один больше, чем смотрят: набор не собирается, и код не выдаётся — меряется сам просмотр. Сеансы заготовлены
//! заранее, у каждой стороны свои.

use anyhow::{Result, bail};
use clap::Args;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use sqlx::{PgPool, SqlitePool};
use uuid::Uuid;

use crate::engine::Kind;
use crate::http::Call;
use crate::load::{self, Measure, Next, Pace, Side, Worker};
use crate::reference::Reference;
use crate::shop::Shop;
use crate::stage::{Place, Stage};
use crate::{machine, table};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    pace: Pace,
    /// Клиентов разом; можно повторить.
    #[arg(long, default_values_t = [1, 64])]
    clients: Vec<usize>,
    /// Заготовленных сеансов у каждой стороны.
    #[arg(long, default_value_t = 20_000)]
    sessions: usize,
}

/// Активов, которые смотрит сеанс.
const VIEWED: usize = 10;

pub async fn run(options: Options) -> Result<()> {
    println!("{}", machine::describe());
    println!("views of a campaign on {}, {} sessions a side\n", options.place.program.engine.name(), options.sessions);
    // Каталог кампании не нужен: хватит нескольких товаров.
    let stage = Stage::build_with(&options.place.program, 10).await?;
    let sessions = seed(options.place.program.engine, &stage.url, options.sessions).await?;
    let shop = Shop::serve(&stage.setup).await?;
    let bare = Reference::sqlx(&stage.url).await?;
    let (ours, theirs) = sessions.split_at(options.sessions);
    let sides = [
        Side { meter: stage.meter(&shop)?, worker: Box::new(|n| Worker::http(shop.address, walk(ours, n))) },
        Side { meter: stage.meter_of(bare.pid()?), worker: Box::new(|n| Worker::http(bare.address, walk(theirs, n))) },
    ];
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
    for clients in &options.clients {
        let measures = load::in_turns(&sides, *clients, options.pace).await?;
        print(*clients, &measures[0], &measures[1]);
    }
    drop(sides);
    bare.stop().await?;
    shop.stop().await
}

/// Клиент берёт сеанс со своего места, смотрит в нём всё по разу и идёт к следующему.
fn walk(sessions: &[Uuid], client: usize) -> Next {
    let sessions = sessions.to_vec();
    let mut at = client * 997 * VIEWED;
    Box::new(move || {
        let session = sessions[(at / VIEWED) % sessions.len()];
        let slug = format!("bench-{}", at % VIEWED);
        at += 1;
        Call::post("/view/", &json!({"session_id": session, "asset_slug": slug}))
    })
}

fn print(clients: usize, shop: &Measure, bare: &Measure) {
    table::row([
        "view".to_owned(),
        clients.to_string(),
        format!("{:.0}", shop.per_second),
        format!("{:.0}", bare.per_second),
        table::ratio(shop.per_second, bare.per_second),
        format!("{:.3}", shop.cpu),
        format!("{:.3}", bare.cpu),
        format!("{:.2} / {:.2}", shop.median, shop.p99),
    ]);
}

const ASSET: &str = "INSERT INTO campaign_assets (pool_id, slug, name, kind, meta, position, is_active, created_at, updated_at) \
    SELECT id, $1, $1, 'bench', '{}', $2, TRUE, created_at, updated_at FROM campaign_pools WHERE slug = 'default'";

const SESSION: &str = "INSERT INTO campaign_sessions (id, number, campaign_id, day, score, is_active, created_at, last_seen) \
    SELECT $1, $2, id, '2026-01-01', 0, TRUE, created_at, created_at FROM campaigns WHERE default_mark = 1";

/// Активы и сеансы обеих сторон, прямо в базу.
async fn seed(kind: Kind, url: &str, sessions: usize) -> Result<Vec<Uuid>> {
    let mut random = StdRng::seed_from_u64(machine::fresh_seed());
    let mut id = || uuid::Builder::from_random_bytes(random.random()).into_uuid();
    let ids: Vec<Uuid> = (0..2 * sessions).map(|_| id()).collect();
    match kind {
        Kind::Sqlite => {
            let pool = SqlitePool::connect(url).await?;
            let mut tx = pool.begin().await?;
            for n in 0..=VIEWED {
                sqlx::query(ASSET).bind(format!("bench-{n}")).bind(n as i32).execute(&mut *tx).await?;
            }
            for (number, id) in (1_i64..).zip(&ids) {
                sqlx::query(SESSION).bind(id).bind(number).execute(&mut *tx).await?;
            }
            tx.commit().await?;
            pool.close().await;
        }
        Kind::Postgres => {
            let pool = PgPool::connect(url).await?;
            let mut tx = pool.begin().await?;
            for n in 0..=VIEWED {
                sqlx::query(ASSET).bind(format!("bench-{n}")).bind(n as i32).execute(&mut *tx).await?;
            }
            for (number, id) in (1_i64..).zip(&ids) {
                sqlx::query(SESSION).bind(id).bind(number).execute(&mut *tx).await?;
            }
            tx.commit().await?;
            pool.close().await;
        }
        Kind::Mariadb => bail!("there is no bare server for MariaDB"),
    }
    Ok(ids)
}
