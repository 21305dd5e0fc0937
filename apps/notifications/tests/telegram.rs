//! Telegram: поддельный Bot API говорит по его протоколу.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use http::{StatusCode, Uri};
use notifications::models::consent::Source;
use notifications::models::message::{Channel, Status};
use notifications::{check_telegram, mailbox};
use serde_json::{Value, json};
use testkit::{Client, FakeServer, TestApp};

use crate::people::*;

const SECRET: &str = "Webhook_Secret-1";
const HOOK: &str = "/api/v1/telegram/webhook";
const MINE: &str = "/api/v1/users/me/notifications";

#[derive(Default)]
struct Memory {
    calls: Vec<(String, Value)>,
    /// Чем ответить на следующие отправки вместо обычного; `None` — ответ оборвётся.
    answers: Vec<Option<(u16, Value)>>,
}

type Shared = Arc<Mutex<Memory>>;

struct Bot {
    server: FakeServer,
    memory: Shared,
}

impl Bot {
    async fn start() -> Bot {
        let memory = Shared::default();
        let router = Router::new().fallback(answer).with_state(memory.clone());
        Bot { server: FakeServer::start(router).await, memory }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("memory")
    }

    fn sent(&self) -> Vec<Value> {
        self.calls("sendMessage")
    }

    fn calls(&self, method: &str) -> Vec<Value> {
        self.memory().calls.iter().filter(|(known, _)| known == method).map(|(_, body)| body.clone()).collect()
    }
}

fn reply(status: u16, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).expect("status");
    response
}

async fn answer(State(memory): State<Shared>, uri: Uri, body: Bytes) -> Response {
    let mut memory = memory.lock().expect("memory");
    let Some(method) = uri.path().strip_prefix("/bot42:TOKEN/") else {
        return reply(401, &json!({"ok": false, "error_code": 401, "description": "Unauthorized"}));
    };
    memory.calls.push((method.to_owned(), serde_json::from_slice(&body).expect("json")));
    match method {
        "sendMessage" => match memory.answers.pop() {
            Some(Some((status, body))) => reply(status, &body),
            Some(None) => {
                let torn = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("torn")) });
                Response::new(Body::from_stream(torn))
            }
            None => reply(200, &json!({"ok": true, "result": {"message_id": 7}})),
        },
        "getMe" => reply(200, &json!({"ok": true, "result": {"id": 42, "is_bot": true, "username": "Shop_bot"}})),
        "setWebhook" => reply(200, &json!({"ok": true, "result": true})),
        other => panic!("unexpected {other}"),
    }
}

fn refusal(code: u16, why: &str) -> Option<(u16, Value)> {
    Some((code, json!({"ok": false, "error_code": code, "description": why})))
}

struct Shop {
    app: TestApp,
    bot: Bot,
    anna: accounts::factories::Login,
    client: Client,
}

async fn start() -> Shop {
    let bot = Bot::start().await;
    let toml = format!(
        "[server]\npublic_url = \"https://shop.example\"\n[notifications]\nquiet_from = \"\"\n\
         [telegram]\ntoken = \"42:TOKEN\"\nbot = \"shop_bot\"\nsecret = \"{SECRET}\"\nbase_url = \"{}\"\n",
        bot.server.url()
    );
    let (app, anna, client) = shop(&toml).await;
    Shop { app, bot, anna, client }
}

impl Shop {
    /// Одноразовый код из ссылки профиля.
    async fn code(&self) -> String {
        let out = self.client.post("/api/v1/users/me/telegram", json!({})).await.expect(201).json();
        out["link"]
            .as_str()
            .and_then(|link| link.strip_prefix("https://t.me/shop_bot?start="))
            .expect("code")
            .to_owned()
    }

    async fn write(&self, update_id: i64, chat: i64, text: &str) -> Value {
        let from = json!({"id": chat, "is_bot": false, "first_name": "A", "language_code": "en"});
        let message =
            json!({"message_id": 1, "date": 1, "from": from, "chat": {"id": chat, "type": "private"}, "text": text});
        self.bring(&json!({"update_id": update_id, "message": message})).await
    }

    async fn bring(&self, update: &Value) -> Value {
        let hook = self.app.anon().header("x-telegram-bot-api-secret-token", SECRET);
        hook.post(HOOK, update.clone()).await.expect(200).json()
    }

    async fn link(&self) {
        let code = self.code().await;
        let said = self.write(1, 501, &format!("/start {code}")).await;
        assert_eq!((&said["method"], &said["chat_id"]), (&json!("sendMessage"), &json!(501)));
        assert!(said["text"].as_str().expect("text").starts_with("Done"), "in the language of the person: {said}");
        self.app.run_jobs().await;
    }

    async fn is_linked(&self) -> bool {
        self.client.get(MINE).await.expect(200).json()["telegram_linked"] == json!(true)
    }

    /// Заказ поехал: письмо и Telegram.
    async fn tell(&self) {
        tell(&self.app, &self.anna, "shipped", false).await;
        self.app.run_jobs().await;
    }

    async fn last(&self) -> (Status, Option<String>) {
        let row = messages(&self.app).await.into_iter().rfind(|row| row.channel == Channel::Telegram).expect("message");
        (row.status, row.error)
    }

    async fn live(&self, minutes: i64) {
        for _ in 0..minutes {
            self.app.advance(TimeDelta::minutes(1));
            self.app.run_jobs().await;
        }
    }
}

/// Ссылка связывает чат с человеком однажды; письма идут и туда.
#[tokio::test]
async fn a_linked_person_reads_of_the_order_in_telegram() {
    let shop = start().await;
    shop.tell().await;
    assert!(shop.bot.sent().is_empty(), "nobody writes first");
    let code = shop.code().await;
    shop.write(1, 501, &format!("/start {code}")).await;
    let again = shop.write(2, 777, &format!("/start {code}")).await;
    assert!(again["text"].as_str().expect("text").contains("out of date"), "the code works once: {again}");
    shop.tell().await;
    assert_eq!(shop.bot.sent(), [json!({"chat_id": 501, "text": "Едет"})]);
    assert_eq!(mailbox(&shop.app.ctx).len(), 2, "and by e-mail as before");
    assert_eq!(shop.last().await, (Status::Sent, None));
    shop.app.run_jobs().await;
    assert_eq!(shop.bot.sent().len(), 1);
    shop.app.assert_no_drift().await;
    shop.app.close().await;
}

#[tokio::test]
async fn a_stale_code_links_nobody() {
    let shop = start().await;
    let old = shop.code().await;
    let fresh = shop.code().await;
    shop.write(1, 501, &format!("/start {old}")).await;
    assert!(!shop.is_linked().await, "a new link cancels the old one");
    shop.app.advance(TimeDelta::minutes(15));
    shop.write(2, 501, &format!("/start {fresh}")).await;
    shop.write(3, 501, "/start").await;
    assert!(!shop.is_linked().await);
    shop.app.close().await;
}

/// Один чат — одному человеку; кто принёс код последним, того он и есть.
#[tokio::test]
async fn a_chat_belongs_to_one_person() {
    let shop = start().await;
    shop.link().await;
    let other = accounts::factories::customer(&shop.app.ctx).await;
    let client = shop.app.anon().bearer(&other.token);
    let link = client.post("/api/v1/users/me/telegram", json!({})).await.expect(201).json();
    let code = link["link"].as_str().and_then(|link| link.split_once('=')).expect("code").1.to_owned();
    shop.write(9, 501, &format!("/start {code}")).await;
    assert!(!shop.is_linked().await);
    assert_eq!(client.get(MINE).await.json()["telegram_linked"], true);
    shop.app.run_jobs().await;
    shop.app.close().await;
}

/// Чужому не верим, повтор не слышим, непонятное не роняет.
#[tokio::test]
async fn updates_are_authentic_and_heard_once() {
    let shop = start().await;
    let code = shop.code().await;
    let update =
        json!({"update_id": 5, "message": {"chat": {"id": 501, "type": "private"}, "text": format!("/start {code}")}});
    let anon = || shop.app.anon();
    anon().post(HOOK, update.clone()).await.refused(400, "notifications.forged_update");
    let almost = anon().header("x-telegram-bot-api-secret-token", "Webhook_Secret-2");
    almost.post(HOOK, update.clone()).await.refused(400, "notifications.forged_update");
    assert!(!shop.is_linked().await);

    let group =
        json!({"update_id": 6, "message": {"chat": {"id": -5, "type": "group"}, "text": format!("/start {code}")}});
    for odd in [json!({"update_id": 4, "poll": {}}), json!([]), json!({"message": 1}), group] {
        assert_eq!(shop.bring(&odd).await, json!({}));
    }
    assert_ne!(shop.bring(&update).await, json!({}));
    // Telegram повторяет старое «стоп», когда человек уже связался снова.
    assert_ne!(shop.write(7, 501, "/stop").await, json!({}));
    shop.link().await;
    assert_eq!(shop.write(7, 501, "/stop").await, json!({}));
    assert!(shop.is_linked().await);
    shop.app.close().await;

    // Слово не задано — не верим никому.
    let (app, _, client) = crate::people::shop("").await;
    let hook = app.anon().header("x-telegram-bot-api-secret-token", "");
    hook.post(HOOK, update).await.refused(400, "notifications.forged_update");
    client.post("/api/v1/users/me/telegram", json!({})).await.refused(400, "notifications.telegram_off");
    app.close().await;
}

/// `/stop` и блокировка бота отзывают согласие, и это в журнале.
#[tokio::test]
async fn stop_and_block_withdraw_consent() {
    let shop = start().await;
    for (update, source) in [("/stop", Source::Telegram), ("kicked", Source::Blocked), ("profile", Source::Profile)] {
        let n = shop.app.ctx.now().timestamp_micros();
        let code = shop.code().await;
        shop.write(n, 501, &format!("/start {code}")).await;
        shop.client.patch(MINE, json!({"telegram": {"advertising": true}})).await.expect(200);
        match update {
            "kicked" => {
                let chat = json!({"id": 501, "type": "private"});
                let change = json!({"chat": chat, "new_chat_member": {"status": "kicked"}});
                shop.bring(&json!({"update_id": n + 1, "my_chat_member": change})).await;
            }
            "profile" => {
                shop.client.delete("/api/v1/users/me/telegram").await.expect(204);
            }
            text => {
                shop.write(n + 1, 501, text).await;
            }
        }
        assert!(!shop.is_linked().await);
        let now = shop.client.get(MINE).await.json();
        assert_eq!(now["telegram"], json!({"service": false, "advertising": false}));
        let last = journal(&shop.app).await.pop().expect("row");
        assert_eq!((last.source, last.is_given), (source, false));
        shop.app.advance(TimeDelta::seconds(1));
    }
    shop.tell().await;
    assert!(shop.bot.sent().is_empty());
    shop.app.close().await;
}

/// Бота заблокировали: связь забыта, второй раз не пишем.
#[tokio::test]
async fn a_blocked_bot_forgets_the_chat() {
    for why in [refusal(403, "Forbidden: bot was blocked by the user"), refusal(400, "Bad Request: chat not found")] {
        let shop = start().await;
        shop.link().await;
        shop.bot.memory().answers.push(why);
        shop.tell().await;
        assert_eq!(shop.last().await.0, Status::Failed);
        assert!(!shop.is_linked().await);
        shop.tell().await;
        assert_eq!(shop.bot.sent().len(), 1);
        assert_eq!(mailbox(&shop.app.ctx).len(), 2, "the letter is still sent");
        shop.app.close().await;
    }
}

/// Просят подождать — ждём, сколько просят, и отправляем однажды.
#[tokio::test]
async fn asked_to_wait_we_wait() {
    let shop = start().await;
    shop.link().await;
    let busy =
        json!({"ok": false, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 90}});
    shop.bot.memory().answers.push(Some((429, busy)));
    shop.tell().await;
    assert_eq!(shop.last().await.0, Status::Waiting);
    shop.live(1).await;
    assert_eq!(shop.bot.sent().len(), 1, "90 seconds have not passed");
    shop.live(1).await;
    assert_eq!((shop.bot.sent().len(), shop.last().await.0), (2, Status::Sent));
    shop.app.close().await;
}

/// Ответ оборвался: дошло ли, неизвестно, и второй раз не пишем; видно почему.
#[tokio::test]
async fn an_unknown_outcome_is_not_repeated() {
    for lost in [None, Some((502, json!("bad gateway")))] {
        let shop = start().await;
        shop.link().await;
        shop.bot.memory().answers.push(lost);
        shop.tell().await;
        shop.live(5).await;
        let (status, why) = shop.last().await;
        assert_eq!((shop.bot.sent().len(), status), (1, Status::Failed));
        assert!(why.expect("why").contains("unknown"));
        shop.app.close().await;
    }
}

/// Негодный токен — забота магазина: уйдёт, когда поправят. Негодный текст — никогда.
#[tokio::test]
async fn refusals_are_final_or_not() {
    let shop = start().await;
    shop.link().await;
    shop.bot.memory().answers.push(refusal(401, "Unauthorized"));
    shop.tell().await;
    assert_eq!(shop.last().await.0, Status::Waiting);
    shop.live(2).await;
    assert_eq!((shop.bot.sent().len(), shop.last().await.0), (2, Status::Sent));
    shop.bot.memory().answers.push(refusal(400, "Bad Request: message is too long"));
    shop.tell().await;
    shop.live(2).await;
    assert_eq!((shop.bot.sent().len(), shop.last().await.0), (3, Status::Failed));
    shop.app.close().await;
}

/// Telegram знает, куда нести вести; `megashop config check` пробует токен.
#[tokio::test]
async fn the_shop_tells_telegram_where_it_is() {
    let shop = start().await;
    shop.live(10).await;
    let told = shop.bot.calls("setWebhook").pop().expect("told");
    assert_eq!(told["url"], "https://shop.example/api/v1/telegram/webhook");
    assert_eq!(
        (&told["secret_token"], &told["allowed_updates"]),
        (&json!(SECRET), &json!(["message", "my_chat_member"]))
    );
    assert_eq!(check_telegram(&shop.app.ctx).await.expect("ok"), "Telegram accepts the token of @Shop_bot");
    shop.app.close().await;

    let base = format!("base_url = \"{}\"\n", shop.bot.server.url());
    let wrong = format!("[telegram]\ntoken = \"13:WRONG\"\nbot = \"shop_bot\"\nsecret = \"x\"\n{base}");
    let (app, _, _) = crate::people::shop(&wrong).await;
    let said = check_telegram(&app.ctx).await.expect_err("wrong").to_string();
    assert!(said.contains("telegram.token") && !said.contains("WRONG"), "{said}");
    app.close().await;
    let other = format!("[telegram]\ntoken = \"42:TOKEN\"\nbot = \"other_bot\"\nsecret = \"x\"\n{base}");
    let (app, _, _) = crate::people::shop(&other).await;
    assert!(check_telegram(&app.ctx).await.expect_err("other").to_string().contains("telegram.bot"));
    app.close().await;
}
