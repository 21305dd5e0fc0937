//! Распродажа для замеров: промокоды без предела и товары с волнами, мест в которых хватит на любой прогон, — меряется путь заказа, а не
//! отказы.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::catalogue::SIZES;
use crate::customers;
use crate::http::{Call, Client};

/// Волн у товара: заказ находит открытую среди нескольких, как в жизни.
const WAVES: i64 = 3;
/// Мест в каждой.
const CAPACITY: i64 = 1_000_000;

/// Что продаётся со скидкой и волнами.
#[derive(Clone, Debug)]
pub struct Sale {
    pub codes: Vec<String>,
    /// Номера товаров, которые продаются волнами.
    pub preorders: Vec<i64>,
}

impl Sale {
    /// Заводит распродажу; `token` — администратора.
    pub async fn open(client: &mut Client, token: &str, codes: usize, preorders: usize) -> Result<Sale> {
        let mut sale = Sale { codes: Vec::new(), preorders: Vec::new() };
        for n in 1..=codes {
            let code = format!("BENCH-{n}");
            let body = json!({"code": code, "discount_percent": 10, "max_uses": 1_000_000_000});
            client.send(&Call::post("/api/v1/promo-codes/", &body).by(token)).await?.json().context("promo code")?;
            sale.codes.push(code);
        }
        for n in 1..=preorders {
            let body = json!({
                "name": format!("Пальто {n}"), "article": format!("W-{n:05}"), "price": 9000, "sizes": SIZES,
                "order_type": "preorder", "preorder_waves_total": WAVES, "preorder_wave_capacity": CAPACITY,
            });
            let made =
                client.send(&Call::post("/api/v1/products/", &body).by(token)).await?.json().context("product")?;
            sale.preorders.push(made["id"].as_i64().context("no `id`")?);
        }
        Ok(sale)
    }

    /// Тело заказа: по штуке каждого товара, место в волне `turn`-го товара и `turn`-й код.
    pub fn order(&self, lines: &[(i64, &str)], turn: usize) -> Value {
        let preorder = self.preorders[turn % self.preorders.len()];
        let lines: Vec<(i64, &str)> = lines.iter().copied().chain([(preorder, SIZES[turn % SIZES.len()])]).collect();
        let mut body = customers::order(&lines);
        body["promo_code"] = json!(self.codes[turn % self.codes.len()]);
        body
    }
}
