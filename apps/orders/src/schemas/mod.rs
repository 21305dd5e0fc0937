//! Что приходит и что уходит.

mod input;
mod output;
mod staff;

pub use input::*;
pub use output::*;
pub use staff::*;
