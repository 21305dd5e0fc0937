//! Волны через адреса, службы и задачи, на трёх движках.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod access;
mod money;
mod plan;
mod seats;
mod shop;
mod splitting;
mod waiting;
mod waves;
