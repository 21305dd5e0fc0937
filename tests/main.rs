//! Вся программа целиком.
#![expect(clippy::expect_used, reason = "тесту положено падать с понятным словом")]

mod access_matrix;
mod backup;
mod deploy;
mod dwc;
mod error_page;
mod manifest;
mod monitoring;
mod openapi;
mod presets;
mod setup_page;
mod snapshot;
