//! Замеры магазина: скорость в отношении к голым образцам, процессорное время на запрос, живучесть при `kill -9`.
//! Что и как меряется и что намерено — в `bench/README.md`.

mod admin;
mod bare_orders;
mod catalogue;
mod cluster;
mod cpu;
mod crash;
mod crash_wave;
mod crowd;
mod customers;
mod database;
mod engine;
mod export;
mod fleet;
mod growth;
mod http;
mod import;
mod load;
mod login;
mod machine;
mod many_orders;
mod nodes;
mod orders;
mod promos;
mod reads;
mod reference;
mod sale;
mod shop;
mod sink;
mod stage;
mod startup;
mod table;
mod views;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Каталог рядом с голым сервером
    Reads(reads::Options),
    /// Корзина и заказ рядом с голым циклом SQL
    Orders(orders::Options),
    /// Заказ с промокодом и волной рядом с простым; проверка кода
    Promos(promos::Options),
    /// Выгрузка 10 000 и 1 000 000 заказов: время и память
    Export(export::Options),
    /// Админка при миллионе заказов: время страниц
    Admin(admin::Options),
    /// Просмотр AR-кампании рядом с голым обработчиком
    Views(views::Options),
    /// Список при маленьком и большом каталоге
    Growth(growth::Options),
    /// Старт и память
    Startup(startup::Options),
    /// Загрузка каталога
    Import(import::Options),
    /// Каталог, пока входят 64 человека
    Login(login::Options),
    /// kill -9 в случайные моменты и сверка
    Crash(crash::Options),
    /// kill -9 посреди перевода волны и возврата денег за неё
    CrashWave(crash_wave::Options),
    /// Тысячи сеансов AR-кампании разом: ровно по коду и письму на каждый
    Crowd(crowd::Options),
    /// Два сервера и два исполнителя, пока умирают RabbitMQ и Redis
    Cluster(cluster::Options),
    #[command(hide = true)]
    ServeBytes(reference::BytesOptions),
    #[command(hide = true)]
    ServeSqlx(reference::SqlxOptions),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().verb {
        Verb::Reads(options) => reads::run(options).await,
        Verb::Orders(options) => orders::run(options).await,
        Verb::Promos(options) => promos::run(options).await,
        Verb::Export(options) => export::run(options).await,
        Verb::Admin(options) => admin::run(options).await,
        Verb::Views(options) => views::run(options).await,
        Verb::Growth(options) => growth::run(options).await,
        Verb::Startup(options) => startup::run(options).await,
        Verb::Import(options) => import::run(options).await,
        Verb::Login(options) => login::run(options).await,
        Verb::Crash(options) => crash::run(options).await,
        Verb::CrashWave(options) => crash_wave::run(options).await,
        Verb::Crowd(options) => crowd::run(options).await,
        Verb::Cluster(options) => cluster::run(options).await,
        Verb::ServeBytes(options) => reference::serve_bytes(options).await,
        Verb::ServeSqlx(options) => reference::serve_sqlx(options).await,
    }
}
