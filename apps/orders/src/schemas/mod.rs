//! Что приходит и что уходит (contracts.md §2.4).

mod input;
mod output;
mod staff;

pub use input::*;
pub use output::*;
pub use staff::*;
