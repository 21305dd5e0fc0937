//! Сети, из которых приходят уведомления.

use std::net::IpAddr;

/// `185.71.76.0/27`, `77.75.156.11`, `2a02:5180::/32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Network> {
        let (address, prefix) = text.trim().split_once('/').map_or((text.trim(), None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().ok()?;
        let bits = bits_of(address);
        let prefix = prefix.map_or(Some(bits), |prefix| prefix.parse().ok())?;
        (prefix <= bits).then_some(Network { address, prefix })
    }

    /// Адрес IPv4, записанный как `::ffff:a.b.c.d`, — это тот же IPv4.
    pub(super) fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        bits_of(ip) == bits_of(self.address) && self.head(ip) == self.head(self.address)
    }

    /// Старшие `prefix` бит.
    fn head(&self, ip: IpAddr) -> u128 {
        let value = match ip {
            IpAddr::V4(v4) => u128::from(u32::from(v4)),
            IpAddr::V6(v6) => u128::from(v6),
        };
        value.checked_shr(bits_of(ip) - self.prefix).unwrap_or(0)
    }
}

fn bits_of(ip: IpAddr) -> u32 {
    if ip.is_ipv4() { 32 } else { 128 }
}
