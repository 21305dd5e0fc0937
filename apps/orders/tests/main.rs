//! Заказы через адреса, службы и задачи, на трёх движках.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod access;
mod balance_reminders;
mod cancelled_wave;
mod cancelling;
mod deposits;
mod discounts;
/// Поддельная ЮKassa — та же, что у приложения платежей.
#[allow(dead_code, reason = "здесь нужны не все её крючки")]
#[path = "../../payments/tests/yookassa/fake.rs"]
mod fake;
mod guests;
mod late;
mod money;
mod once;
mod paying;
mod placing;
mod preorders;
mod receipts;
mod refund_lines;
mod remembered;
mod reprice;
mod shop;
mod split_carts;
mod staff;
mod states;
mod stock;
