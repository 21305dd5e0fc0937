//! Промокоды через адреса и службы, на трёх движках.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod calculations;
mod customers;
mod guessing;
mod shop;
mod staff;
mod uses;
mod validating;
