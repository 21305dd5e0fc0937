//! Тесты витрины: страницы глазами браузера без скриптов.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod account;
mod browser;
mod cart;
mod catalog;
mod demo;
mod formats;
mod preorder;
mod purchase;
