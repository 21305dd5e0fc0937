//! Кампании через адреса, на трёх движках.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod calculations;
mod calls;
mod codes;
mod conformance;
mod crowd;
mod fairness;
mod letters;
mod page;
mod shop;
mod staff;
mod statistics;
mod strict;
mod turns;
