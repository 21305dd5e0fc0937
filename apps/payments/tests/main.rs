//! Платежи через публичные службы и адреса — на трёх движках.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod access;
mod api;
mod cash;
mod crashes;
mod create;
mod death;
mod faults;
mod money;
mod notifications;
mod parts;
mod races;
mod reconcile;
mod refunds;
mod stories;
mod support;
mod transitions;
mod two_stage;
mod yookassa;
