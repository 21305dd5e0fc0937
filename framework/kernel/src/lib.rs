#![doc = include_str!("../README.md")]

pub mod access;
pub mod app;
pub mod cache;
pub mod clock;
pub mod cluster;
pub mod csv;
mod ctx;
pub mod data;
pub mod error;
pub mod events;
pub mod http;
pub mod jobs;
pub mod money;
pub mod overrides;
pub mod seal;
pub mod settings;
pub mod texts;

pub use access::{Access, Actor, Permission, UserActor};
pub use app::{App, Platform};
pub use clock::Timestamp;
pub use ctx::Ctx;
pub use data::{Migration, Work};
pub use error::{Error, Kind, OnUnique, OrNotFound, Result};
pub use events::{Event, Listener, Subject};
pub use jobs::{Job, JobError, NewJob};
pub use megashop_net::{Call, CallAnswer, CallError};
pub use money::{Money, RUB};
pub use texts::Lang;
