//! Письма по SMTP: что видит почтовый сервер. Соединение одно на много писем, а испорченное письма не губит.

use std::sync::{Arc, Mutex, PoisonError};

use notifications::Channel;
use notifications::models::message::Status;
use serde_json::json;
use testkit::TestApp;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::people::{shop, states, tell};
use crate::{apps, message, send};

/// Почтовый сервер теста: письма по соединениям, на которых пришли.
struct Server {
    port: u16,
    /// Принятые письма, каждое с номером своего соединения.
    letters: Letters,
}

type Letters = Arc<Mutex<Vec<(usize, String)>>>;

/// Столько писем сервер берёт с одного соединения и вешает трубку.
const PATIENCE: usize = 3;

impl Server {
    async fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let port = listener.local_addr().expect("address").port();
        let letters = Letters::default();
        let received = letters.clone();
        tokio::spawn(async move {
            for number in 1.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let received = received.clone();
                tokio::spawn(async move { talk(stream, number, &received).await.ok() });
            }
        });
        Server { port, letters }
    }

    fn settings(&self) -> String {
        let port = self.port;
        format!("[mail]\ntransport = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\nencryption = \"none\"\n")
    }

    fn connections(&self) -> Vec<usize> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(number, _)| *number).collect()
    }

    /// Последнее письмо; заголовок длиннее строки перенесён: за переводом строки — пробел.
    fn last(&self) -> String {
        let letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.last().expect("a letter").1.replace("\n ", " ")
    }
}

async fn talk(stream: TcpStream, number: usize, received: &Letters) -> std::io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut taken = 0;
    writing.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        if line.starts_with("DATA") {
            writing.write_all(b"354 go on\r\n").await?;
            let mut letter = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                letter.push_str(&line);
                letter.push('\n');
            }
            received.lock().unwrap_or_else(PoisonError::into_inner).push((number, letter));
            taken += 1;
        }
        writing.write_all(b"250 ok\r\n").await?;
        if taken == PATIENCE {
            return Ok(());
        }
    }
    Ok(())
}

async fn queue(app: &TestApp, count: usize) {
    for _ in 0..count {
        send(app, message(Channel::Email, false)).await;
    }
}

#[tokio::test]
async fn a_connection_carries_many_letters_and_a_closed_one_loses_none() {
    let server = Server::start().await;
    let app = TestApp::with_settings(apps(), &server.settings()).await;
    queue(&app, 2 * PATIENCE + 1).await;
    while app.run_jobs().await > 0 {}
    assert_eq!(server.connections(), [1, 1, 1, 2, 2, 2, 3]);
    app.close().await;
}

#[tokio::test]
async fn new_settings_open_a_new_connection() {
    let (old, new) = (Server::start().await, Server::start().await);
    let app = TestApp::with_settings(apps(), &old.settings()).await;
    queue(&app, 1).await;
    app.run_jobs().await;
    let own = [("mail.port".to_owned(), json!(new.port))].into();
    app.ctx.settings().apply(&own).expect("new settings");
    queue(&app, 2).await;
    app.run_jobs().await;
    assert_eq!((old.connections(), new.connections()), (vec![1], vec![1, 1]));
    app.close().await;
}

/// У рекламы — отписка в одно нажатие (RFC 8058), у письма о заказе её нет.
#[tokio::test]
async fn advertising_carries_one_click_unsubscribe() {
    let server = Server::start().await;
    let site = "[server]\npublic_url = \"https://shop.example\"\n";
    let (app, anna, client) = shop(&format!("{site}{}", server.settings())).await;
    tell(&app, &anna, "shipped", false).await;
    app.run_jobs().await;
    assert!(!server.last().contains("List-Unsubscribe"));

    client.patch("/api/v1/users/me/notifications", json!({"email": {"advertising": true}})).await.expect(200);
    tell(&app, &anna, "sale", false).await;
    app.run_jobs().await;
    let letter = server.last();
    assert!(letter.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{letter}");
    let link = letter.split("List-Unsubscribe: <https://shop.example").nth(1).and_then(|rest| rest.split('>').next());
    app.anon().form(link.expect("link"), "List-Unsubscribe=One-Click").await.expect(200);
    tell(&app, &anna, "sale", false).await;
    app.run_jobs().await;
    assert_eq!(states(&app).await.pop(), Some((Channel::Email, Status::Skipped)));
    app.close().await;
}
