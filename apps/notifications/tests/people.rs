//! Люди, их согласия и магазин с рекламным письмом.

use accounts::factories::{Login, customer};
use kernel::{Actor, App, Lang, Work};
use notifications::models::consent;
use notifications::models::message::{self, Channel, Status};
use notifications::{Advertising, Letter, Letters, Notice, Person, services};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;
use testkit::{Client, TestApp};

const RU: &str = "[letters.shipped]\nsubject = \"Заказ в пути\"\nbody = \"Едет: {{ url }}\"\nsms = \"Едет\"\npush = \"Едет!\"\n\
    [letters.sale]\nsubject = \"Распродажа\"\nbody = \"Скидки. Отписаться: {{ unsubscribe }}\"\nsms = \"Скидки\"\n\
    [letters.plain]\nsubject = \"Только письмо\"\nbody = \"Письмо\"\n";

const LETTERS: &[Letter] = &[Letter {
    template: "shop.letters.shipped",
    title: "В пути",
    sample: || json!({"url": "https://shop.example/o/1"}),
    must: &[],
}];

const ADVERTISING: &[Letter] = &[Letter {
    template: "shop.letters.sale",
    title: "Распродажа",
    sample: || json!({"unsubscribe": "https://shop.example/u"}),
    must: &[],
}];

pub fn apps() -> Vec<App> {
    let shop = App::new("shop", "Магазин").texts(RU, RU);
    let shop = shop.declare(Letters(LETTERS)).declare(Advertising(ADVERTISING));
    vec![notifications::app(), accounts::app(), shop]
}

pub async fn shop(toml: &str) -> (TestApp, Login, Client) {
    let app = TestApp::with_settings(apps(), toml).await;
    let login = customer(&app.ctx).await;
    let client = app.anon().bearer(&login.token);
    (app, login, client)
}

pub async fn tell(app: &TestApp, login: &Login, letter: &str, urgent: bool) {
    let person = Person {
        user_id: Some(login.user_id),
        email: Some("anna@example.ru".into()),
        phone: Some("+79000000000".into()),
        lang: Lang::Ru,
    };
    tell_to(app, person, letter, urgent).await;
}

pub async fn tell_to(app: &TestApp, person: Person, letter: &str, urgent: bool) {
    let notice =
        Notice { template: format!("shop.letters.{letter}"), data: json!({"url": "https://shop.example/o/1"}), urgent };
    let deed = async move |work: &mut Work| services::tell(work, &person, &notice).await;
    app.ctx.atomic(&Actor::System("test"), deed).await.expect("told");
}

pub async fn messages(app: &TestApp) -> Vec<message::Model> {
    let all = message::Entity::find().order_by_asc(message::Column::Id);
    all.all(&app.ctx.db_handle().write).await.expect("messages")
}

/// Канал и состояние каждого сообщения.
pub async fn states(app: &TestApp) -> Vec<(Channel, Status)> {
    messages(app).await.into_iter().map(|row| (row.channel, row.status)).collect()
}

pub async fn journal(app: &TestApp) -> Vec<consent::Model> {
    let all = consent::Entity::find().order_by_asc(consent::Column::Id);
    all.all(&app.ctx.db_handle().write).await.expect("journal")
}
