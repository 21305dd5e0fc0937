//! Админка на настоящих приложениях: вход, права, защита, правка, списки и дела владельца магазина.
#![expect(clippy::expect_used, reason = "тесту положено падать с понятным словом")]

mod bulk_edit;
mod campaigns;
mod editing;
mod gallery;
mod home;
mod letters;
mod lists;
mod rights;
mod safety;
mod session;
mod shop;
mod stories;
