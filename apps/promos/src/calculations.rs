//! Арифметика скидки: чистые функции, копейки, без остатка.

use std::cmp::Reverse;

use kernel::Money;

use crate::models::Percent;

/// Скидка с покрытой суммы: процент важнее суммы, а больше покрытого не бывает.
pub fn discount_of(percent: Percent, amount: Money, covered: Money) -> Money {
    let wanted = if percent.is_zero() { amount } else { percent.of(covered) };
    wanted.min(covered)
}

/// Делит скидку между строками в меру их сумм: сумма долей равна скидке до копейки, доля не больше своей строки.
///
/// Целое число копеек делится вниз, а оставшиеся копейки получают строки с наибольшим остатком; при равных — большая строка, потом первая.
/// `total` не больше суммы строк.
pub fn spread(total: Money, lines: &[Money]) -> Vec<Money> {
    let sum: i128 = lines.iter().map(|line| i128::from(line.to_minor())).sum();
    if sum == 0 {
        return vec![Money::ZERO; lines.len()];
    }
    let exact = |line: Money| i128::from(total.to_minor()) * i128::from(line.to_minor());
    let mut shares: Vec<i64> = lines.iter().map(|line| (exact(*line) / sum) as i64).collect();
    let left = total.to_minor() - shares.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|index| Reverse((exact(lines[*index]) % sum, lines[*index])));
    for index in order.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        shares[index] += 1;
    }
    shares.into_iter().map(Money::minor).collect()
}
