//! Операторы оформления в том порядке, в каком их выполняет `orders::services::place_order`: PostgreSQL получает вставки одним запросом,
//! SQLite — по одной.

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

/// Оператор вместе с параметрами.
type Step = (&'static str, Vec<Value>);

/// Все операторы одного заказа с двумя строками, кроме `BEGIN` и `COMMIT`. Человека и способы доставки магазин держит в памяти;
/// номера строк заказа и сообщений на PostgreSQL берёт пачками, здесь их ставит сама база.
pub async fn place(tx: &mut Transaction, user: i64, goods: [Good; 2]) -> Result<()> {
    let actor = format!("user:{user}");
    read_goods(tx, goods).await?;
    let order = insert_order(tx, user).await?;
    let subject = order.to_string();
    let letter = if tx.is_sqlite() {
        tx.run(ITEMS_WITH_IDS, item_values(order, goods)).await?;
        let (sql, values) = letter();
        Some(tx.run_text(format!("{sql} RETURNING id"), values).await?.context("no message id")?)
    } else {
        None
    };
    take_stock(tx, goods).await?;
    let mut steps = vec![payment(user, &subject), claims(&subject, goods), movements(&actor, &subject, goods)];
    if letter.is_none() {
        steps.insert(0, (ITEMS, item_values(order, goods)));
        steps.push(self::letter());
    }
    steps.push(answer(&actor));
    steps.push(event(user, &actor, order));
    steps.push(job("notifications.send_message", format!("{{\"message_id\":{}}}", letter.unwrap_or(order))));
    tx.run_together(steps).await
}

fn answer(scope: &str) -> Step {
    let key = fresh_id();
    let values = vec![
        text(scope),
        text(&key),
        Text(format!("{key}{key}")),
        Small(201),
        Text("x".repeat(BODY)),
        Time(machine::now()),
    ];
    let sql = "INSERT INTO idempotency_keys (scope, idempotency_key, fingerprint, status, body, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    (sql, values)
}

fn event(user: i64, actor: &str, order: i64) -> Step {
    let sql = "INSERT INTO events (name, subject_kind, subject_id, actor, payload, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let payload =
        format!("{{\"order_id\":{order},\"user_id\":{user},\"final_amount\":\"200.00\",\"currency\":\"RUB\"}}");
    let values = vec![
        text("orders.order_placed"),
        text("orders.order"),
        Text(order.to_string()),
        text(actor),
        Text(payload),
        Time(machine::now()),
    ];
    (sql, values)
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
         postal_code, cdek_point, pickup_point_id, expires_at, created_at, updated_at, payment_id, tracking_number, \
         cancel_reason, paid_at, shipped_at, delivered_at, cancelled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, \
         $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, NULL, NULL, \
         NULL, NULL, NULL, NULL, NULL) RETURNING id",
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

const ITEMS: &str = "INSERT INTO order_items (order_id, product_id, variant_id, inventory_item_id, product_name, article, \
         variant_title, size, image_url, quantity, price, amount, vat_rate, weight, is_preorder, preorder_wave, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17), \
         ($18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)";
const ITEMS_WITH_IDS: &str = "INSERT INTO order_items (order_id, product_id, variant_id, inventory_item_id, product_name, article, \
         variant_title, size, image_url, quantity, price, amount, vat_rate, weight, is_preorder, preorder_wave, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17), \
         ($18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34) RETURNING id";

fn item_values(order: i64, goods: [Good; 2]) -> Vec<Value> {
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
    goods.map(row).concat()
}

fn payment(user: i64, subject: &str) -> Step {
    let now = machine::now();
    let public = Uuid::from_u64_pair(machine::fresh_seed(), machine::fresh_seed());
    let sql = "INSERT INTO payments (public_id, subject_kind, subject_id, open_subject, user_id, provider, \
                provider_payment_id, idempotence_key, status, reason, amount, captured, refunded, currency, description, \
                return_url, confirmation_url, register_attempted_at, capture_requested_at, expires_at, next_check_at, checks, \
                synced_at, paid_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
                $15, $16, $17, NULL, NULL, $18, $19, $20, NULL, NULL, $21, $22)";
    let values = vec![
        Value::Uuid(public),
        text("orders.order"),
        text(subject),
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
    ];
    (sql, values)
}

fn letter() -> Step {
    let sql = "INSERT INTO messages (channel, recipient, template, subject, body, is_secret, status, error, created_at, sent_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL)";
    let values = vec![
        text("sms"),
        text("+79160000000"),
        text("orders.letters.order_placed"),
        text(""),
        text("Заказ B-1 принят. Сумма 200 ₽. Оплатить: http://localhost:8000/pay/1"),
        Bool(false),
        text("waiting"),
        NoText,
        Time(machine::now()),
    ];
    (sql, values)
}

fn job(name: &str, payload: String) -> Step {
    let now = machine::now();
    let sql = "INSERT INTO jobs (name, payload, dedup_key, status, run_at, attempts, locked_by, locked_until, last_error, \
               created_at) VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, NULL, $7)";
    (sql, vec![text(name), Text(payload), NoText, text("waiting"), Time(now), Small(0), Time(now)])
}

async fn take_stock(tx: &mut Transaction, mut goods: [Good; 2]) -> Result<()> {
    goods.sort_by_key(|good| good.item);
    let [first, second] = goods.map(|good| Int(good.item));
    let ids = || [first.clone(), second.clone()];
    let need = || [first.clone(), Int(1), second.clone(), Int(1)];
    let values: Vec<Value> = need().into_iter().chain(need()).chain(ids()).chain(need()).collect();
    let sql = if tx.is_sqlite() {
        "UPDATE inventory_items SET available = available - (CASE WHEN (id = $1) THEN $2 WHEN (id = $3) THEN $4 END), \
         reserved = reserved + (CASE WHEN (id = $5) THEN $6 WHEN (id = $7) THEN $8 END) WHERE id IN ($9, $10) \
         AND available >= (CASE WHEN (id = $11) THEN $12 WHEN (id = $13) THEN $14 END) \
         RETURNING id, product_id, code, on_hand, reserved, available"
    } else {
        "UPDATE inventory_items SET available = available - (CASE WHEN (id = $1) THEN $2 WHEN (id = $3) THEN $4 END), \
         reserved = reserved + (CASE WHEN (id = $5) THEN $6 WHEN (id = $7) THEN $8 END) WHERE id IN (SELECT id FROM \
         inventory_items WHERE id IN ($9, $10) ORDER BY id ASC FOR UPDATE) \
         AND available >= (CASE WHEN (id = $11) THEN $12 WHEN (id = $13) THEN $14 END) \
         RETURNING id, product_id, code, on_hand, reserved, available"
    };
    tx.run(sql, values).await?;
    Ok(())
}

fn claims(subject: &str, goods: [Good; 2]) -> Step {
    let now = machine::now();
    let claim = |good: Good| {
        vec![text("orders.order"), text(subject), Int(good.item), Int(1), Int(0), text("held"), Time(now), Time(now)]
    };
    let sql = "INSERT INTO stock_claims (owner_kind, owner_id, inventory_item_id, quantity, restocked, state, created_at, \
               updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8), ($9, $10, $11, $12, $13, $14, $15, $16)";
    (sql, goods.map(claim).concat())
}

fn movements(actor: &str, subject: &str, goods: [Good; 2]) -> Step {
    let now = machine::now();
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
    let sql = "INSERT INTO stock_movements (inventory_item_id, kind, on_hand_delta, reserved_delta, owner_kind, owner_id, \
               reason, actor, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9), ($10, $11, $12, $13, $14, $15, $16, \
               $17, $18)";
    (sql, goods.map(movement).concat())
}
