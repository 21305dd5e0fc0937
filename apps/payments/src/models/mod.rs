//! Таблицы приложения: по файлу на таблицу. Память эмулятора — отдельно, в `emulator/`.

pub mod notification;
pub mod payment;
pub mod payment_event;
pub mod payment_part;
pub mod refund;
pub mod settlement_receipt;

pub use notification::Entity as Notification;
pub use payment::{Entity as Payment, Status};
pub use payment_event::{Entity as PaymentEvent, Kind};
pub use payment_part::Entity as PaymentPart;
pub use refund::{Entity as Refund, RefundStatus};
pub use settlement_receipt::{Entity as SettlementReceipt, ReceiptStatus};
