//! Вся программа целиком.
#![expect(clippy::expect_used, reason = "тесту положено падать с понятным словом")]

mod access_matrix;
mod manifest;
mod openapi;
mod setup_page;
mod snapshot;
