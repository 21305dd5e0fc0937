//! Арифметика кампаний: чистые функции.

use std::collections::BTreeSet;

/// Очков за первый просмотр актива в сеансе.
pub const POINTS: i64 = 10;

/// Собран ли набор: виден каждый из нынешних активов, а они есть.
pub fn is_complete(assets: &BTreeSet<i64>, viewed: &BTreeSet<i64>) -> bool {
    !assets.is_empty() && assets.is_subset(viewed)
}

/// Сколько раз смотрели актив.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Views {
    pub asset_id: i64,
    pub today: i64,
    /// В скольких сеансах.
    pub first: i64,
    pub ever: i64,
}

/// Лучший актив (`contracts`, §4.7 прежней системы): сегодня не смотрели — самый просматриваемый за всё время, иначе взвешенная сумма
/// долей 0,6 «сегодня», 0,25 «впервые в сеансе», 0,15 «за всё время»; поровну — больше сегодня, больше всего, меньше номер.
pub fn best(views: &[Views]) -> Option<i64> {
    let most = |of: fn(&Views) -> i64| views.iter().map(of).max().unwrap_or_default();
    let (today, first, ever) = (most(|v| v.today), most(|v| v.first), most(|v| v.ever));
    if ever == 0 {
        return None;
    }
    // Доли приводятся к общему знаменателю: так «поровну» — это поровну, без дробей.
    let [today, first, ever] = [today, first, ever].map(|most| i128::from(most.max(1)));
    let weight = |v: &Views| {
        60 * i128::from(v.today) * first * ever
            + 25 * i128::from(v.first) * today * ever
            + 15 * i128::from(v.ever) * today * first
    };
    let is_quiet = views.iter().all(|v| v.today == 0);
    let rank = |v: &&Views| {
        let weight = if is_quiet { i128::from(v.ever) } else { weight(v) };
        (weight, v.today, v.ever, std::cmp::Reverse(v.asset_id))
    };
    views.iter().max_by_key(rank).map(|v| v.asset_id)
}
