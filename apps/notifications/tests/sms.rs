//! SMS через prostor-sms и SMS.ru: поддельные серверы говорят по их протоколам.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use http::{StatusCode, Uri};
use kernel::{Actor, Lang, Work};
use notifications::models::message::{self, Delivery, Status};
use notifications::{Channel, Message, services};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use testkit::{FakeServer, TestApp};

use crate::apps;

#[derive(Default)]
struct Memory {
    calls: Vec<(String, Value)>,
    /// prostor-sms: `clientId` → состояние.
    known: HashMap<String, String>,
    /// Чем ответить на следующие отправки вместо обычного.
    answers: Vec<(u16, Value)>,
    /// Следующая отправка принята, но ответ оборвётся.
    lose_answer: bool,
    queue: Vec<Value>,
    sent: usize,
}

type Shared = Arc<Mutex<Memory>>;

struct Fake {
    server: FakeServer,
    memory: Shared,
}

impl Fake {
    async fn start(router: Router<Shared>) -> Fake {
        let memory = Shared::default();
        let server = FakeServer::start(router.with_state(memory.clone())).await;
        Fake { server, memory }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("memory")
    }

    fn answer(&self, status: u16, body: Value) {
        self.memory().answers.push((status, body));
    }

    /// Сколько SMS приняты к отправке, то есть оплачены.
    fn sent(&self) -> usize {
        self.memory().sent
    }

    fn calls(&self, path: &str) -> Vec<Value> {
        self.memory().calls.iter().filter(|(known, _)| known == path).map(|(_, body)| body.clone()).collect()
    }
}

fn reply(status: u16, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).expect("status");
    response
}

fn torn() -> Response {
    let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("torn")) });
    Response::new(Body::from_stream(broken))
}

/// prostor-sms.ru: отказ — тоже HTTP 200.
async fn prostor(State(memory): State<Shared>, uri: Uri, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).expect("json");
    let mut memory = memory.lock().expect("memory");
    memory.calls.push((uri.path().to_owned(), body.clone()));
    if body["login"] != "shop" || body["password"] != "0000" {
        return reply(200, &json!({"status": "error", "description": "error authorization"}));
    }
    let client = body["messages"][0]["clientId"].as_str().unwrap_or_default().to_owned();
    match uri.path() {
        "/messages/v2/send.json" => {
            if let Some((status, answer)) = memory.answers.pop() {
                return reply(status, &answer);
            }
            assert!((1..=72).contains(&client.len()) && client.bytes().all(|b| b.is_ascii_hexdigit()), "{client}");
            memory.known.insert(client.clone(), "accepted".into());
            memory.sent += 1;
            if std::mem::take(&mut memory.lose_answer) {
                return torn();
            }
            let row = json!({"clientId": client, "smscId": "A132571BC", "status": "accepted"});
            reply(200, &json!({"status": "ok", "messages": [row], "smsCount": 1}))
        }
        "/messages/v2/status.json" => {
            let status = memory.known.get(&client).cloned().unwrap_or_else(|| "incorrect id".into());
            reply(
                200,
                &json!({"status": "ok", "messages": [{"clientId": client, "smscId": "A132571BC", "status": status}]}),
            )
        }
        "/messages/v2/statusQueue.json" => {
            let states: Vec<Value> = memory.queue.drain(..).collect();
            match states.is_empty() {
                true => reply(200, &json!({"status": "ok", "description": "queue is empty"})),
                false => {
                    reply(200, &json!({"status": "ok", "statusQueueName": body["statusQueueName"], "messages": states}))
                }
            }
        }
        "/messages/v2/balance.json" => {
            reply(200, &json!({"status": "ok", "balance": [{"type": "RUB", "balance": 540.15, "credit": 0}]}))
        }
        other => panic!("unexpected {other}"),
    }
}

/// SMS.ru: форма туда, JSON обратно.
async fn smsru(State(memory): State<Shared>, uri: Uri, body: Bytes) -> Response {
    let fields: HashMap<String, String> = url_pairs(&body);
    let mut memory = memory.lock().expect("memory");
    memory.calls.push((uri.path().to_owned(), json!(fields)));
    if fields.get("api_id").map(String::as_str) != Some("TEST-API-ID") {
        return reply(200, &json!({"status": "ERROR", "status_code": 200, "status_text": "Неправильный api_id"}));
    }
    match uri.path() {
        "/sms/send" => {
            if let Some((status, answer)) = memory.answers.pop() {
                return reply(status, &answer);
            }
            memory.sent += 1;
            if std::mem::take(&mut memory.lose_answer) {
                return torn();
            }
            let sms = json!({"status": "OK", "status_code": 100, "sms_id": "000000-10000000"});
            reply(200, &json!({"status": "OK", "status_code": 100, "sms": {&fields["to"]: sms}, "balance": 10}))
        }
        "/my/balance" => reply(200, &json!({"status": "OK", "status_code": 100, "balance": 4122.56})),
        other => panic!("unexpected {other}"),
    }
}

fn url_pairs(body: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

async fn prostor_shop(extra: &str) -> (TestApp, Fake) {
    let fake = Fake::start(Router::new().fallback(prostor)).await;
    let url = fake.server.url();
    let toml = format!(
        "[sms]\nprovider = \"prostor\"\n[sms.prostor]\nlogin = \"shop\"\npassword = \"0000\"\nsender = \"MEGASHOP\"\n\
         base_url = \"{url}/messages/v2\"\n{extra}"
    );
    (TestApp::with_settings(apps(), &toml).await, fake)
}

async fn smsru_shop(extra: &str) -> (TestApp, Fake) {
    let fake = Fake::start(Router::new().fallback(smsru)).await;
    let url = fake.server.url();
    let toml =
        format!("[sms]\nprovider = \"smsru\"\n[sms.smsru]\napi_id = \"TEST-API-ID\"\nbase_url = \"{url}\"\n{extra}");
    (TestApp::with_settings(apps(), &toml).await, fake)
}

/// Ставит SMS с кодом и выполняет задачи.
async fn send(app: &TestApp) {
    let message = Message {
        channel: Channel::Sms,
        to: "+79000000000".into(),
        template: "shop.letters.code".into(),
        lang: Lang::Ru,
        data: json!({"code": "1234"}),
        secret: true,
    };
    let queue = async move |work: &mut Work| services::send_later(work, &message).await;
    app.ctx.atomic(&Actor::System("test"), queue).await.expect("queued");
    app.run_jobs().await;
}

async fn row(app: &TestApp) -> message::Model {
    let mut rows = message::Entity::find().all(&app.ctx.db_handle().write).await.expect("rows");
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

async fn live(app: &TestApp, minutes: i64) {
    for _ in 0..minutes {
        app.advance(TimeDelta::minutes(1));
        app.run_jobs().await;
    }
}

#[tokio::test]
async fn prostor_sends_as_its_protocol_wants() {
    let (app, fake) = prostor_shop("").await;
    send(&app).await;
    let call = fake.calls("/messages/v2/send.json").remove(0);
    assert_eq!(call["statusQueueName"], "megashop");
    let sms = &call["messages"][0];
    assert_eq!(
        (&sms["phone"], &sms["text"], &sms["sender"]),
        (&json!("+79000000000"), &json!("Код 1234"), &json!("MEGASHOP"))
    );
    let sent = row(&app).await;
    assert_eq!((sent.status, sent.body.as_str(), sent.delivery), (Status::Sent, "", Some(Delivery::Sent)));
    assert_eq!((sent.provider.as_deref(), sent.provider_id.as_deref()), (Some("prostor"), Some("A132571BC")));
    app.run_jobs().await;
    assert_eq!(fake.sent(), 1);
    app.assert_no_drift().await;
    app.close().await;
}

/// Принято, а ответ оборвался: прежде чем платить за вторую, спрашиваем о первой.
#[tokio::test]
async fn prostor_is_asked_before_a_second_attempt() {
    let (app, fake) = prostor_shop("").await;
    fake.memory().lose_answer = true;
    send(&app).await;
    assert_eq!((fake.sent(), row(&app).await.status), (1, Status::Waiting));
    live(&app, 2).await;
    assert_eq!((fake.sent(), row(&app).await.status), (1, Status::Sent));
    app.close().await;

    // Первая попытка до него не дошла: вторая — законная.
    let (app, fake) = prostor_shop("").await;
    fake.answer(502, json!("bad gateway"));
    send(&app).await;
    live(&app, 2).await;
    assert_eq!((fake.calls("/messages/v2/status.json").len(), fake.sent()), (1, 1));
    assert_eq!(row(&app).await.status, Status::Sent);
    app.close().await;
}

/// Виноват номер — не повторяем; виноваты деньги или ключи магазина — повторим, когда поправят.
#[tokio::test]
async fn prostor_refusals_are_final_or_not() {
    let refused = |why: &str| json!({"status": "ok", "messages": [{"clientId": "1a", "status": why}]});
    for why in ["invalid mobile phone", "text is empty", "something new"] {
        let (app, fake) = prostor_shop("").await;
        fake.answer(200, refused(why));
        send(&app).await;
        live(&app, 3).await;
        let failed = row(&app).await;
        assert_eq!((failed.status, failed.error), (Status::Failed, Some(format!("prostor-sms: {why}"))));
        assert_eq!(fake.calls("/messages/v2/send.json").len(), 1);
        app.close().await;
    }
    for (status, answer) in [
        (200, refused("not enough balance")),
        (200, json!({"status": "error", "description": "error authorization"})),
        (429, json!("slow down")),
    ] {
        let (app, fake) = prostor_shop("").await;
        fake.answer(status, answer);
        send(&app).await;
        assert_eq!(row(&app).await.status, Status::Waiting);
        live(&app, 2).await;
        assert_eq!((row(&app).await.status, fake.sent()), (Status::Sent, 1));
        assert!(fake.calls("/messages/v2/status.json").is_empty(), "nothing was accepted, nothing to ask about");
        app.close().await;
    }
}

/// Состояния забирают из очереди раз в минуту; окончательное слово не меняется.
#[tokio::test]
async fn prostor_tells_what_was_delivered() {
    let (app, fake) = prostor_shop("").await;
    send(&app).await;
    let state = |status: &str| json!({"clientId": "1", "smscId": "A132571BC", "status": status});
    fake.memory().queue.push(state("smsc submit"));
    live(&app, 1).await;
    assert_eq!(row(&app).await.delivery, Some(Delivery::Sent));
    fake.memory().queue.extend([
        state("delivered"),
        state("delivery error"),
        json!({"smscId": "of-another", "status": "delivered"}),
    ]);
    live(&app, 1).await;
    assert_eq!(row(&app).await.delivery, Some(Delivery::Delivered));
    app.close().await;
}

#[tokio::test]
async fn smsru_sends_as_its_protocol_wants() {
    let (app, fake) = smsru_shop("from = \"MEGASHOP\"\ntest = true\n").await;
    send(&app).await;
    let expected = json!({"api_id": "TEST-API-ID", "json": "1", "to": "79000000000", "msg": "Код 1234", "from": "MEGASHOP", "test": "1"});
    assert_eq!(fake.calls("/sms/send"), [expected]);
    let sent = row(&app).await;
    assert_eq!((sent.status, sent.provider_id.as_deref()), (Status::Sent, Some("000000-10000000")));
    assert_eq!((sent.provider.as_deref(), sent.delivery), (Some("smsru"), Some(Delivery::Sent)));
    app.close().await;
}

/// Ключа от повторов у SMS.ru нет: после неизвестного итога второй раз не посылаем, но видно почему.
#[tokio::test]
async fn smsru_is_not_paid_twice() {
    let (app, fake) = smsru_shop("").await;
    fake.memory().lose_answer = true;
    send(&app).await;
    live(&app, 5).await;
    let failed = row(&app).await;
    assert_eq!((fake.sent(), failed.status), (1, Status::Failed));
    assert!(failed.error.expect("why").contains("unknown"), "a person sees why");
    app.close().await;
}

#[tokio::test]
async fn smsru_codes_are_final_or_not() {
    let number = |code: i64| json!({"status": "OK", "status_code": 100, "sms": {"79000000000": {"status": "ERROR", "status_code": code, "status_text": "так"}}});
    for code in [150, 202, 203, 205, 207, 209, 212, 230, 231, 232, 233] {
        let (app, fake) = smsru_shop("").await;
        fake.answer(200, number(code));
        send(&app).await;
        live(&app, 3).await;
        assert_eq!((row(&app).await.status, fake.calls("/sms/send").len()), (Status::Failed, 1), "{code}");
        app.close().await;
    }
    let whole = |code: i64| json!({"status": "ERROR", "status_code": code, "status_text": "так"});
    for (status, answer) in [
        (200, whole(200)),
        (200, number(201)),
        (200, number(204)),
        (200, number(206)),
        (200, whole(220)),
        (200, whole(301)),
        (200, whole(500)),
        (503, json!("maintenance")),
    ] {
        let (app, fake) = smsru_shop("").await;
        fake.answer(status, answer.clone());
        send(&app).await;
        assert_eq!(row(&app).await.status, Status::Waiting, "{answer}");
        live(&app, 2).await;
        assert_eq!((row(&app).await.status, fake.sent()), (Status::Sent, 1), "{answer}");
        app.close().await;
    }
}

/// Обратный вызов: подпись — из описания протокола; чужому не верим, а без ключа не верим никому.
#[tokio::test]
async fn smsru_calls_back_about_delivery() {
    let (app, _fake) = smsru_shop("").await;
    send(&app).await;
    let path = "/api/v1/sms/callback/smsru";
    let hash = "255d0fe15e0fea2af69a5b6364dcb3f216ee1823c7c258e9561b34e117b6926b";
    let entry = "sms_status%0A000000-10000000%0A103%0A1767225600";
    for forged in [
        format!("data%5B0%5D={entry}&hash={}", "0".repeat(64)),
        format!("data%5B0%5D={entry}"),
        format!("data%5B0%5D=sms_status%0A000000-10000000%0A104%0A1767225600&hash={hash}"),
        String::new(),
    ] {
        app.anon().form(path, &forged).await.refused(400, "notifications.forged_callback");
    }
    assert_eq!(row(&app).await.delivery, Some(Delivery::Sent));
    for _ in 0..2 {
        let answer = app.anon().form(path, &format!("data%5B0%5D={entry}&hash={hash}")).await.expect(200);
        assert_eq!(answer.text(), "100");
    }
    assert_eq!(row(&app).await.delivery, Some(Delivery::Delivered));
    app.close().await;

    let app = TestApp::new(apps()).await;
    let body = "hash=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    app.anon().form(path, body).await.refused(400, "notifications.forged_callback");
    app.close().await;
}

/// `megashop config check`: ключи и остаток денег.
#[tokio::test]
async fn config_check_tries_the_keys() {
    let (app, _fake) = prostor_shop("").await;
    assert_eq!(
        notifications::check_sms(&app.ctx).await.expect("ok"),
        "prostor-sms accepts the login, balance 540.15 RUB"
    );
    app.close().await;
    let (app, _fake) = prostor_shop("[sms.prostor]\npassword = \"1111\"\n").await;
    let said = notifications::check_sms(&app.ctx).await.expect_err("wrong").to_string();
    assert!(said.contains("error authorization") && !said.contains("1111"), "{said}");
    app.close().await;
    let (app, _fake) = smsru_shop("").await;
    assert_eq!(notifications::check_sms(&app.ctx).await.expect("ok"), "SMS.ru accepts the key, balance 4122.56 RUB");
    app.close().await;
    let (app, _fake) = smsru_shop("[sms.smsru]\napi_id = \"WRONG-ID\"\n").await;
    let said = notifications::check_sms(&app.ctx).await.expect_err("wrong").to_string();
    assert!(said.contains("200") && said.contains("sms.smsru.api_id") && !said.contains("WRONG-ID"), "{said}");
    app.close().await;
    let app = TestApp::with_settings(apps(), "[sms]\nprovider = \"carrier pigeon\"\n").await;
    assert!(notifications::check_sms(&app.ctx).await.expect_err("unknown").to_string().contains("carrier pigeon"));
    app.close().await;
}

/// Ключи не печатаются нигде.
#[test]
fn keys_are_never_printed() {
    let toml =
        "[sms.prostor]\nlogin = 79000000000\npassword = 1234567\n[sms.smsru]\napi_id = \"AAAA-BBBB\"\n".to_owned();
    let sources = kernel::settings::Sources { preset: Some(toml), ..Default::default() };
    let settings = kernel::Platform::settings(&[notifications::app()], &sources).expect("settings");
    let section = settings.get::<notifications::SmsSettings>();
    assert_eq!((section.prostor.login.as_str(), section.prostor.password.expose()), ("79000000000", "1234567"));
    let printed = format!("{section:?} {:?}", settings.show());
    assert!(!printed.contains("1234567") && !printed.contains("AAAA-BBBB"), "{printed}");
}
