//! Перенос строк между движками и файл копии: на настоящих базах.
#![expect(clippy::expect_used, reason = "тесту положено падать с понятным словом")]

mod archive;
mod copying;
mod shop;
mod values;
