#![doc = include_str!("../README.md")]

mod admin;
mod api;
pub mod calculations;
mod checks;
mod errors;
pub mod events;
pub mod factories;
mod jobs;
mod letters;
mod listeners;
mod migrations;
pub mod models;
pub mod permissions;
pub mod queries;
pub mod schemas;
pub mod services;
pub mod settings;

use kernel::App;

/// Заказы: расчёт, оформление, состояния, оплата, отмена, этапы.
pub fn app() -> App {
    App::new("orders", "Заказы")
        .needs(&["accounts", "catalog", "notifications", "payments"])
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<settings::OrderSettings>("orders")
        .permissions(permissions::ALL)
        .group("manager", "Менеджеры", permissions::ALL)
        .table::<models::Order>()
        .table::<models::OrderItem>()
        .table::<models::RefundedLine>()
        .table::<models::History>()
        .table::<models::Stage>()
        .declare(notifications::Letters(letters::ALL))
        .routes(api::routes)
        .declare(admin::orders())
        .declare(admin::orders_of_person())
        .declare(admin::placed_today())
        .declare(admin::revenue_today())
        .declare(settings::editable())
        .listener::<listeners::MarkPaid>()
        .listener::<listeners::CaptureAuthorized>()
        .listener::<listeners::DropUnpaid>()
        .listener::<listeners::NotePaymentFailure>()
        .listener::<listeners::RecordRefund>()
        .listener::<listeners::ForgetRefund>()
        .listener::<listeners::FlagPayment>()
        .listener::<listeners::EraseContacts>()
        .listener::<listeners::TellWave>()
        .job::<jobs::ResolveLatePayment>()
        .job::<jobs::TellWave>()
        .every::<jobs::ExpireOrders>("* * * * *")
        .every::<jobs::RemindBalances>("10 * * * *")
        .every::<jobs::EraseFinished>("47 3 * * *")
        .money_check("orders: totals", |ctx| Box::pin(checks::totals(ctx)))
        .money_check("orders: paid by payments", |ctx| Box::pin(checks::paid(ctx)))
        .money_check("orders: balances", |ctx| Box::pin(checks::balances(ctx)))
        .money_check("orders: refunded pieces", |ctx| Box::pin(checks::pieces(ctx)))
        .money_check("orders: stock held", |ctx| Box::pin(checks::held(ctx)))
        .money_check("orders: promo uses", |ctx| Box::pin(checks::promo_uses(ctx)))
        .money_check("orders: preorder seats", |ctx| Box::pin(checks::seats(ctx)))
}
