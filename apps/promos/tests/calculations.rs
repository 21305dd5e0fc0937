//! Скидка и её доли.

use kernel::Money;
use promos::calculations::discount_of;
use promos::models::Percent;
use proptest::prelude::*;
use serde_json::json;

fn kopecks(shares: &[Money]) -> Vec<i64> {
    shares.iter().map(|share| share.to_minor()).collect()
}

fn money(kopecks: &[i64]) -> Vec<Money> {
    kopecks.iter().copied().map(Money::minor).collect()
}

#[test]
fn percent_wins_and_nothing_exceeds_the_covered() {
    let covered = Money::rub(1000);
    for (percent, amount, discount) in [
        (Percent::whole(10), Money::ZERO, Money::rub(100)),
        (Percent::whole(10), Money::rub(700), Money::rub(100)),
        (Percent::ZERO, Money::rub(700), Money::rub(700)),
        (Percent::ZERO, Money::rub(1700), Money::rub(1000)),
        (Percent::MAX, Money::ZERO, Money::rub(1000)),
    ] {
        assert_eq!(discount_of(percent, amount, covered), discount, "{percent:?} {amount}");
    }
    let half: Percent = serde_json::from_value(json!(12.5)).expect("percent");
    assert_eq!(discount_of(half, Money::ZERO, Money::minor(101)), Money::minor(13), "12.625 kopecks");
    assert_eq!(serde_json::to_value([half, Percent::whole(7)]).expect("json"), json!([12.5, 7]));
}

#[test]
fn odd_kopecks_go_to_the_largest_remainders() {
    assert_eq!(kopecks(&Money::minor(100).spread(&money(&[100, 100, 100]))), [34, 33, 33]);
    // Точные доли — 0,99; 1,98; 2,97 и 94,06: вниз — 0, 1, 2, 94, и три копейки первым трём.
    assert_eq!(kopecks(&Money::minor(100).spread(&money(&[1, 2, 3, 95]))), [1, 2, 3, 94]);
    assert_eq!(kopecks(&Money::minor(5).spread(&money(&[0, 10, 0]))), [0, 5, 0]);
    assert_eq!(kopecks(&Money::ZERO.spread(&money(&[0, 0]))), [0, 0]);
    assert_eq!(kopecks(&Money::ZERO.spread(&[])), Vec::<i64>::new());
}

proptest! {
    #[test]
    fn shares_sum_up_and_fit_their_lines(
        lines in proptest::collection::vec(0i64..=1_000_000_000_000, 1..60),
        part in 0u32..=10_000,
    ) {
        let sum: i64 = lines.iter().sum();
        let total = (i128::from(sum) * i128::from(part) / 10_000) as i64;
        let shares = kopecks(&Money::minor(total).spread(&money(&lines)));
        prop_assert_eq!(shares.len(), lines.len());
        prop_assert_eq!(shares.iter().sum::<i64>(), total);
        for (share, line) in shares.iter().zip(&lines) {
            prop_assert!(0 <= *share && share <= line, "{} of {}", share, line);
        }
    }

    /// Доля зависит от строки, а не от её места.
    #[test]
    fn the_order_of_lines_does_not_matter(
        mut lines in proptest::collection::vec(0i64..=1_000_000, 1..30),
        part in 0u32..=100,
    ) {
        let total = Money::minor(lines.iter().sum::<i64>() * i64::from(part) / 100);
        let pairs = |lines: &[i64]| {
            let mut pairs: Vec<_> = lines.iter().copied().zip(kopecks(&total.spread(&money(lines)))).collect();
            pairs.sort_unstable();
            pairs
        };
        let forward = pairs(&lines);
        lines.reverse();
        prop_assert_eq!(forward, pairs(&lines));
    }
}
