//! Счёт соединений: всего и с одного адреса.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;

use crate::Limits;

pub(crate) struct Slots {
    max_total: usize,
    max_per_ip: usize,
    trusted: Vec<IpNet>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    total: usize,
    by_ip: HashMap<IpAddr, usize>,
}

/// Место соединения; освобождается вместе с сокетом.
pub(crate) struct Slot {
    slots: Arc<Slots>,
    counted_ip: Option<IpAddr>,
}

/// Почему места нет; слово идёт в метрику.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    Total,
    PerIp,
}

impl Full {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::PerIp => "per_ip",
        }
    }
}

impl Slots {
    pub fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            max_total: limits.max_connections,
            max_per_ip: limits.max_connections_per_ip,
            trusted: limits.trusted_peers.clone(),
            taken: Mutex::default(),
        })
    }

    pub fn take(self: &Arc<Self>, ip: IpAddr) -> Result<Slot, Full> {
        let ip = ip.to_canonical();
        let counted_ip = (!self.trusted.iter().any(|network| network.contains(&ip))).then(|| network_of(ip));
        let mut taken = self.lock();
        if taken.total >= self.max_total {
            return Err(Full::Total);
        }
        if let Some(ip) = counted_ip {
            let count = taken.by_ip.entry(ip).or_default();
            if *count >= self.max_per_ip {
                return Err(Full::PerIp);
            }
            *count += 1;
        }
        taken.total += 1;
        // Прибавляем, а не называем свой счёт: серверов в процессе бывает два (метрики слушает свой).
        metrics::gauge!("net_connections").increment(1.0);
        Ok(Slot { slots: Arc::clone(self), counted_ip })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.lock();
        taken.total -= 1;
        metrics::gauge!("net_connections").decrement(1.0);
        let Some(ip) = self.counted_ip else { return };
        if let Some(count) = taken.by_ip.get_mut(&ip) {
            *count -= 1;
            if *count == 0 {
                taken.by_ip.remove(&ip);
            }
        }
    }
}

/// Адрес IPv6 клиент меняет внутри своей /64 как угодно, поэтому считается вся сеть.
fn network_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into(),
    }
}
