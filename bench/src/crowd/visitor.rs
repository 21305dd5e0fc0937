//! Один посетитель: свой сеанс, своё соединение, свой порядок активов и свои привычки.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures::future::try_join_all;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::ASSETS;
use crate::customers::text;
use crate::http::{Call, Client};

/// Сколько посетитель добивается одного ответа.
const PATIENCE: Duration = Duration::from_secs(300);
/// Последний просмотр некоторые шлют столько раз разом.
const AT_ONCE: usize = 4;

pub struct Visitor {
    number: usize,
    fair: bool,
    random: StdRng,
    clients: Vec<Client>,
    from: [u8; 4],
    servers: Vec<SocketAddr>,
    session: String,
    assets: Vec<usize>,
    /// Сколько активов уже просмотрено.
    seen: usize,
    events: usize,
    code: Option<String>,
    /// Сколько просмотров должно быть засчитано: повтор под тем же именем не в счёт.
    pub views: usize,
    latencies: Vec<u32>,
    /// Отказы и обрывы, после которых просьба повторена.
    pub refusals: BTreeMap<String, usize>,
}

pub fn slug(asset: usize) -> String {
    format!("statue-{asset}")
}

impl Visitor {
    pub fn new(number: usize, servers: &[SocketAddr], fair: bool) -> Visitor {
        let mut random = StdRng::seed_from_u64(number as u64);
        let mut assets: Vec<usize> = (0..ASSETS).collect();
        assets.shuffle(&mut random);
        let [_, a, b, c] = (number as u32).to_be_bytes();
        Visitor {
            number,
            fair,
            random,
            clients: Vec::new(),
            from: [127, 16 + a, b, c],
            servers: servers.to_vec(),
            session: String::new(),
            assets,
            seen: 0,
            events: 0,
            code: None,
            views: 0,
            latencies: Vec::new(),
            refusals: BTreeMap::new(),
        }
    }

    pub fn email(&self) -> String {
        format!("visitor{}@example.ru", self.number)
    }

    pub fn code(&self) -> Result<&str> {
        self.code.as_deref().with_context(|| format!("visitor {} has no code", self.number))
    }

    pub fn take_latencies(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.latencies)
    }

    /// Соединение посетителя; серверов несколько — один из них, у соседей другой.
    pub async fn open(mut self) -> Result<Visitor> {
        if self.clients.is_empty() {
            let client = self.another_client(0);
            self.clients.push(client);
        }
        self.clients[0].open().await?;
        Ok(self)
    }

    fn another_client(&self, turn: usize) -> Client {
        Client::new(self.servers[(self.number + turn) % self.servers.len()]).from(self.from)
    }

    /// Начать сеанс и посмотреть часть набора; каждый седьмой раньше времени привязывает почту.
    pub async fn first_half(mut self) -> Result<Visitor> {
        let started = self.ask(&Call::post("/session/start/", &json!({}))).await?;
        self.session = text(&started, "session_id")?;
        let half = self.random.random_range(3..=7);
        self.watch(half).await?;
        if self.number % 7 == 1 {
            self.attach_email().await?;
        }
        Ok(self)
    }

    /// Досмотреть; последний просмотр приносит код.
    pub async fn second_half(mut self) -> Result<Visitor> {
        self.watch(ASSETS - 1).await?;
        if self.number.is_multiple_of(3) {
            // Ещё раз виденное.
            for index in [0, 1] {
                let answer = self.view(self.assets[index]).await?;
                ensure!(answer["awarded_points"] == 0, "points for the second view: {answer}");
            }
        }
        self.complete().await?;
        Ok(self)
    }

    /// Свой код, свой ход и почта: некоторые привязывают её дважды, по очереди или разом.
    pub async fn attach(mut self) -> Result<Visitor> {
        let own = Call::get(format!("/promo/?session_id={}", self.session));
        let named = text(&self.ask(&own).await?, "promo_code")?;
        self.learn(&named)?;
        match self.number % 7 {
            0 => {
                self.attach_email().await?;
                self.attach_email().await?;
            }
            2 => {
                let call = self.email_call();
                for answer in self.ask_at_once(&vec![call; 2]).await? {
                    ensure!(answer["email"] == self.email(), "another e-mail: {answer}");
                }
            }
            _ => self.attach_email().await?,
        }
        let progress = self.ask(&Call::get(format!("/progress/?session_id={}", self.session))).await?;
        let whole =
            json!({"total_assets": ASSETS, "viewed_assets": ASSETS, "remaining_assets": 0, "total_score": 10 * ASSETS});
        ensure!(progress == whole, "progress {progress}");
        Ok(self)
    }

    fn email_call(&self) -> Call {
        Call::post("/user/email/", &json!({"session_id": self.session, "email": self.email()}))
    }

    async fn attach_email(&mut self) -> Result<()> {
        let answer = self.ask(&self.email_call()).await?;
        ensure!(answer["email"] == self.email(), "another e-mail: {answer}");
        Ok(())
    }

    /// Смотрит по разу, пока просмотренных не станет столько.
    async fn watch(&mut self, until: usize) -> Result<()> {
        while self.seen < until {
            let answer = self.view(self.assets[self.seen]).await?;
            self.seen += 1;
            let expected = json!([10, 10 * self.seen]);
            ensure!(json!([answer["awarded_points"], answer["session_score"]]) == expected, "view {answer}");
        }
        Ok(())
    }

    async fn view(&mut self, asset: usize) -> Result<Value> {
        let call = self.view_call(asset).await?;
        self.views += 1;
        if self.number % 10 == 3 && self.seen == 5 {
            // Просмотр мог и засчитаться: повторим под тем же именем.
            self.clients[0].hang_up_on(&call).await?;
            *self.refusals.entry("answers not waited for".to_owned()).or_default() += 1;
        }
        self.ask(&call).await
    }

    /// Просмотр с именем события; у честной кампании имя ему даёт пропуск, за которым надо подождать.
    async fn view_call(&mut self, asset: usize) -> Result<Call> {
        let mut body = json!({"session_id": self.session, "asset_slug": slug(asset)});
        if self.fair {
            let opened = self.ask(&Call::post("/api/v1/view/token", &body)).await?;
            body["view_token"] = opened["view_token"].clone();
            let ready_in = opened["ready_in"].as_u64().context("no `ready_in`")?;
            tokio::time::sleep(Duration::from_secs(ready_in)).await;
        } else if self.names_views() {
            self.events += 1;
            body["event_id"] = json!(format!("{}-{}", self.number, self.events));
        }
        Ok(Call::post("/view/", &body))
    }

    /// Прежняя программа имён событиям не давала; кто повторяет без ответа, тому без них нельзя.
    fn names_views(&self) -> bool {
        self.number % 4 != 1 || matches!(self.number % 10, 0 | 3)
    }

    /// Последний просмотр: обычно один; у некоторых — четыре разом, под одним именем или под разными.
    async fn complete(&mut self) -> Result<()> {
        let last = self.assets[ASSETS - 1];
        match self.number % 10 {
            0 => {
                let call = self.view_call(last).await?;
                self.views += 1;
                for answer in self.ask_at_once(&vec![call; AT_ONCE]).await? {
                    self.learn(&text(&answer, "promo_code")?)?;
                }
            }
            5 if !self.fair => {
                let mut calls = Vec::new();
                for _ in 0..AT_ONCE {
                    calls.push(self.view_call(last).await?);
                }
                self.views += AT_ONCE;
                let answers = self.ask_at_once(&calls).await?;
                let codes: Vec<_> = answers.iter().filter_map(|answer| answer["promo_code"].as_str()).collect();
                ensure!(codes.len() == 1, "{} answers of {AT_ONCE} name a code", codes.len());
                self.learn(codes[0])?;
            }
            _ => {
                let answer = self.view(last).await?;
                self.learn(&text(&answer, "promo_code")?)?;
            }
        }
        Ok(())
    }

    /// Код у сеанса один, кто бы его ни назвал.
    fn learn(&mut self, code: &str) -> Result<()> {
        let known = self.code.get_or_insert_with(|| code.to_owned());
        ensure!(known == code, "visitor {} was given {known} and {code}", self.number);
        Ok(())
    }

    async fn ask(&mut self, call: &Call) -> Result<Value> {
        let mut client = self.clients.pop().context("no connection")?;
        let asked = insist(&mut client, call).await;
        self.clients.push(client);
        self.note(asked?)
    }

    /// Разом с нескольких соединений, на разные серверы, если их несколько.
    async fn ask_at_once(&mut self, calls: &[Call]) -> Result<Vec<Value>> {
        let asked = calls.iter().enumerate().map(|(turn, call)| {
            let mut client = self.another_client(turn);
            async move { insist(&mut client, call).await }
        });
        let asked: Vec<Asked> = try_join_all(asked).await?;
        asked.into_iter().map(|asked| self.note(asked)).collect()
    }

    fn note(&mut self, asked: Asked) -> Result<Value> {
        self.latencies.push(u32::try_from(asked.took.as_micros()).unwrap_or(u32::MAX));
        for why in asked.refusals {
            *self.refusals.entry(why).or_default() += 1;
        }
        Ok(asked.answer)
    }
}

/// Ответ и чего он стоил.
struct Asked {
    answer: Value,
    took: Duration,
    refusals: Vec<String>,
}

/// Повторяет после обрыва и вежливого отказа (503 и 429 с `Retry-After`); всё прочее — провал.
async fn insist(client: &mut Client, call: &Call) -> Result<Asked> {
    let started = Instant::now();
    let mut refusals = Vec::new();
    while started.elapsed() < PATIENCE {
        let Ok(answer) = client.send(call).await else {
            refusals.push("connections cut off".to_owned());
            continue;
        };
        if answer.status.is_success() {
            return Ok(Asked { answer: answer.json()?, took: started.elapsed(), refusals });
        }
        let Some(seconds) = answer.retry_after.filter(|_| matches!(answer.status.as_u16(), 429 | 503)) else {
            bail!("{} {}: {} {}", call.method, call.path, answer.status, String::from_utf8_lossy(&answer.body));
        };
        let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        refusals.push(format!("{} {}", answer.status.as_u16(), problem["code"].as_str().unwrap_or("?")));
        // Как велено, и не всем в один миг.
        tokio::time::sleep(Duration::from_millis(1000 * seconds + started.elapsed().subsec_millis() as u64 / 2)).await;
    }
    bail!("{} {}: no answer in {} s, {} refusals", call.method, call.path, PATIENCE.as_secs(), refusals.len())
}
