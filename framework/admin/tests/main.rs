//! Админка на настоящих приложениях: вход, права, защита, правка, списки и дела владельца магазина.
#![expect(clippy::expect_used, reason = "тесту положено падать с понятным словом")]

mod bulk_edit;
mod campaigns;
mod editing;
mod gallery;
mod home;
mod importing;
mod letters;
mod lists;
mod own_settings;
mod rights;
mod roles;
mod safety;
mod second_step;
mod session;
mod shop;
mod stories;
