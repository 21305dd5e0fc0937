#![doc = include_str!("../README.md")]

pub mod admin;
mod api;
mod checks;
pub mod emulator;
mod errors;
pub mod events;
pub mod factories;
mod jobs;
mod migrations;
pub mod models;
pub mod permissions;
pub mod providers;
pub mod queries;
pub mod receipts;
pub mod schemas;
pub mod services;
pub mod settings;

pub use providers::check;

use kernel::App;

/// Платежи: намерения, провайдеры, возвраты, сверка.
pub fn app() -> App {
    App::new("payments", "Платежи")
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<settings::PaymentSettings>("payments")
        .permissions(permissions::ALL)
        .declare(admin::payments())
        .declare(settings::editable())
        .group("manager", "Менеджеры", permissions::ALL)
        .table::<models::Payment>()
        .table::<models::PaymentEvent>()
        .table::<models::PaymentPart>()
        .table::<models::Refund>()
        .table::<models::Notification>()
        .table::<models::SettlementReceipt>()
        .table::<emulator::emulator_payment::Entity>()
        .table::<emulator::emulator_refund::Entity>()
        .table::<emulator::emulator_fault::Entity>()
        .routes(api::routes)
        .job::<jobs::RegisterPayment>()
        .job::<jobs::CheckPayment>()
        .job::<jobs::ProcessNotification>()
        .job::<jobs::PerformRefund>()
        .job::<jobs::CheckRefundReceipt>()
        .job::<jobs::SendReceipt>()
        .job::<emulator::SendNotifications>()
        .every::<jobs::Reconcile>("* * * * *")
        .every::<jobs::PurgeNotifications>("29 3 * * *")
        .money_check("payments: captured and refunded", |ctx| Box::pin(checks::sums(ctx)))
}
