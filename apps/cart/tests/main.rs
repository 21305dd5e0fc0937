//! Корзина через её адреса и службы, на трёх движках.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod adding;
mod guests;
mod jobs;
mod shop;
mod view;
