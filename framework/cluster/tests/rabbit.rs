//! Очередь RabbitMQ этого теста и посредник перед ней.

use kernel::clock::Random;
use lapin::options::{BasicPublishOptions, QueueDeclareOptions, QueueDeleteOptions, QueuePurgeOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use testkit::{Proxy, required};
use url::Url;

pub struct Rabbit {
    pub proxy: Proxy,
    pub settings: String,
    queue: String,
    channel: Channel,
    _connection: Connection,
}

impl Rabbit {
    /// `None` — RabbitMQ не отвечает: тест пропускается (в CI — падает).
    pub async fn start() -> Option<Rabbit> {
        let url = std::env::var("MEGASHOP_TEST_AMQP_URL")
            .unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5672/%2f".to_owned());
        let connection = match Connection::connect(&url, ConnectionProperties::default()).await {
            Ok(connection) => connection,
            Err(error) => {
                assert!(!required(), "no RabbitMQ at {url}: {error}");
                eprintln!("skipped: no RabbitMQ at {url}: {error}");
                return None;
            }
        };
        let channel = connection.create_channel().await.expect("channel");
        let mut address: Url = url.parse().expect("amqp url");
        let proxy = Proxy::start(address.port().unwrap_or(5672)).await;
        address.set_host(Some("127.0.0.1")).expect("host");
        address.set_port(Some(proxy.port())).expect("port");
        let queue = format!("megashop.test.{}", &Random::system().token()[..12]);
        let settings = format!("[jobs]\nbroker = \"{address}\"\nqueue = \"{queue}\"\n");
        Some(Rabbit { proxy, settings, queue, channel, _connection: connection })
    }

    /// Лишние приглашения.
    pub async fn call_in_vain(&self, count: usize) {
        for _ in 0..count {
            let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
            let sent =
                self.channel.basic_publish("".into(), self.queue.as_str().into(), options, &[], properties).await;
            sent.expect("published").await.expect("sent");
        }
    }

    pub async fn purge(&self) {
        self.channel.queue_purge(self.queue.as_str().into(), QueuePurgeOptions::default()).await.expect("purged");
    }

    pub async fn delete(&self) {
        self.channel.queue_delete(self.queue.as_str().into(), QueueDeleteOptions::default()).await.expect("deleted");
    }

    /// Приглашений в очереди, ещё никому не отданных, и сколько исполнителей её слушает.
    pub async fn counts(&self) -> (u32, u32) {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let seen = self.channel.queue_declare(self.queue.as_str().into(), options, FieldTable::default()).await;
        let seen = seen.expect("the queue exists");
        (seen.message_count(), seen.consumer_count())
    }
}
