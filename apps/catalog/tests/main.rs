//! Каталог через открытые двери: HTTP и службы, на трёх движках.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod access;
mod bulk;
mod contract;
mod facets;
mod freshness;
mod ledger;
mod listing;
mod queries;
mod reading;
mod shelves;
mod stock;
mod support;
mod uploads;
mod variants;
