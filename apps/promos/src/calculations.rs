//! Арифметика скидки: чистые функции, копейки.

use kernel::Money;

use crate::models::Percent;

/// Скидка с покрытой суммы: процент важнее суммы, а больше покрытого не бывает.
pub fn discount_of(percent: Percent, amount: Money, covered: Money) -> Money {
    let wanted = if percent.is_zero() { amount } else { percent.of(covered) };
    wanted.min(covered)
}
