#![doc = include_str!("../README.md")]

mod body;
mod client;
mod connection;
mod detach;
mod limits;
mod pace;
mod problem;
mod server;
mod slots;
mod stream;

pub use client::{Call, CallAnswer, CallError, HttpClient};
pub use detach::detach;
pub use limits::Limits;
pub use server::serve;
