//! Почтовый сервер замера: считает письма каждому адресату. Папка здесь не годится: второе такое же письмо легло бы поверх первого.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Сколько писем пришло на адрес.
pub type Letters = Arc<Mutex<BTreeMap<String, usize>>>;

pub struct Sink {
    pub port: u16,
    letters: Letters,
}

impl Sink {
    pub async fn start() -> Result<Sink> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let letters = Letters::default();
        let received = letters.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let letters = received.clone();
                tokio::spawn(async move { talk(stream, letters).await });
            }
        });
        Ok(Sink { port, letters })
    }

    pub fn letters(&self) -> BTreeMap<String, usize> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Ровно столько SMTP, сколько нужно одному отправителю.
async fn talk(stream: TcpStream, letters: Letters) -> Result<()> {
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
            while lines.next_line().await?.is_some_and(|line| line != ".") {}
            let mut letters = letters.lock().unwrap_or_else(PoisonError::into_inner);
            to.drain(..).for_each(|address| *letters.entry(address).or_default() += 1);
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
