//! Покупатели и товары глазами клиента API.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::http::{Call, Client};
use crate::shop::Setup;

/// Пароль всех выдуманных покупателей.
const PASSWORD: &str = "Sklad-7-dubovyh-stolov";

/// Регистрирует покупателя с номером `n`; возвращает токен доступа.
pub async fn register(client: &mut Client, n: usize) -> Result<String> {
    let body = json!({"phone": phone(n), "password": PASSWORD});
    let answer = client.send(&Call::post("/api/v1/auth/register", &body)).await?.json()?;
    text(&answer, "access_token")
}

/// Вход покупателя с номером `n`.
pub fn login(n: usize) -> Call {
    Call::post("/api/v1/auth/login", &json!({"phone": phone(n), "password": PASSWORD}))
}

/// Администратор с номером `n`: заводит его `megashop admin create`.
pub async fn make_admin(setup: &Setup, n: usize) -> Result<()> {
    setup.run_with(&["admin", "create", "--phone", &phone(n), "--password-stdin"], PASSWORD).await.map(|_| ())
}

fn phone(n: usize) -> String {
    format!("+7916{n:07}")
}

pub async fn register_many(client: &mut Client, count: usize) -> Result<Vec<String>> {
    let mut tokens = Vec::with_capacity(count);
    for n in 0..count {
        tokens.push(register(client, n).await?);
    }
    Ok(tokens)
}

/// Номера первых `count` товаров.
pub async fn product_ids(client: &mut Client, count: usize) -> Result<Vec<i64>> {
    let mut ids = Vec::with_capacity(count);
    for page in 1.. {
        let call = Call::get(format!("/api/v1/products/?page={page}&page_size=100"));
        let answer = client.send(&call).await?.json()?;
        let products = answer["products"].as_array().context("no `products` in the list")?;
        ids.extend(products.iter().filter_map(|product| product["id"].as_i64()));
        if products.is_empty() || ids.len() >= count {
            break;
        }
    }
    ids.truncate(count);
    Ok(ids)
}

/// Тело заказа: по штуке каждого товара.
pub fn order(lines: &[(i64, &str)]) -> Value {
    let items: Vec<Value> =
        lines.iter().map(|(id, size)| json!({"product_id": id, "size": size, "quantity": 1})).collect();
    json!({"items": items, "delivery_address": "Москва, Тверская, 1"})
}

/// Строковое поле ответа.
pub fn text(answer: &Value, field: &str) -> Result<String> {
    let value = answer[field].as_str().with_context(|| format!("no `{field}` in {answer}"))?;
    Ok(value.to_owned())
}
