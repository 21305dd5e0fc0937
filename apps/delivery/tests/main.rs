//! Доставка через её адреса и службы, на трёх движках.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod quote;
mod rules;
mod shop;
mod staff;
