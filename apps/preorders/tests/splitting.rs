//! Делёж по волнам: чистая арифметика.

use kernel::Money;
use preorders::calculations::{Place, sellable, take};
use proptest::prelude::*;

fn places(free: &[i64]) -> Vec<Place> {
    let place = |(index, free): (usize, &i64)| Place {
        product_id: 1,
        wave_id: index as i64 + 10,
        wave_number: index as i32 + 1,
        free: *free,
        price: None,
        deposit_percent: None,
    };
    free.iter().enumerate().map(place).collect()
}

fn parts(places: &mut [Place], quantity: i64, may_split: bool) -> Option<Vec<(i32, i64)>> {
    let shares = take(places, quantity, Money::rub(1), may_split)?;
    Some(shares.iter().map(|share| (share.wave_number, share.quantity)).collect())
}

#[test]
fn a_quantity_goes_on_into_the_next_waves() {
    let mut rest = places(&[1, 0, 3, 5]);
    assert_eq!(parts(&mut rest, 5, true), Some(vec![(1, 1), (3, 3), (4, 1)]));
    assert_eq!(parts(&mut rest, 5, true), None);
    assert_eq!(parts(&mut rest, 4, true), Some(vec![(4, 4)]));
}

#[test]
fn without_splitting_it_must_fit_in_the_current_wave() {
    let mut rest = places(&[0, 2, 5]);
    assert_eq!(sellable(&rest, false), 2);
    assert_eq!(parts(&mut rest, 3, false), None);
    assert_eq!(parts(&mut rest, 2, false), Some(vec![(2, 2)]));
    assert_eq!(parts(&mut rest, 3, false), Some(vec![(3, 3)]));
}

#[test]
fn a_wave_keeps_its_own_price() {
    let mut rest = places(&[1, 1]);
    rest[0].price = Some(Money::rub(70));
    let shares = take(&mut rest, 2, Money::rub(100), true).expect("shares");
    let prices: Vec<Money> = shares.iter().map(|share| share.price).collect();
    assert_eq!(prices, [Money::rub(70), Money::rub(100)]);
    assert_eq!(shares.iter().map(|share| share.amount()).sum::<Money>(), Money::rub(170));
}

proptest! {
    /// Роздано ровно столько, сколько просили, или ничего; места не появляются и не пропадают; раньше — значит раньше.
    #[test]
    fn nothing_is_lost(free in proptest::collection::vec(0i64..30, 0..8), asks in proptest::collection::vec(1i64..40, 0..10), split: bool) {
        let mut rest = places(&free);
        let total: i64 = free.iter().sum();
        let mut sold = 0;
        for ask in asks {
            let before = rest.clone();
            match take(&mut rest, ask, Money::rub(1), split) {
                None => {
                    prop_assert!(sellable(&before, split) < ask);
                    prop_assert_eq!(&rest, &before);
                }
                Some(shares) => {
                    prop_assert_eq!(shares.iter().map(|share| share.quantity).sum::<i64>(), ask);
                    prop_assert!(split || shares.len() == 1);
                    sold += ask;
                    // Все волны раньше последней взятой — полны.
                    let last = shares.last().expect("share").wave_number;
                    prop_assert!(rest.iter().all(|place| place.wave_number >= last || place.free == 0));
                }
            }
        }
        prop_assert_eq!(sold + rest.iter().map(|place| place.free).sum::<i64>(), total);
        prop_assert!(rest.iter().all(|place| place.free >= 0));
    }
}
