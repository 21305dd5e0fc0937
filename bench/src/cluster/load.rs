//! Нагрузка: покупатели, вошедший человек и часы в каталоге — через оба сервера по очереди.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use http::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::{ADMIN, PRODUCTS};
use crate::catalogue::SIZES;
use crate::customers;
use crate::fleet::Fleet;
use crate::http::{Call, Client};

/// Покупка: адрес для писем, сколько их должно прийти, когда заказана и за сколько принята.
pub struct Bought {
    pub email: String,
    pub letters: usize,
    pub at: Instant,
    pub took: Duration,
}

pub struct Load {
    buyers: JoinSet<Result<Vec<Bought>>>,
    profiles: tokio::task::JoinHandle<Result<usize>>,
    clock: tokio::task::JoinHandle<Result<(usize, Duration)>>,
}

pub struct Seen {
    pub profiles: usize,
    pub changes: usize,
    pub worst_delay: Duration,
}

impl Load {
    pub async fn start(fleet: &Fleet, clients: usize, stop: &Arc<AtomicBool>) -> Result<Load> {
        let from = |server: usize, number: u8| fleet.servers[server].client().from([127, 0, 1, number]);
        let mut client = from(0, 200);
        let products = customers::product_ids(&mut client, PRODUCTS).await?;
        let token = customers::register(&mut client, 1).await?;
        let admin = client.send(&customers::login(ADMIN)).await?.json()?;
        let admin = customers::text(&admin, "access_token")?;
        let (for_sale, clock) = products.split_at(PRODUCTS - 1);
        let mut buyers = JoinSet::new();
        for number in 0..clients {
            let pair = [from(0, number as u8), from(1, number as u8)];
            buyers.spawn(buy(number, pair, for_sale.to_vec(), stop.clone()));
        }
        let profiles = tokio::spawn(stay_logged_in([from(0, 201), from(1, 201)], token, stop.clone()));
        let clock = tokio::spawn(turn_clock([from(0, 202), from(1, 202)], admin, clock[0], stop.clone()));
        Ok(Load { buyers, profiles, clock })
    }

    pub async fn finish(mut self) -> Result<(Vec<Bought>, Seen)> {
        let mut bought = Vec::new();
        while let Some(buyer) = self.buyers.join_next().await {
            bought.extend(buyer??);
        }
        let (changes, worst_delay) = self.clock.await??;
        Ok((bought, Seen { profiles: self.profiles.await??, changes, worst_delay }))
    }
}

/// Каждый пятый уходит, не заплатив. Отказ сервера — провал замера: беда с соседями покупателя не касается.
async fn buy(
    number: usize,
    mut servers: [Client; 2],
    products: Vec<i64>,
    stop: Arc<AtomicBool>,
) -> Result<Vec<Bought>> {
    let mut bought = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let turn = bought.len();
        let client = &mut servers[turn % 2];
        let email = format!("cluster-{number}-{turn}@example.com");
        let line = (products[(number + turn) % products.len()], SIZES[turn % SIZES.len()]);
        let mut order = customers::order(&[line]);
        order["contact"] = json!({"name": "Анна", "phone": format!("+7916{number:07}"), "email": email});
        let call = Call::post("/api/v1/orders/", &order).once(format!("{number}-{turn}"));
        let at = Instant::now();
        let order = client.send(&call).await?.json().context("order")?;
        let took = at.elapsed();
        let mut letters = 1;
        if turn % 5 != 4 {
            let url = customers::text(&order, "payment_url")?;
            let path = format!("/api/v1/payment/emulator/{}/pay", url.rsplit('/').next().unwrap_or_default());
            client.send(&Call { method: Method::POST, ..Call::get(path) }).await?.json().context("payment")?;
            letters += 1;
        }
        bought.push(Bought { email, letters, at, took });
    }
    Ok(bought)
}

async fn stay_logged_in(mut servers: [Client; 2], token: String, stop: Arc<AtomicBool>) -> Result<usize> {
    let mut answers = 0;
    while !stop.load(Ordering::SeqCst) {
        servers[answers % 2].send(&Call::get("/api/v1/users/me").by(&token)).await?.json().context("logged out")?;
        answers += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(answers)
}

/// Имя товара меняют через первый сервер: он обязан показать новое сразу, второй — как узнает.
async fn turn_clock(
    mut servers: [Client; 2],
    admin: String,
    id: i64,
    stop: Arc<AtomicBool>,
) -> Result<(usize, Duration)> {
    let [own, other] = &mut servers;
    let path = format!("/api/v1/products/{id}");
    let (mut changes, mut worst) = (0, Duration::ZERO);
    while !stop.load(Ordering::SeqCst) {
        changes += 1;
        let name = format!("Часы {changes}");
        let patch = Call { method: Method::PATCH, ..Call::post(&*path, &json!({"name": name})) };
        own.send(&patch.by(&admin)).await?.json().context("patch")?;
        let changed = Instant::now();
        let seen = own.send(&Call::get(&*path)).await?.json()?;
        ensure!(seen["name"] == name.as_str(), "own change is not seen: {} instead of {name}", seen["name"]);
        while other.send(&Call::get(&*path)).await?.json()?["name"] != name.as_str() {
            ensure!(changed.elapsed() < Duration::from_secs(10), "the other server never saw {name}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        worst = worst.max(changed.elapsed());
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    Ok((changes, worst))
}
