//! Операторы оформления в том порядке, в каком их выполняет `orders::services::place_order`.

use anyhow::{Context, Result};
use uuid::Uuid;

use super::Value::{self, Bool, Int, NoInt, NoSmall, NoText, Small, Text, Time};
use super::{Good, Transaction};
use crate::machine;

/// Цена строки: за ценами каталога голый цикл не следит.
const PRICE: i64 = 100_00;
/// Столько же байтов, сколько в ответе магазина.
const BODY: usize = 1500;

fn text(value: &str) -> Value {
    Text(value.to_owned())
}

/// Все операторы одного заказа с двумя строками, кроме `BEGIN` и `COMMIT`.
pub async fn place(tx: &mut Transaction, user: i64, goods: [Good; 2]) -> Result<()> {
    let (now, key) = (machine::now(), fresh_id());
    let scope = format!("user:{user}");
    tx.run(
        "INSERT INTO idempotency_keys (scope, idempotency_key, fingerprint, status, body, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        vec![text(&scope), text(&key), Text(format!("{key}{key}")), NoSmall, NoText, Time(now)],
    )
    .await?;
    read_goods(tx, goods).await?;
    tx.run("SELECT * FROM users WHERE id = $1 AND deleted_at IS NULL LIMIT 1", vec![Int(user)]).await?;
    tx.run(
        "SELECT m.*, c.* FROM delivery_methods m LEFT JOIN delivery_city_prices c ON m.id = c.method_id \
         AND c.city_normalized IN ($1, $2, $3) WHERE m.is_active = TRUE ORDER BY m.position ASC, m.id ASC, c.id ASC",
        vec![text("москва"), text("тверская"), text("1")],
    )
    .await?;
    let order = insert_order(tx, user).await?;
    insert_items(tx, order, goods).await?;
    insert_payment(tx, user, order).await?;
    let subject = order.to_string();
    tx.run(
        "INSERT INTO events (name, subject_kind, subject_id, actor, payload, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        vec![
            text("orders.order_placed"),
            text("orders.order"),
            text(&subject),
            text(&scope),
            Text(format!("{{\"order_id\":{order},\"user_id\":{user},\"final_amount\":\"200.00\",\"currency\":\"RUB\"}}")),
            Time(now),
        ],
    )
    .await?;
    send_letter(tx).await?;
    take_stock(tx, &scope, &subject, goods).await?;
    tx.run(
        "UPDATE idempotency_keys SET status = $1, body = $2 WHERE scope = $3 AND idempotency_key = $4",
        vec![Small(201), Text("x".repeat(BODY)), text(&scope), text(&key)],
    )
    .await?;
    Ok(())
}

/// 32 шестнадцатеричных знака, которых ещё не было.
fn fresh_id() -> String {
    format!("{:016x}{:016x}", machine::fresh_seed(), machine::fresh_seed())
}

async fn read_goods(tx: &mut Transaction, goods: [Good; 2]) -> Result<()> {
    let products = goods.map(|good| Int(good.product)).to_vec();
    tx.run(
        "SELECT v.id, v.product_id, v.variant_key, v.inventory_item_id, p.name, p.slug, p.article, v.article, v.title, \
         v.size, p.price, v.price, v.price_delta, p.old_price, p.currency, p.vat_rate, v.weight, p.weight, p.kind, \
         p.order_type, p.is_active, v.is_active, p.is_archived, p.published_from, p.published_until, i.available, \
         (SELECT m.url FROM product_media m WHERE m.product_id = p.id AND m.kind = 'image' ORDER BY m.position ASC, \
         m.id ASC LIMIT 1) FROM variants v JOIN products p ON v.product_id = p.id JOIN inventory_items i ON v.inventory_item_id = i.id \
         WHERE v.product_id IN ($1, $2) ORDER BY v.id ASC",
        products,
    )
    .await?;
    Ok(())
}

async fn insert_order(tx: &mut Transaction, user: i64) -> Result<i64> {
    let (now, id) = (machine::now(), fresh_id());
    let order = tx.run(
        "INSERT INTO orders (number, access_token, user_id, status, payment_status, payment_provider, currency, \
         items_amount, delivery_amount, discount_amount, total_amount, final_amount, refunded_amount, contact_name, \
         contact_phone, contact_email, comment, lang, delivery_method, delivery_kind, delivery_title, delivery_address, \
         postal_code, cdek_point, pickup_point_id, expires_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, \
         $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28) RETURNING *",
        vec![
            Text(format!("B-{}", &id[..24])),
            text(&id),
            Int(user),
            text("pending"),
            text("pending"),
            text("emulator"),
            text("RUB"),
            Int(2 * PRICE),
            Int(0),
            Int(0),
            Int(2 * PRICE),
            Int(2 * PRICE),
            Int(0),
            text(""),
            text("+79160000000"),
            text(""),
            text(""),
            text("ru"),
            NoText,
            text("courier"),
            text(""),
            text("Москва, Тверская, 1"),
            NoText,
            NoText,
            NoInt,
            Time(now + chrono::TimeDelta::minutes(60)),
            Time(now),
            Time(now),
        ],
    );
    order.await?.context("no order id")
}

async fn insert_items(tx: &mut Transaction, order: i64, goods: [Good; 2]) -> Result<()> {
    let now = machine::now();
    let row = |good: Good| {
        vec![
            Int(order),
            Int(good.product),
            Int(good.variant),
            Int(good.item),
            text("Стол 1"),
            text("B-0000001"),
            text("M"),
            text("M"),
            NoText,
            Int(1),
            Int(PRICE),
            Int(PRICE),
            Small(20),
            Int(1000),
            Bool(false),
            NoSmall,
            Time(now),
        ]
    };
    tx.run(
        "INSERT INTO order_items (order_id, product_id, variant_id, inventory_item_id, product_name, article, \
         variant_title, size, image_url, quantity, price, amount, vat_rate, weight, is_preorder, preorder_wave, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17), \
         ($18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34) RETURNING *",
        goods.map(row).concat(),
    )
    .await?;
    Ok(())
}

async fn insert_payment(tx: &mut Transaction, user: i64, order: i64) -> Result<()> {
    let (now, subject) = (machine::now(), order.to_string());
    let public = Uuid::from_u64_pair(machine::fresh_seed(), machine::fresh_seed());
    let payment = tx.run(
        "INSERT INTO payments (public_id, subject_kind, subject_id, open_subject, user_id, provider, \
         provider_payment_id, idempotence_key, status, reason, amount, captured, refunded, currency, description, \
         return_url, confirmation_url, register_attempted_at, capture_requested_at, expires_at, next_check_at, checks, \
         synced_at, paid_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
         $15, $16, $17, NULL, NULL, $18, $19, $20, NULL, NULL, $21, $22) RETURNING *",
        vec![
            Value::Uuid(public),
            text("orders.order"),
            text(&subject),
            Text(format!("orders.order:{subject}")),
            Int(user),
            text("emulator"),
            NoText,
            Text(public.to_string()),
            text("pending"),
            NoText,
            Int(2 * PRICE),
            Int(0),
            Int(0),
            text("RUB"),
            text("Заказ B-1"),
            text("http://localhost:8000/orders/1"),
            NoText,
            Time(now + chrono::TimeDelta::minutes(60)),
            Time(now + chrono::TimeDelta::minutes(2)),
            Small(0),
            Time(now),
            Time(now),
        ],
    );
    let payment = payment.await?.context("no payment id")?;
    tx.run(
        "INSERT INTO payment_events (payment_id, kind, amount, note, actor, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        vec![Int(payment), text("created"), Int(2 * PRICE), text(""), Text(format!("user:{user}")), Time(now)],
    )
    .await?;
    Ok(())
}

async fn send_letter(tx: &mut Transaction) -> Result<()> {
    let message = tx.run(
        "INSERT INTO messages (channel, recipient, template, subject, body, is_secret, status, error, created_at, sent_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL) RETURNING *",
        vec![
            text("sms"),
            text("+79160000000"),
            text("orders.letters.order_placed"),
            text(""),
            text("Заказ B-1 принят. Сумма 200 ₽. Оплатить: http://localhost:8000/pay/1"),
            Bool(false),
            text("waiting"),
            NoText,
            Time(machine::now()),
        ],
    );
    let message = message.await?.context("no message id")?;
    add_job(tx, "notifications.send_message", format!("{{\"message_id\":{message}}}")).await
}

async fn add_job(tx: &mut Transaction, name: &str, payload: String) -> Result<()> {
    let now = machine::now();
    tx.run(
        "INSERT INTO jobs (name, payload, dedup_key, status, run_at, attempts, locked_by, locked_until, last_error, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, NULL, $7)",
        vec![text(name), Text(payload), NoText, text("waiting"), Time(now), Small(0), Time(now)],
    )
    .await?;
    Ok(())
}

async fn take_stock(tx: &mut Transaction, actor: &str, subject: &str, mut goods: [Good; 2]) -> Result<()> {
    goods.sort_by_key(|good| good.item);
    let now = machine::now();
    for good in goods {
        tx.run(
            "UPDATE inventory_items SET available = available - $1, reserved = reserved + $2 WHERE id = $3 AND available >= $4",
            vec![Int(1), Int(1), Int(good.item), Int(1)],
        )
        .await?;
    }
    let claim = |good: Good| {
        vec![text("orders.order"), text(subject), Int(good.item), Int(1), Int(0), text("held"), Time(now), Time(now)]
    };
    tx.run(
        "INSERT INTO stock_claims (owner_kind, owner_id, inventory_item_id, quantity, restocked, state, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8), ($9, $10, $11, $12, $13, $14, $15, $16)",
        goods.map(claim).concat(),
    )
    .await?;
    let movement = |good: Good| {
        vec![
            Int(good.item),
            text("reserve"),
            Int(0),
            Int(1),
            text("orders.order"),
            text(subject),
            text(""),
            text(actor),
            Time(now),
        ]
    };
    tx.run(
        "INSERT INTO stock_movements (inventory_item_id, kind, on_hand_delta, reserved_delta, owner_kind, owner_id, reason, \
         actor, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9), ($10, $11, $12, $13, $14, $15, $16, $17, $18)",
        goods.map(movement).concat(),
    )
    .await?;
    Ok(())
}
