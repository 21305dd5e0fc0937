//! Проверки на настоящих сокетах: сервер на свободном порту, клиент пишет байты сам.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accept;
mod bodies;
mod client;
mod connections;
mod detach;
mod headers;
mod shutdown;
mod slow_read;
mod support;
