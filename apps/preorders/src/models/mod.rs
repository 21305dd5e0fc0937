//! Таблицы приложения.

pub mod seat;
mod status;
pub mod told;
pub mod waiting;
pub mod wave;

pub use seat::{Entity as Seat, SeatState};
pub use status::{MOVES, Status};
pub use told::Entity as Told;
pub use waiting::{Entity as Waiting, WaitingStatus};
pub use wave::Entity as Wave;
