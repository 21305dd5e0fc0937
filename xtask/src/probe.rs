//! Отвечает ли рядом сервер базы данных — и пускает ли без пароля.
//!
//! Мало открытого порта: чужой сервер с паролем превратил бы пропуск тестов в сотни непонятных ошибок.
//! Поэтому говорим с сервером его собственным приветствием и останавливаемся на ответе о входе.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(2);
const POSTGRES_ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 5432);
const POSTGRES_URL: &str = "postgres://postgres@127.0.0.1:5432/postgres";
const MYSQL_ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 3306);
const MYSQL_URL: &str = "mysql://root@127.0.0.1:3306/test";

/// Адрес PostgreSQL, куда пускают пользователя postgres без пароля, или причина, почему его нет.
pub fn postgres() -> Result<String, String> {
    let stream = connect(POSTGRES_ADDRESS).map_err(|_| {
        "nothing answers on 127.0.0.1:5432; start PostgreSQL or set MEGASHOP_TEST_POSTGRES_URL".to_owned()
    })?;
    greet_postgres(stream).map(|()| POSTGRES_URL.to_owned())
}

/// Адрес MariaDB/MySQL, куда пускают root без пароля, или причина, почему его нет.
pub fn mysql() -> Result<String, String> {
    let stream = connect(MYSQL_ADDRESS)
        .map_err(|_| "nothing answers on 127.0.0.1:3306; start MariaDB or set MEGASHOP_TEST_MYSQL_URL".to_owned())?;
    greet_mysql(stream).map(|()| MYSQL_URL.to_owned())
}

fn connect(address: ([u8; 4], u16)) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&SocketAddr::from(address), TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

/// StartupMessage протокола 3.0; ответ `R` с нулём — вход без пароля.
fn greet_postgres(mut stream: impl Read + Write) -> Result<(), String> {
    let mut message = 196_608_u32.to_be_bytes().to_vec();
    message.extend_from_slice(b"user\0postgres\0database\0postgres\0\0");
    let length = (message.len() + 4) as u32;
    let mut answer = [0_u8; 9];
    let talk =
        stream.write_all(&[&length.to_be_bytes()[..], &message].concat()).and_then(|()| stream.read_exact(&mut answer));
    match (talk, answer[0], &answer[5..]) {
        (Err(error), ..) => Err(format!("PostgreSQL on 5432 does not talk ({error}); set MEGASHOP_TEST_POSTGRES_URL")),
        (Ok(()), b'R', [0, 0, 0, 0]) => Ok(()),
        (Ok(()), b'R', _) => Err("PostgreSQL on 5432 asks for a password; set MEGASHOP_TEST_POSTGRES_URL".to_owned()),
        (Ok(()), ..) => Err("PostgreSQL on 5432 refuses the user postgres; set MEGASHOP_TEST_POSTGRES_URL".to_owned()),
    }
}

/// HandshakeResponse41 с пустым паролем; ответ 0x00 — вход удался.
fn greet_mysql(mut stream: impl Read + Write) -> Result<(), String> {
    /// PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH
    const CAPABILITIES: u32 = 0x0000_0200 | 0x0000_8000 | 0x0008_0000;
    const UTF8MB4: u8 = 45;
    let mut hello = CAPABILITIES.to_le_bytes().to_vec();
    hello.extend_from_slice(&0x0100_0000_u32.to_le_bytes());
    hello.push(UTF8MB4);
    hello.extend_from_slice(&[0; 23]);
    hello.extend_from_slice(b"root\0\0mysql_native_password\0");
    let talk = read_packet(&mut stream)
        .and_then(|_| write_packet(&mut stream, 1, &hello))
        .and_then(|()| read_packet(&mut stream))
        .and_then(|answer| match answer.first() {
            // Просят другой способ входа: пустой пароль и там — пустой пакет.
            Some(0xFE) => write_packet(&mut stream, 3, &[]).and_then(|()| read_packet(&mut stream)),
            _ => Ok(answer),
        });
    match talk {
        Ok(answer) if answer.first() == Some(&0) => Ok(()),
        Ok(_) => Err("MariaDB on 3306 does not let root in without a password; set MEGASHOP_TEST_MYSQL_URL".to_owned()),
        Err(error) => Err(format!("MariaDB on 3306 does not talk ({error}); set MEGASHOP_TEST_MYSQL_URL")),
    }
}

fn read_packet(stream: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut header = [0_u8; 4];
    stream.read_exact(&mut header)?;
    let length = u32::from_le_bytes([header[0], header[1], header[2], 0]);
    let mut body = vec![0_u8; length as usize];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn write_packet(stream: &mut impl Write, sequence: u8, body: &[u8]) -> std::io::Result<()> {
    let length = (body.len() as u32).to_le_bytes();
    stream.write_all(&[&[length[0], length[1], length[2], sequence], body].concat())
}
