//! Таблицы приложения и состояния заказа.

pub mod history;
pub mod order;
pub mod order_item;
pub mod refund_line;
pub mod stage;
mod status;

pub use history::{Entity as History, Kind};
pub use order::Entity as Order;
pub use order_item::Entity as OrderItem;
pub use refund_line::Entity as RefundedLine;
pub use stage::Entity as Stage;
pub use status::{MOVES, Move, PaymentStatus, Status};
