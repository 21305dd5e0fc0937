//! Пределы, которыми сервер защищается от медленных и жадных клиентов.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use ipnet::IpNet;

/// Пределы приёма соединений и запросов. Значения по умолчанию годятся для боевого сервера.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Соединений всего; лишнее получает 503. Предел открытых файлов процесса (`ulimit -n`) должен быть больше.
    pub max_connections: usize,
    /// Соединений с одного адреса IPv4 или одной сети IPv6 /64; лишнее получает 503.
    pub max_connections_per_ip: usize,
    /// Адреса и сети, для которых предел «с одного адреса» не действует: за ними обратный прокси с множеством людей.
    pub trusted_peers: Vec<IpNet>,
    /// Заголовков в запросе; больше — 431.
    pub max_headers: usize,
    /// Строка запроса и заголовки вместе, байт; больше — 431.
    pub max_header_bytes: usize,
    /// Верхняя граница тела для всех маршрутов, байт; больше — 413. Меньшую границу ставит маршрут (`DefaultBodyLimit`).
    pub max_body_bytes: u64,
    /// За это время от первого байта (для нового соединения — от подключения) заголовки приходят целиком.
    pub header_timeout: Duration,
    /// Сколько соединение живёт между запросами. Больше, чем у прокси впереди, иначе тот попадёт в закрытое.
    pub idle_timeout: Duration,
    /// Сколько клиент может не слать тело и не забирать ответ; запас восполняется переданными байтами.
    pub stall_timeout: Duration,
    /// Скорость, байт/с, ниже которой запас `stall_timeout` тает.
    pub min_bytes_per_second: u32,
    /// Сколько ждать начатых запросов и действий при остановке.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 20_000,
            max_connections_per_ip: 256,
            trusted_peers: [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()].map(IpNet::from).into(),
            max_headers: 100,
            max_header_bytes: 32 * 1024,
            max_body_bytes: 64 * 1024 * 1024,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            stall_timeout: Duration::from_secs(10),
            min_bytes_per_second: 4 * 1024,
            drain_timeout: Duration::from_secs(30),
        }
    }
}
