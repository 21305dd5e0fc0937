//! Дела приложения. Службы с `work` работают в транзакции вызывающего; службы с `ctx` говорят с провайдером и потому
//! зовутся только вне транзакции.

mod apply;
mod cancel;
mod capture;
mod cash;
mod create;
mod notifications;
mod parts;
mod recheck;
mod reconcile;
mod refund;
mod refund_by_staff;
mod refund_receipt;
mod settle;
mod states;
mod sync;

pub use cancel::{cancel, cancel_for, dismiss, withdraw_for};
pub use capture::capture;
pub use cash::mark_cash_received;
pub use create::{NewPayment, create, create_first};
pub(crate) use notifications::process_notification;
pub use notifications::{Received, purge_notifications, receive_notification};
pub use recheck::{Recheck, recheck};
pub use reconcile::schedule_checks;
pub(crate) use refund::perform_refund;
pub use refund::{NewRefund, refund};
pub use refund_by_staff::{refund_by_staff, refuse_over_limit};
pub(crate) use refund_receipt::check_refund_receipt;
pub(crate) use settle::send_receipt;
pub use settle::{forget_customers, settle_prepayment};
pub(crate) use sync::is_outage;
pub use sync::{open, pay_page, refresh, sync};
