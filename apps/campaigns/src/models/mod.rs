//! Таблицы приложения.

pub mod asset;
pub mod campaign;
pub mod code;
pub mod person;
pub mod pool;
pub mod progress;
pub mod session;
pub mod view_event;

pub use asset::Entity as Asset;
pub use campaign::Entity as Campaign;
pub use code::Entity as Code;
pub use person::Entity as Person;
pub use pool::Entity as Pool;
pub use progress::Entity as Progress;
pub use session::Entity as Session;
pub use view_event::Entity as ViewEvent;
