//! Уведомления в браузере: браузер и служба рассылки — поддельные, шифр и подпись — настоящие.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use http::{HeaderMap, StatusCode};
use notifications::crypto::{self, Receiver, decode, encode, encrypt, new_key, public_bytes};
use notifications::models::message::{Channel, Status};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use serde_json::{Value, json};
use testkit::{Client, FakeServer, TestApp};

use crate::people::*;

const SUBSCRIPTIONS: &str = "/api/v1/push/subscriptions";
const MINE: &str = "/api/v1/users/me/notifications";

/// Пример из RFC 8291, раздел 5.
#[test]
fn the_example_of_the_standard() {
    let bytes = |text: &str| decode(text).expect("base64url");
    let receiver = Receiver::parse(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    );
    let key = SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).expect("key");
    let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes");
    let body = encrypt(&receiver.expect("keys"), &key, salt, b"When I grow up, I want to be a watermelon");
    assert_eq!(
        encode(&body.expect("sealed")),
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_\
         yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let browser = Browser::new(1);
    let receiver = Receiver::parse(&browser.p256dh(), &browser.auth()).expect("keys");
    let key = new_key(|| [5; 32]).expect("key");
    assert_eq!(encrypt(&receiver, &key, [0; 16], &[b'x'; 3993]).expect("fits").len(), 4096);
    assert!(encrypt(&receiver, &key, [0; 16], &[b'x'; 3994]).is_err());
    assert!(Receiver::parse("BAAA", &browser.auth()).is_err() && Receiver::parse(&browser.p256dh(), "AAAA").is_err());
}

struct Browser {
    key: SecretKey,
    auth: [u8; 16],
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive(salt: &[u8], ikm: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    Salt::new(HKDF_SHA256, salt)
        .extract(ikm)
        .expand(&[info], Length(length))
        .expect("okm")
        .fill(&mut out)
        .expect("fill");
    out
}

impl Browser {
    fn new(seed: u8) -> Browser {
        Browser { key: SecretKey::from_slice(&[seed; 32]).expect("key"), auth: [seed; 16] }
    }

    fn p256dh(&self) -> String {
        encode(&public_bytes(&self.key))
    }

    fn auth(&self) -> String {
        encode(&self.auth)
    }

    fn subscription(&self, endpoint: &str) -> Value {
        json!({"endpoint": endpoint, "expirationTime": null, "keys": {"p256dh": self.p256dh(), "auth": self.auth()}})
    }

    /// Расшифровывает, как это сделал бы браузер (RFC 8188, 8291).
    fn open(&self, body: &[u8]) -> Value {
        let (salt, rest) = body.split_at(16);
        assert_eq!(rest[..5], [0, 0, 16, 0, 65], "record size 4096, key of 65 bytes");
        let (sender, sealed) = rest[5..].split_at(65);
        let point = PublicKey::from_sec1_bytes(sender).expect("point");
        let shared = p256::ecdh::diffie_hellman(self.key.to_nonzero_scalar(), point.as_affine());
        let info = [b"WebPush: info\0".as_slice(), &public_bytes(&self.key), sender].concat();
        let ikm = derive(&self.auth, shared.raw_secret_bytes(), &info, 32);
        let cek = derive(salt, &ikm, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = derive(salt, &ikm, b"Content-Encoding: nonce\0", 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &cek).expect("key"));
        let mut text = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(&nonce).expect("nonce");
        let text = key.open_in_place(nonce, Aad::empty(), &mut text).expect("opens");
        serde_json::from_slice(text.strip_suffix(&[2]).expect("the last record")).expect("json")
    }
}

#[derive(Default)]
struct Memory {
    got: Vec<(HeaderMap, Bytes)>,
    answers: Vec<(u16, Option<&'static str>)>,
}

type Shared = Arc<Mutex<Memory>>;

async fn receive(State(memory): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let mut memory = memory.lock().expect("memory");
    memory.got.push((headers, body));
    let (status, retry_after) = memory.answers.pop().unwrap_or((201, None));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).expect("status");
    if let Some(seconds) = retry_after {
        response.headers_mut().insert("retry-after", seconds.parse().expect("header"));
    }
    response
}

struct Shop {
    app: TestApp,
    service: FakeServer,
    memory: Shared,
    anna: accounts::factories::Login,
    client: Client,
}

async fn start() -> Shop {
    let memory = Shared::default();
    let service = FakeServer::start(Router::new().fallback(receive).with_state(memory.clone())).await;
    let toml = format!(
        "[notifications]\nquiet_from = \"\"\n[push]\nhosts = [\"{}\", \"push.example\"]\ncontact = \"mailto:it@shop.example\"\n",
        service.url()
    );
    let (app, anna, client) = shop(&toml).await;
    Shop { app, service, memory, anna, client }
}

impl Shop {
    fn endpoint(&self, name: &str) -> String {
        format!("{}/send/{name}", self.service.url())
    }

    async fn subscribe(&self, browser: &Browser, name: &str) {
        self.client.post(SUBSCRIPTIONS, browser.subscription(&self.endpoint(name))).await.expect(204);
        self.app.run_jobs().await;
    }

    async fn browsers(&self) -> Value {
        self.client.get(MINE).await.expect(200).json()["browsers"].clone()
    }

    async fn tell(&self) {
        tell(&self.app, &self.anna, "shipped", false).await;
        self.app.run_jobs().await;
    }

    fn got(&self) -> usize {
        self.memory.lock().expect("memory").got.len()
    }

    fn answer(&self, status: u16, retry_after: Option<&'static str>) {
        self.memory.lock().expect("memory").answers.push((status, retry_after));
    }

    async fn last(&self) -> Status {
        messages(&self.app).await.into_iter().rfind(|row| row.channel == Channel::Push).expect("message").status
    }

    async fn live(&self, minutes: i64) {
        for _ in 0..minutes {
            self.app.advance(TimeDelta::minutes(1));
            self.app.run_jobs().await;
        }
    }
}

/// Каждый браузер получает своё, зашифрованное ему; подпись магазина сходится с его открытым ключом.
#[tokio::test]
async fn a_browser_reads_what_was_sent_to_it() {
    let shop = start().await;
    let (phone, laptop) = (Browser::new(3), Browser::new(4));
    shop.subscribe(&phone, "a").await;
    shop.subscribe(&laptop, "b").await;
    shop.subscribe(&laptop, "b").await;
    assert_eq!(shop.browsers().await, 2);
    shop.tell().await;
    assert_eq!(shop.got(), 2);
    let (headers, body) = shop.memory.lock().expect("memory").got[1].clone();
    let shown = phone.open(&body);
    assert_eq!((&shown["title"], &shown["body"]), (&json!("Заказ в пути"), &json!("Едет!")));
    assert_eq!(shown["url"], "https://shop.example/o/1");
    let header = |name: &str| headers[name].to_str().expect("text").to_owned();
    assert_eq!(
        (header("content-encoding"), header("ttl"), header("urgency")),
        ("aes128gcm".into(), "86400".into(), "normal".into())
    );
    assert_eq!(header("topic"), shown["tag"].as_str().expect("tag"));

    let key = app_key(&shop.app).await;
    let authorization = header("authorization");
    let (token, named) =
        authorization.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("vapid");
    assert_eq!(named, key);
    let (signed, signature) = token.rsplit_once('.').expect("jwt");
    let verifying = VerifyingKey::from_sec1_bytes(&decode(&key).expect("key")).expect("point");
    let signature = Signature::from_slice(&decode(signature).expect("signature")).expect("64 bytes");
    verifying.verify(signed.as_bytes(), &signature).expect("signed by the shop");
    let claims: Value =
        serde_json::from_slice(&decode(signed.split_once('.').expect("claims").1).expect("claims")).expect("json");
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(shop.service.url()), &json!("mailto:it@shop.example")));
    let left = claims["exp"].as_i64().expect("exp") - shop.app.ctx.now().timestamp();
    assert!((1..=86_400).contains(&left), "{left}");
    shop.app.assert_no_drift().await;
    shop.app.close().await;
}

async fn app_key(app: &TestApp) -> String {
    app.anon().get("/api/v1/push/key").await.expect(200).json()["public_key"].as_str().expect("key").to_owned()
}

/// Ключ — один на всех узлах и после перезапуска: иначе все подписки пропали бы.
#[tokio::test]
async fn every_node_has_the_same_key() {
    let shop = start().await;
    let twin = shop.app.twin(apps(), "").await;
    assert_eq!(app_key(&shop.app).await, app_key(&twin).await);
    assert_eq!(decode(&app_key(&twin).await).expect("key").len(), 65);
    twin.close().await;
    shop.app.close().await;
}

/// Ходим только к службам рассылки, которым верим: адрес подписки придумывает кто угодно.
#[tokio::test]
async fn alien_addresses_are_refused() {
    let shop = start().await;
    let browser = Browser::new(3);
    for endpoint in [
        "http://127.0.0.1:1/x",
        "http://169.254.169.254/latest/meta-data",
        "https://localhost/x",
        "https://evil.example/push.example",
        "https://evilpush.example/x",
        "https://push.example.evil.example/x",
        "https://push.example@evil.example/x",
        "https://user@push.example/x",
        "https://push.example:8443/x",
        "http://push.example/x",
        "file:///etc/passwd",
        "нечто",
    ] {
        shop.client.post(SUBSCRIPTIONS, browser.subscription(endpoint)).await.invalid("endpoint");
    }
    let bad = json!({"endpoint": "https://push.example/x", "keys": {"p256dh": "AAAA", "auth": browser.auth()}});
    shop.client.post(SUBSCRIPTIONS, bad).await.invalid("keys");
    shop.app.anon().post(SUBSCRIPTIONS, browser.subscription("https://push.example/x")).await.expect(401);
    assert_eq!(shop.browsers().await, 0);
    for endpoint in ["https://push.example/x", "https://eu.push.example/x"] {
        shop.client.post(SUBSCRIPTIONS, browser.subscription(endpoint)).await.expect(204);
    }
    assert_eq!(shop.browsers().await, 2);
    shop.app.run_jobs().await;
    shop.app.close().await;
}

/// Браузера больше нет — забываем; остальное решает ответ службы.
#[tokio::test]
async fn answers_of_the_service() {
    for gone in [404, 410] {
        let shop = start().await;
        shop.subscribe(&Browser::new(3), "a").await;
        shop.answer(gone, None);
        shop.tell().await;
        assert_eq!((shop.last().await, shop.browsers().await), (Status::Failed, json!(0)));
        shop.app.close().await;
    }
    for refused in [400, 403, 413] {
        let shop = start().await;
        shop.subscribe(&Browser::new(3), "a").await;
        shop.answer(refused, None);
        shop.tell().await;
        shop.live(2).await;
        assert_eq!((shop.last().await, shop.got(), shop.browsers().await), (Status::Failed, 1, json!(1)), "{refused}");
        shop.app.close().await;
    }
    for (busy, retry_after) in [(429, Some("90")), (503, Some("90")), (500, None)] {
        let shop = start().await;
        shop.subscribe(&Browser::new(3), "a").await;
        shop.answer(busy, retry_after);
        shop.tell().await;
        assert_eq!((shop.last().await, shop.got()), (Status::Waiting, 1), "{busy}");
        shop.live(1).await;
        assert_eq!(shop.got(), if retry_after.is_some() { 1 } else { 2 }, "{busy}");
        shop.live(1).await;
        assert_eq!((shop.last().await, shop.got()), (Status::Sent, 2), "{busy}");
        shop.app.close().await;
    }
}

/// Свой браузер забывает только хозяин; за тем же браузером сел другой человек — подписка его; одиннадцатый вытесняет первый.
#[tokio::test]
async fn a_browser_belongs_to_whoever_uses_it() {
    let shop = start().await;
    let browser = Browser::new(3);
    shop.subscribe(&browser, "a").await;
    let other = accounts::factories::customer(&shop.app.ctx).await;
    let stranger = shop.app.anon().bearer(&other.token);
    let path = format!("{SUBSCRIPTIONS}?endpoint={}", shop.endpoint("a").replace(':', "%3A").replace('/', "%2F"));
    stranger.delete(&path).await.expect(204);
    assert_eq!(shop.browsers().await, 1);
    stranger.post(SUBSCRIPTIONS, browser.subscription(&shop.endpoint("a"))).await.expect(204);
    assert_eq!(shop.browsers().await, 0);
    stranger.delete(&path).await.expect(204);
    assert_eq!(stranger.get(MINE).await.json()["browsers"], 0);
    for n in 0..11 {
        shop.subscribe(&browser, &format!("n{n}")).await;
    }
    assert_eq!(shop.browsers().await, 10);
    shop.app.run_jobs().await;
    shop.app.close().await;
}

/// Одного уведомления мало: выключив почту, человек всё равно узнает о заказе письмом.
#[tokio::test]
async fn a_notification_alone_is_not_enough() {
    let shop = start().await;
    shop.subscribe(&Browser::new(3), "a").await;
    shop.client.patch(MINE, json!({"email": {"service": false}})).await.expect(200);
    shop.tell().await;
    assert_eq!(states(&shop.app).await, [(Channel::Push, Status::Sent), (Channel::Email, Status::Sent)]);
    shop.client.patch(MINE, json!({"push": {"service": false}})).await.expect(200);
    shop.tell().await;
    assert_eq!(shop.got(), 1);
    shop.app.run_jobs().await;
    shop.app.close().await;
}

/// Ключ годится не всякий: негодный заменяется следующим.
#[test]
fn an_unusable_key_is_replaced() {
    let mut tries = 0;
    let key = crypto::new_key(|| {
        tries += 1;
        if tries == 1 { [0xff; 32] } else { [1; 32] }
    });
    assert_eq!((key.expect("key").to_bytes()[..].to_vec(), tries), (vec![1; 32], 2));
    assert!(crypto::new_key(|| [0; 32]).is_err());
}
