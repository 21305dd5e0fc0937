//! RabbitMQ: зовёт исполнителей к готовым задачам. Сообщение пустое: что делать, знает только таблица, поэтому потерянное, лишнее и
//! повторённое приглашение ничего не портит.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use futures::StreamExt;
use kernel::Ctx;
use kernel::cluster::{Broker, Invitation};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::uri::AMQPUri;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use tokio::sync::{Notify, mpsc};

use crate::Backoff;

/// Приглашений в памяти: больше — лишние, исполнители и так придут.
const BACKLOG: usize = 10_000;
/// Срок на то, чтобы соединиться и объявить очередь.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Молчащее соединение рвётся через два таких срока, с.
const HEARTBEAT: u16 = 10;
/// Как часто смотрим, не заблокировано ли соединение (у RabbitMQ кончилась память).
const LOOK: Duration = Duration::from_millis(500);
/// Приглашение старше этого бесполезно: задачу давно нашёл обход, мс.
const CALL_TTL: i32 = 60_000;

/// Исполнитель этого процесса: сколько у него мест и куда класть приглашения.
type Hands = (usize, mpsc::Sender<Invitation>);

pub struct Rabbit {
    uri: AMQPUri,
    queue: String,
    connected: AtomicBool,
    calls: mpsc::Sender<()>,
    waiting: Mutex<Option<mpsc::Receiver<()>>>,
    hands: Mutex<Option<Hands>>,
    hired: Notify,
}

impl Rabbit {
    pub fn new(ctx: &Ctx) -> anyhow::Result<Rabbit> {
        let settings = &ctx.settings().kernel.jobs;
        // Причина не нужна: в ней может стоять адрес целиком, с паролем.
        let bad = |_: String| anyhow!("jobs.broker must look like amqp://user:password@host:5672/%2f");
        let mut uri: AMQPUri = settings.broker.expose().parse().map_err(bad)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        let (calls, waiting) = mpsc::channel(BACKLOG);
        Ok(Rabbit {
            uri,
            queue: settings.queue.clone(),
            connected: AtomicBool::new(false),
            calls,
            waiting: Mutex::new(Some(waiting)),
            hands: Mutex::default(),
            hired: Notify::new(),
        })
    }

    pub async fn check(&self) -> anyhow::Result<String> {
        // Канал живёт до конца: брошенный закрывался бы сам, наперегонки с соединением.
        let (connection, _channel) = self.open().await?;
        connection.close(200, "checked".into()).await?;
        Ok(format!("RabbitMQ answers, queue {}", self.queue))
    }

    /// Держит связь, пока жива программа.
    pub async fn keep_connected(self: Arc<Self>, ctx: Ctx) {
        let Some(mut waiting) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let mut backoff = Backoff::new();
        loop {
            match self.open().await {
                Ok((connection, channel)) => {
                    tracing::info!("rabbitmq is connected");
                    backoff = Backoff::new();
                    let why = self.work(&ctx, &connection, &channel, &mut waiting).await;
                    tracing::warn!(error = ?why.err(), "rabbitmq is lost: jobs are found by polling until it answers");
                }
                Err(error) => tracing::debug!(error = format!("{error:#}"), "rabbitmq does not answer"),
            }
            self.show(&ctx, false);
            backoff.pause().await;
            // Позванное без связи уже найдено обходом.
            while waiting.try_recv().is_ok() {}
        }
    }

    async fn open(&self) -> anyhow::Result<(Connection, Channel)> {
        let properties = ConnectionProperties::default().with_connection_name("megashop".into());
        let opened = tokio::time::timeout(HANDSHAKE, async {
            let connection = Connection::connect_uri(self.uri.clone(), properties).await?;
            let channel = connection.create_channel().await?;
            let mut arguments = FieldTable::default();
            arguments.insert("x-message-ttl".into(), AMQPValue::LongInt(CALL_TTL));
            channel.queue_declare(self.queue.as_str().into(), QueueDeclareOptions::durable(), arguments).await?;
            anyhow::Ok((connection, channel))
        });
        opened.await.context("no answer in time")?
    }

    /// Шлёт и принимает приглашения, пока держится связь.
    async fn work(
        &self,
        ctx: &Ctx,
        connection: &Connection,
        channel: &Channel,
        waiting: &mut mpsc::Receiver<()>,
    ) -> anyhow::Result<()> {
        let mut own = self.consume(channel).await?;
        // Пока связи не было, звать было некому: один придёт и доделает, что осталось.
        self.publish(connection, channel).await?;
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                _ = look.tick() => {
                    if !connection.status().connected() {
                        bail!("the connection is closed");
                    }
                    self.show(ctx, !connection.status().blocked());
                }
                Some(()) = waiting.recv(), if !connection.status().blocked() => self.publish(connection, channel).await?,
                delivery = next(&mut own) => invite(&own, delivery?),
                () = self.hired.notified(), if own.is_none() => own = self.consume(channel).await?,
            }
        }
    }

    /// Подписывает исполнителя этого процесса, если он есть.
    async fn consume(&self, channel: &Channel) -> anyhow::Result<Option<(Consumer, mpsc::Sender<Invitation>)>> {
        let Some((places, hands)) = self.hands.lock().unwrap_or_else(PoisonError::into_inner).clone() else {
            return Ok(None);
        };
        let prefetch = u16::try_from(places).unwrap_or(u16::MAX);
        let subscribed = tokio::time::timeout(HANDSHAKE, async {
            channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
            let queue = self.queue.as_str().into();
            channel.basic_consume(queue, "".into(), BasicConsumeOptions::default(), FieldTable::default()).await
        });
        Ok(Some((subscribed.await.context("no answer in time")??, hands)))
    }

    /// Без подтверждений: правда — строка задачи.
    ///
    /// Узел без памяти у публикующих не читает, и закрыть такую связь нельзя: её поток ждал бы, пока память найдётся, а новая застряла бы
    /// так же. Поэтому её держат и ждут; приглашение уйдёт, когда узел очнётся.
    async fn publish(&self, connection: &Connection, channel: &Channel) -> anyhow::Result<()> {
        let queue = self.queue.as_str().into();
        let properties = BasicProperties::default();
        let sent = channel.basic_publish("".into(), queue, BasicPublishOptions::default(), &[], properties);
        match tokio::time::timeout(HANDSHAKE, sent).await {
            Ok(sent) => sent?,
            Err(_) if connection.status().blocked() => return Ok(()),
            Err(_) => bail!("the connection does not take messages"),
        };
        metrics::counter!("megashop_job_calls_total", "result" => "sent").increment(1);
        Ok(())
    }

    fn show(&self, ctx: &Ctx, connected: bool) {
        metrics::gauge!("megashop_broker_connected").set(if connected { 1.0 } else { 0.0 });
        // Исполнитель спал, надеясь на приглашения.
        if self.connected.swap(connected, Ordering::Relaxed) && !connected {
            ctx.wake_worker();
        }
    }
}

/// Следующее приглашение; у кого исполнителя нет — никогда. Кончились — очередь удалили или канал закрыт.
async fn next(own: &mut Option<(Consumer, mpsc::Sender<Invitation>)>) -> anyhow::Result<Delivery> {
    match own {
        Some((consumer, _)) => Ok(consumer.next().await.context("the queue is gone")??),
        None => std::future::pending().await,
    }
}

/// Мест у исполнителя столько же, сколько неподтверждённых приглашений: отдать есть куда всегда. Не взял (останавливается) — не
/// подтверждаем, и оно вернётся другому.
fn invite(own: &Option<(Consumer, mpsc::Sender<Invitation>)>, delivery: Delivery) {
    let Some((_, hands)) = own else { return };
    let done = move || {
        tokio::spawn(async move { delivery.acker.ack(BasicAckOptions::default()).await.ok() });
    };
    hands.try_send(Invitation::new(done)).ok();
}

impl Broker for Rabbit {
    fn call(&self, jobs: usize) -> bool {
        let sent = self.is_connected() && (0..jobs.min(BACKLOG)).all(|_| self.calls.try_send(()).is_ok());
        if !sent {
            metrics::counter!("megashop_job_calls_total", "result" => "dropped").increment(jobs as u64);
        }
        sent
    }

    fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    fn invitations(&self, places: usize) -> mpsc::Receiver<Invitation> {
        let (hands, invitations) = mpsc::channel(places.max(1));
        *self.hands.lock().unwrap_or_else(PoisonError::into_inner) = Some((places.max(1), hands));
        self.hired.notify_one();
        invitations
    }
}
