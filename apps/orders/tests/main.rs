//! Заказы через адреса, службы и задачи, на трёх движках.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod access;
mod cancelling;
mod guests;
mod late;
mod money;
mod once;
mod paying;
mod placing;
mod preorders;
mod remembered;
mod shop;
mod staff;
mod states;
mod stock;
