//! Эмулятор: «чужая» платёжная система внутри программы. Денег не берёт, ведёт себя как настоящая, портится по просьбе.
//!
//! `gateway` — её серверная сторона со своими таблицами; `client` — наш провайдер, который с ней говорит; `notify` — её уведомления.
//! Остальная программа к таблицам эмулятора не прикасается.

mod client;
mod faults;
mod gateway;
mod models;
mod notify;
mod page;

pub use client::{CODE, Emulator};
pub use faults::{CallFault, Fault};
pub use gateway::plan_fault;
pub use models::{GatewayStatus, emulator_fault, emulator_payment, emulator_refund};
pub use notify::SendNotifications;
pub use page::{PageView, pay, refuse, view};
