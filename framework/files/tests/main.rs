//! Хранилище, проверка загрузок, подписанные ссылки.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod images;
mod keys;
mod links;
mod media;
mod models;
mod mutations;
mod s3;
mod storage;
mod support;
mod usdz;
