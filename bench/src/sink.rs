//! Почтовый сервер замера: хранит письма каждому адресату. Папка здесь не годится: второе такое же письмо легло бы поверх первого.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

pub struct Sink {
    pub port: u16,
    received: Received,
}

type Received = Arc<Mutex<Mailbox>>;

#[derive(Default)]
struct Mailbox {
    /// Адрес → письма, как пришли.
    letters: BTreeMap<String, Vec<String>>,
    total: usize,
    connections: usize,
    last: Option<Instant>,
}

impl Sink {
    pub async fn start() -> Result<Sink> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let received = Received::default();
        let shared = received.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                locked(&shared).connections += 1;
                let received = shared.clone();
                tokio::spawn(async move { talk(stream, received).await });
            }
        });
        Ok(Sink { port, received })
    }

    /// Настройки магазина, с которыми письма приходят сюда.
    pub fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("MEGASHOP_MAIL__TRANSPORT", "smtp".to_owned()),
            ("MEGASHOP_MAIL__HOST", "127.0.0.1".to_owned()),
            ("MEGASHOP_MAIL__PORT", self.port.to_string()),
            ("MEGASHOP_MAIL__ENCRYPTION", "none".to_owned()),
        ]
    }

    /// Сколько пришло всего.
    pub fn total(&self) -> usize {
        locked(&self.received).total
    }

    /// Сколько раз к серверу подключались.
    pub fn connections(&self) -> usize {
        locked(&self.received).connections
    }

    /// Когда пришло последнее.
    pub fn last(&self) -> Option<Instant> {
        locked(&self.received).last
    }

    /// Письма каждому адресату.
    pub fn letters(&self) -> BTreeMap<String, Vec<String>> {
        locked(&self.received).letters.clone()
    }
}

fn locked(received: &Received) -> MutexGuard<'_, Mailbox> {
    received.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Слова письма без заголовков: части в base64 прочитаны, прочие — как есть.
pub fn words(letter: &str) -> String {
    let readable = |part: &str| {
        let packed: String = part.split_whitespace().collect();
        let text = STANDARD.decode(packed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        text.unwrap_or_else(|| part.replace("=\n", ""))
    };
    letter.split("\n\n").skip(1).flat_map(|block| block.split("\n--")).map(readable).collect::<Vec<_>>().join("\n")
}

/// Ровно столько SMTP, сколько нужно одному отправителю.
async fn talk(stream: TcpStream, received: Received) -> Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut to = Vec::new();
    writing.write_all(b"220 sink\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let word = line.to_ascii_uppercase();
        let answer: &[u8] = if word.starts_with("RCPT TO:") {
            let address = line.split(['<', '>']).nth(1).unwrap_or_default();
            to.push(address.to_owned());
            b"250 ok\r\n"
        } else if word.starts_with("DATA") {
            writing.write_all(b"354 go on\r\n").await?;
            let mut letter = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                letter.push_str(&line);
                letter.push('\n');
            }
            accept(&received, &mut to, &letter);
            b"250 taken\r\n"
        } else if word.starts_with("QUIT") {
            writing.write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else {
            b"250 ok\r\n"
        };
        writing.write_all(answer).await?;
    }
    Ok(())
}

fn accept(received: &Received, to: &mut Vec<String>, letter: &str) {
    let mut received = locked(received);
    received.last = Some(Instant::now());
    for address in to.drain(..) {
        received.total += 1;
        received.letters.entry(address).or_default().push(letter.to_owned());
    }
}
