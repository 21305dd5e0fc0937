//! Процент скидки.

use kernel::Money;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Сотые доли процента (`1250` = 12,5 %): так их понимает [`Money::basis_points`]. В JSON — число процентов не более чем с двумя знаками,
/// на входе и строкой: записывается оно так же, как деньги, поэтому читают и пишут его они.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, sea_orm::DeriveValueType)]
pub struct Percent(i64);

impl Percent {
    pub const ZERO: Percent = Percent(0);
    pub const MAX: Percent = Percent(10_000);

    /// Из целых процентов.
    pub const fn whole(percent: i64) -> Percent {
        Percent(percent * 100)
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Доля суммы; половина копейки — вверх.
    pub fn of(self, sum: Money) -> Money {
        sum.basis_points(self.0)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Money::minor(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Percent(Money::deserialize(deserializer)?.to_minor()))
    }
}
