//! Правила без базы.

use std::collections::BTreeSet;

use campaigns::calculations::{Views, best, is_complete};
use proptest::prelude::*;

fn views(asset_id: i64, today: i64, first: i64, ever: i64) -> Views {
    Views { asset_id, today, first, ever }
}

#[test]
fn nothing_is_complete_without_assets() {
    let set = |ids: &[i64]| ids.iter().copied().collect::<BTreeSet<i64>>();
    assert!(!is_complete(&set(&[]), &set(&[])));
    assert!(!is_complete(&set(&[]), &set(&[1])));
    assert!(!is_complete(&set(&[1, 2]), &set(&[1])));
    assert!(is_complete(&set(&[1, 2]), &set(&[1, 2, 3])));
}

#[test]
fn the_best_asset_is_weighed() {
    assert_eq!(best(&[]), None);
    assert_eq!(best(&[views(1, 0, 0, 0)]), None);
    // Сегодня не смотрели: самый просматриваемый за всё время.
    assert_eq!(best(&[views(1, 0, 9, 5), views(2, 0, 1, 6)]), Some(2));
    // 0,6·1 + 0,25·0,1 + 0,15·0,1 = 0,64 против 0,6·0,6 + 0,25 + 0,15 = 0,76.
    assert_eq!(best(&[views(1, 10, 1, 10), views(2, 6, 10, 100)]), Some(2));
    // 0,6 + 0,04 против 0,6·0,3 + 0,4 = 0,58.
    assert_eq!(best(&[views(1, 10, 1, 10), views(2, 3, 10, 100)]), Some(1));
    // Поровну: больше сегодня, потом больше всего, потом меньше номер.
    assert_eq!(best(&[views(2, 4, 2, 8), views(1, 4, 2, 8)]), Some(1));
}

proptest! {
    /// То же, что взвешенная сумма в дробях, когда лучший один с запасом.
    #[test]
    fn agrees_with_the_formula(rows in proptest::collection::vec((0i64..50, 0i64..50, 0i64..50), 1..6)) {
        let views: Vec<Views> = rows.iter().enumerate()
            .map(|(n, (today, first, more))| Views { asset_id: n as i64 + 1, today: *today, first: *first, ever: today + first + more })
            .collect();
        let most = |of: fn(&Views) -> i64| views.iter().map(of).max().unwrap_or_default() as f64;
        let share = |part: i64, most: f64| if most > 0.0 { part as f64 / most } else { 0.0 };
        let (today, first, ever) = (most(|v| v.today), most(|v| v.first), most(|v| v.ever));
        let weight = |v: &Views| match today > 0.0 {
            true => 0.6 * share(v.today, today) + 0.25 * share(v.first, first) + 0.15 * share(v.ever, ever),
            false => v.ever as f64,
        };
        match best(&views) {
            None => prop_assert!(ever == 0.0),
            Some(id) => {
                let chosen = weight(&views[usize::try_from(id - 1).unwrap()]);
                prop_assert!(views.iter().all(|v| weight(v) <= chosen + 1e-9));
            }
        }
    }
}
