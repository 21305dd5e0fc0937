//! Один исполняемый файл тестов приложения.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod access;
mod addresses;
mod code_login;
mod codes;
mod handles;
mod helpers;
mod hostile;
mod neighbours;
mod password_change;
mod passwords;
mod phones;
mod profile;
mod registration;
mod roles;
mod second_factor;
mod sessions;
mod setup;
mod staff;
mod throttling;
mod tokens;
