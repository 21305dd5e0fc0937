//! Поддельная ЮKassa: говорит по протоколу API v3 — ключи, повторы, состояния, две стадии, возвраты, чеки — и портится по просьбе.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, Method, StatusCode, Uri};
use kernel::Money;
use serde_json::{Value, json};
use testkit::FakeServer;

pub const SHOP: &str = "100500";
pub const SECRET: &str = "test_secret";
/// Ключ, с каким магазин считает себя настоящим; деньги здесь всё равно игрушечные.
pub const LIVE_SECRET: &str = "live_secret";
/// `100500:test_secret` и `100500:live_secret`.
const AUTHORIZATIONS: [&str; 2] = ["Basic MTAwNTAwOnRlc3Rfc2VjcmV0", "Basic MTAwNTAwOmxpdmVfc2VjcmV0"];

/// Что случится с очередным вызовом.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Этот вызов обойдётся: портится следующий.
    Fine,
    /// Всё сделано, но соединение оборвалось вместо ответа.
    LostAnswer,
    /// Всё сделано, но ответ — 500: итог неизвестен.
    DoneBut500,
    /// 500, ничего не сделано.
    ServerError,
    TooManyRequests,
    /// Ответ придёт позже, чем его ждут.
    Slow(Duration),
    /// 200 со страницей вместо JSON.
    Garbage,
}

#[derive(Default)]
struct Memory {
    now: DateTime<Utc>,
    next: u64,
    payments: BTreeMap<String, Value>,
    refunds: BTreeMap<String, Value>,
    receipts: BTreeMap<String, Value>,
    /// Ключ → отпечаток запроса, ответ, когда.
    keys: HashMap<String, (String, Reply, DateTime<Utc>)>,
    troubles: VecDeque<Trouble>,
    /// Возвраты и чеки остаются `pending`, пока их не решат.
    slow_refunds: bool,
    slow_receipts: bool,
    refund_receipts: Option<&'static str>,
    /// Магазин обязан передавать чеки.
    wants_receipts: bool,
    calls: Vec<String>,
}

type Reply = (u16, Value);
type Shared = Arc<Mutex<Memory>>;

/// Сервер и крючки к нему.
pub struct FakeYooKassa {
    server: FakeServer,
    memory: Shared,
}

impl FakeYooKassa {
    pub async fn start() -> FakeYooKassa {
        let now = DateTime::parse_from_rfc3339("2026-03-02T09:00:00Z").expect("date").to_utc();
        let memory: Shared = Arc::new(Mutex::new(Memory { now, ..Memory::default() }));
        let server = FakeServer::start(Router::new().fallback(serve).with_state(memory.clone())).await;
        FakeYooKassa { server, memory }
    }

    /// Настройки магазина, который платит этой ЮKassa.
    pub fn settings(&self) -> String {
        self.settings_with(SHOP, SECRET)
    }

    pub fn settings_with(&self, shop: &str, secret: &str) -> String {
        format!(
            "[payments]\nprovider = \"yookassa\"\n[payments.yookassa]\nshop_id = \"{shop}\"\nsecret_key = \"{secret}\"\n\
             base_url = \"{}/v3\"\ntimeout_seconds = 1\nreceipt_email = \"shop@example.ru\"\n",
            self.server.url()
        )
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("memory")
    }

    /// Сколько времени у неё прошло: сутки спустя ключи забываются.
    pub fn advance(&self, by: TimeDelta) {
        let mut memory = self.memory();
        memory.now += by;
        let now = memory.now;
        memory.keys.retain(|_, (_, _, at)| now - *at < TimeDelta::hours(24));
    }

    /// Портит ближайшие вызовы, по одному.
    pub fn trouble(&self, troubles: impl IntoIterator<Item = Trouble>) {
        self.memory().troubles.extend(troubles);
    }

    pub fn no_trouble(&self) {
        self.memory().troubles.clear();
    }

    pub fn slow_refunds(&self) {
        self.memory().slow_refunds = true;
    }

    pub fn slow_receipts(&self) {
        self.memory().slow_receipts = true;
    }

    pub fn want_receipts(&self) {
        self.memory().wants_receipts = true;
    }

    /// Что звали: `POST /v3/payments`.
    pub fn calls(&self, call: &str) -> usize {
        self.memory().calls.iter().filter(|known| known.starts_with(call)).count()
    }

    pub fn payments(&self) -> Vec<Value> {
        self.memory().payments.values().cloned().collect()
    }

    pub fn payment(&self, id: &str) -> Value {
        self.memory().payments.get(id).cloned().unwrap_or_else(|| panic!("no payment {id}"))
    }

    pub fn refunds(&self) -> Vec<Value> {
        self.memory().refunds.values().cloned().collect()
    }

    pub fn receipts(&self) -> Vec<Value> {
        self.memory().receipts.values().cloned().collect()
    }

    /// Покупатель платит на её странице. `false` — уже поздно.
    pub fn pay(&self, id: &str) -> bool {
        let mut memory = self.memory();
        let now = memory.now.to_rfc3339();
        let Some(payment) = memory.payments.get_mut(id).filter(|payment| payment["status"] == "pending") else {
            return false;
        };
        payment["paid"] = true.into();
        match payment["capture"] == true {
            true => {
                payment["status"] = "succeeded".into();
                payment["captured_at"] = now.into();
                payment["refundable"] = true.into();
            }
            false => payment["status"] = "waiting_for_capture".into(),
        }
        true
    }

    /// Банк отказал или время вышло.
    pub fn decline(&self, id: &str, reason: &str) {
        self.edit(id, |payment| cancel(payment, "payment_network", reason));
    }

    /// Меняет платёж, как если бы это сделали в кабинете или сам Господь.
    pub fn edit(&self, id: &str, change: impl FnOnce(&mut Value)) {
        change(self.memory().payments.get_mut(id).expect("payment"));
    }

    pub fn refund_in_cabinet(&self, id: &str, value: &str) {
        let mut memory = self.memory();
        let payment = memory.payments.get_mut(id).expect("payment");
        payment["refunded_amount"] = json!({"value": value, "currency": "RUB"});
    }

    /// Решает судьбу ожидающего возврата.
    pub fn settle_refund(&self, id: &str, status: &str) {
        let mut memory = self.memory();
        let refund = memory.refunds.get_mut(id).expect("refund");
        refund["status"] = status.into();
        if status == "canceled" {
            refund["cancellation_details"] = json!({"party": "yoo_money", "reason": "insufficient_funds"});
            let (payment, amount) = (refund["payment_id"].as_str().expect("id").to_owned(), money(&refund["amount"]));
            let payment = memory.payments.get_mut(&payment).expect("payment");
            let left = money(&payment["refunded_amount"]) - amount;
            payment["refunded_amount"]["value"] = left.to_string().into();
        }
    }

    /// Что стало с чеком возврата.
    pub fn register_refund_receipt(&self, id: &str, word: &str) {
        self.memory().refunds.get_mut(id).expect("refund")["receipt_registration"] = word.into();
    }

    /// С какой регистрацией чека рождаются возвраты.
    pub fn refund_receipts(&self, word: &'static str) {
        self.memory().refund_receipts = Some(word);
    }

    pub fn settle_receipt(&self, id: &str, status: &str) {
        self.memory().receipts.get_mut(id).expect("receipt")["status"] = status.into();
    }

    /// Тело уведомления о нынешнем состоянии платежа.
    pub fn notification(&self, id: &str) -> Value {
        let payment = self.payment(id);
        let event = format!("payment.{}", payment["status"].as_str().expect("status"));
        json!({"type": "notification", "event": event, "object": payment})
    }
}

fn money(amount: &Value) -> Money {
    amount["value"].as_str().and_then(|value| value.parse().ok()).unwrap_or_default()
}

fn cancel(payment: &mut Value, party: &str, reason: &str) {
    payment["status"] = "canceled".into();
    payment["cancellation_details"] = json!({"party": party, "reason": reason});
}

fn refuse(status: u16, code: &str, description: &str, parameter: &str) -> Reply {
    let mut body = json!({"type": "error", "id": "afd4a246-ba97-4412-aa19-f5def9322f8b", "code": code, "description": description});
    if !parameter.is_empty() {
        body["parameter"] = parameter.into();
    }
    (status, body)
}

fn invalid(description: &str, parameter: &str) -> Reply {
    refuse(400, "invalid_request", description, parameter)
}

fn not_found() -> Reply {
    refuse(404, "not_found", "Payment doesn't exist or access denied", "payment_id")
}

/// Один вызов: неприятности, ключ, дело.
async fn serve(
    State(memory): State<Shared>,
    method: Method,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let trouble = {
        let mut memory = memory.lock().expect("memory");
        memory.calls.push(format!("{method} {}", uri.path()));
        memory.troubles.pop_front()
    };
    match trouble {
        Some(Trouble::ServerError) => return answer(refuse(500, "internal_server_error", "Technical error", "")),
        Some(Trouble::TooManyRequests) => return answer(refuse(429, "too_many_requests", "Too many requests", "")),
        Some(Trouble::Garbage) => return page("<html>It works!</html>"),
        _ => {}
    }
    let reply = {
        let mut memory = memory.lock().expect("memory");
        memory.handle(&method, uri.path(), &query, &headers, &body)
    };
    match trouble {
        Some(Trouble::LostAnswer) => torn(),
        Some(Trouble::DoneBut500) => answer(refuse(500, "internal_server_error", "Technical error", "")),
        Some(Trouble::Slow(pause)) => {
            tokio::time::sleep(pause).await;
            answer(reply)
        }
        _ => answer(reply),
    }
}

fn answer((status, body): Reply) -> Response {
    let mut response = page(&body.to_string());
    *response.status_mut() = StatusCode::from_u16(status).expect("status");
    response
}

fn page(text: &str) -> Response {
    Response::new(Body::from(text.to_owned()))
}

/// Ответ, который обрывается на первом байте.
fn torn() -> Response {
    let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("torn")) });
    Response::new(Body::from_stream(broken))
}

impl Memory {
    fn handle(
        &mut self,
        method: &Method,
        path: &str,
        query: &HashMap<String, String>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Reply {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !AUTHORIZATIONS.contains(&header("authorization")) {
            return refuse(401, "invalid_credentials", "Basic authentication error", "");
        }
        let Some(path) = path.strip_prefix("/v3/") else { return not_found() };
        let parts: Vec<&str> = path.split('/').collect();
        if method == Method::GET {
            return self.read(&parts, query);
        }
        let key = header("idempotence-key");
        if key.is_empty() || key.len() > 64 {
            return invalid("Idempotence key is not set", "Idempotence-Key");
        }
        let print = format!("{path}\n{}", String::from_utf8_lossy(body));
        if let Some((known, reply, _)) = self.keys.get(key) {
            return match *known == print {
                true => reply.clone(),
                false => invalid("Idempotence key duplicated", "Idempotence-Key"),
            };
        }
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return invalid("Not JSON", "") };
        let reply = self.write(&parts, &body);
        self.keys.insert(key.to_owned(), (print, reply.clone(), self.now));
        reply
    }

    fn read(&self, parts: &[&str], query: &HashMap<String, String>) -> Reply {
        let one = |found: Option<&Value>| found.map_or_else(not_found, |found| (200, found.clone()));
        match parts {
            ["me"] => {
                (200, json!({"account_id": SHOP, "status": "enabled", "test": true, "payment_methods": ["bank_card"]}))
            }
            ["payments"] => list(&self.payments, query, |payment| {
                let since = query.get("created_at.gte").and_then(|at| DateTime::parse_from_rfc3339(at).ok());
                let made = payment["created_at"].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
                since.is_none_or(|since| made.is_some_and(|made| made >= since))
            }),
            ["refunds"] => list(&self.refunds, query, |refund| {
                query.get("payment_id").is_none_or(|id| refund["payment_id"] == id.as_str())
            }),
            ["payments", id] => one(self.payments.get(*id)),
            ["refunds", id] => one(self.refunds.get(*id)),
            ["receipts", id] => one(self.receipts.get(*id)),
            _ => not_found(),
        }
    }

    fn write(&mut self, parts: &[&str], body: &Value) -> Reply {
        match parts {
            ["payments"] => self.create(body),
            ["payments", id, "capture"] => self.turn(id, |payment, now| {
                payment["status"] = "succeeded".into();
                payment["captured_at"] = now.into();
                payment["refundable"] = true.into();
            }),
            ["payments", id, "cancel"] => {
                self.turn(id, |payment, _| cancel(payment, "merchant", "canceled_by_merchant"))
            }
            ["refunds"] => self.refund(body),
            ["receipts"] => self.receipt(body),
            _ => refuse(405, "invalid_request", "Method not allowed", ""),
        }
    }

    fn id(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}{:08x}-000f-5000-8000-18db351245c7", self.next)
    }

    fn create(&mut self, body: &Value) -> Reply {
        let amount = match amount_of(&body["amount"]) {
            Ok(amount) => amount,
            Err(reply) => return reply,
        };
        let Some(capture) = body["capture"].as_bool() else { return invalid("capture is not set", "capture") };
        let back = body["confirmation"]["return_url"].as_str().unwrap_or_default();
        if body["confirmation"]["type"] != "redirect" || !back.starts_with("http") {
            return invalid("Incorrect confirmation", "confirmation");
        }
        if body["description"].as_str().unwrap_or_default().chars().count() > 128 {
            return invalid("Incorrect description", "description");
        }
        let metadata = body["metadata"].as_object().cloned().unwrap_or_default();
        let is_fine =
            |(name, value): (&String, &Value)| name.len() <= 32 && value.as_str().is_some_and(|v| v.len() <= 512);
        if metadata.len() > 16 || !metadata.iter().all(is_fine) {
            return invalid("Incorrect metadata", "metadata");
        }
        if let Err(reply) = self.check_own_receipt(&body["receipt"], amount) {
            return reply;
        }
        let id = self.id("");
        let payment = json!({
            "id": id, "status": "pending", "paid": false, "amount": body["amount"], "capture": capture,
            "refunded_amount": {"value": "0.00", "currency": "RUB"},
            "confirmation": {"type": "redirect", "return_url": back, "confirmation_url": format!("https://yoomoney.example/checkout?orderId={id}")},
            "created_at": self.now.to_rfc3339(), "description": body["description"], "metadata": metadata,
            "recipient": {"account_id": SHOP, "gateway_id": "100700"}, "refundable": false, "test": true,
            "receipt": body["receipt"],
        });
        self.payments.insert(id, payment.clone());
        (200, payment)
    }

    fn check_own_receipt(&self, receipt: &Value, amount: Money) -> Result<(), Reply> {
        if receipt.is_null() && !self.wants_receipts { Ok(()) } else { check_receipt(receipt, amount) }
    }

    fn turn(&mut self, id: &str, change: impl FnOnce(&mut Value, String)) -> Reply {
        let now = self.now.to_rfc3339();
        let Some(payment) = self.payments.get_mut(id) else { return not_found() };
        if payment["status"] != "waiting_for_capture" {
            return invalid("Payment is not waiting for capture", "payment_id");
        }
        change(payment, now);
        (200, payment.clone())
    }

    fn refund(&mut self, body: &Value) -> Reply {
        let amount = match amount_of(&body["amount"]) {
            Ok(amount) => amount,
            Err(reply) => return reply,
        };
        if let Err(reply) = self.check_own_receipt(&body["receipt"], amount) {
            return reply;
        }
        let id = self.id("r");
        let pending = self.slow_refunds;
        let known = body["payment_id"].as_str().and_then(|id| self.payments.get_mut(id));
        let Some(payment) = known.filter(|payment| payment["status"] == "succeeded") else {
            return invalid("Payment not found or forbidden", "payment_id");
        };
        let after = money(&payment["refunded_amount"]) + amount;
        if after > money(&payment["amount"]) {
            return invalid("Refund amount is more than the payment", "amount");
        }
        payment["refunded_amount"]["value"] = after.to_string().into();
        let status = if pending { "pending" } else { "succeeded" };
        let mut refund = json!({
            "id": id, "payment_id": body["payment_id"], "status": status, "amount": body["amount"],
            "created_at": self.now.to_rfc3339(), "description": body["description"], "receipt": body["receipt"],
        });
        if let Some(word) = self.refund_receipts.filter(|_| !body["receipt"].is_null()) {
            refund["receipt_registration"] = word.into();
        }
        self.refunds.insert(id, refund.clone());
        (200, refund)
    }

    fn receipt(&mut self, body: &Value) -> Reply {
        let settled: Money =
            body["settlements"].as_array().into_iter().flatten().map(|row| money(&row["amount"])).sum();
        if let Err(reply) = check_receipt(body, settled) {
            return reply;
        }
        if body["type"] != "payment" || body["send"] != true {
            return invalid("Incorrect type or send", "type");
        }
        let known = body["payment_id"].as_str().and_then(|id| self.payments.get(id));
        if known.is_none_or(|payment| payment["status"] != "succeeded") {
            return invalid("Payment not found or forbidden", "payment_id");
        }
        let id = self.id("rt_");
        let mut receipt = body.clone();
        receipt["id"] = id.clone().into();
        receipt["status"] = if self.slow_receipts { "pending" } else { "succeeded" }.into();
        self.receipts.insert(id, receipt.clone());
        (200, receipt)
    }
}

/// Страница списка по сто строк; указатель — имя последнего.
fn list(all: &BTreeMap<String, Value>, query: &HashMap<String, String>, fits: impl Fn(&Value) -> bool) -> Reply {
    let limit: usize = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10);
    if !(1..=100).contains(&limit) {
        return invalid("Incorrect limit", "limit");
    }
    let after = query.get("cursor").cloned().unwrap_or_default();
    let fit = all.iter().filter(|(id, item)| **id > after && fits(item));
    let items: Vec<&Value> = fit.map(|(_, item)| item).take(limit + 1).collect();
    let mut page = json!({"type": "list", "items": items.iter().take(limit).collect::<Vec<_>>()});
    if items.len() > limit {
        page["next_cursor"] = items[limit - 1]["id"].clone();
    }
    (200, page)
}

/// `"1000.00"`: строка, точка, два знака.
fn amount_of(amount: &Value) -> Result<Money, Reply> {
    let text = amount["value"].as_str().unwrap_or_default();
    let money: Money = text.parse().map_err(|_| invalid("Incorrect amount", "amount.value"))?;
    let is_fine = money.to_string() == text && money > Money::ZERO && amount["currency"] == "RUB";
    if is_fine { Ok(money) } else { Err(invalid("Incorrect amount", "amount.value")) }
}

/// Чек: покупатель, до ста строк, коды из таблиц, в сумме — ровно платёж.
fn check_receipt(receipt: &Value, amount: Money) -> Result<(), Reply> {
    if receipt.is_null() {
        return Err(invalid("Receipt is missing or illegal", "receipt"));
    }
    let bad = |what: &str| Err(invalid("Receipt is missing or illegal", what));
    let customer = &receipt["customer"];
    let phone = customer["phone"].as_str();
    if phone.is_some_and(|phone| phone.len() != 11 || !phone.bytes().all(|b| b.is_ascii_digit())) {
        return bad("receipt.customer.phone");
    }
    if phone.is_none() && !customer["email"].as_str().is_some_and(|email| email.contains('@')) {
        return bad("receipt.customer");
    }
    let items = receipt["items"].as_array().cloned().unwrap_or_default();
    if items.is_empty() || items.len() > 100 {
        return bad("receipt.items");
    }
    let mut sum = Money::ZERO;
    for item in &items {
        let name = item["description"].as_str().unwrap_or_default().chars().count();
        let code = item["vat_code"].as_u64().unwrap_or_default();
        let modes = ["full_prepayment", "partial_prepayment", "full_payment"];
        let subjects = ["commodity", "service"];
        let quantity = item["quantity"].as_i64().unwrap_or_default();
        let fine = (1..=128).contains(&name)
            && (1..=12).contains(&code)
            && modes.iter().any(|mode| item["payment_mode"] == *mode)
            && subjects.iter().any(|subject| item["payment_subject"] == *subject)
            && item["measure"] == "piece"
            && (1..=99_999).contains(&quantity);
        if !fine {
            return bad("receipt.items");
        }
        sum += amount_of(&item["amount"])?.times(quantity).unwrap_or(Money::MAX);
    }
    if sum == amount { Ok(()) } else { bad("receipt.items.amount") }
}
