//! Тесты витрины: страницы глазами браузера без скриптов.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod account;
mod browser;
mod cart;
mod catalog;
mod demo;
/// Поддельная ЮKassa — та же, что у приложения платежей.
#[allow(dead_code, reason = "здесь нужны не все её крючки")]
#[path = "../../payments/tests/yookassa/fake.rs"]
mod fake;
mod formats;
mod preorder;
mod purchase;
