//! Админка: платежи — только смотреть; деньги двигают дела.

use admin::{Action, Cell, Choice, Field, Filter, Input, Model, Panel, Screen, Table, Tone};
use kernel::{Ctx, Money, OrNotFound, Result, Work};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;

use crate::models::{Payment, Status, payment};
use crate::permissions::{CHANGE_PAYMENT, CONFIRM_CASH, REFUND_PAYMENT, VIEW_PAYMENT};
use crate::providers::cash;
use crate::schemas::RefundIn;
use crate::{errors, queries, services};

pub const STATUSES: &[Choice] = &[
    Choice::new("pending", ("ждёт покупателя", "pending"), Tone::Wait),
    Choice::new("waiting_for_capture", ("удержан", "held"), Tone::Wait),
    Choice::new("succeeded", ("оплачен", "paid"), Tone::Good),
    Choice::new("cancelled", ("отменён", "cancelled"), Tone::Quiet),
    Choice::new("failed", ("не принят", "failed"), Tone::Bad),
    Choice::new("attention", ("ждёт человека", "needs attention"), Tone::Bad),
];

const EVENTS: &[Choice] = &[
    Choice::plain("created", ("заведён", "created")),
    Choice::plain("registered", ("провайдер узнал", "registered")),
    Choice::new("authorized", ("деньги удержаны", "authorized"), Tone::Wait),
    Choice::plain("capture_requested", ("списание запрошено", "capture requested")),
    Choice::new("captured", ("деньги получены", "captured"), Tone::Good),
    Choice::new("cancelled", ("отменён", "cancelled"), Tone::Quiet),
    Choice::new("failed", ("не принят", "failed"), Tone::Bad),
    Choice::new("attention", ("ждёт человека", "needs attention"), Tone::Bad),
    Choice::new("refund_requested", ("возврат обещан", "refund requested"), Tone::Wait),
    Choice::plain("refunded", ("возвращено", "refunded")),
    Choice::new("refund_failed", ("возврат не вышел", "refund failed"), Tone::Bad),
];

pub fn payments() -> Screen {
    use payment::Column;
    Model::<Payment>::new("payments", "payment", ("Платежи", "Payments"), ("Платёж", "Payment"), VIEW_PAYMENT)
        .label(|payment| format!("Платёж № {} · {}", payment.id, subject(payment)))
        .column(("Платёж", "Payment"), |payment| format!("№ {}", payment.id).into())
        .column(("За что", "For"), |payment| subject(payment).into())
        .column(("Состояние", "Status"), |payment| Cell::coded(STATUSES, &payment.status))
        .column(("Сумма", "Amount"), |payment| payment.amount.into())
        .column(("Возвращено", "Refunded"), |payment| filled(payment.refunded))
        .column(("Чем", "Provider"), |payment| payment.provider.clone().into())
        .column(("Создан", "Created"), |payment| payment.created_at.into())
        .filter(Filter::choice("status", ("Состояние", "Status"), Column::Status, STATUSES))
        .search(
            ("номер заказа у платежа или у провайдера", "number at the provider"),
            |text| {
                Condition::any()
                    .add(Column::ProviderPaymentId.eq(text))
                    .add(Column::Id.eq(text.parse::<i64>().unwrap_or_default()))
            },
        )
        .group(("Платёж", "Payment"))
        .line(("За что", "For"), |payment| subject(payment).into())
        .line(("Состояние", "Status"), |payment| Cell::coded(STATUSES, &payment.status))
        .line(("Причина", "Reason"), |payment| payment.reason.clone().into())
        .line(("Чем", "Provider"), |payment| payment.provider.clone().into())
        .line(("Номер у провайдера", "Number at the provider"), |payment| {
            payment.provider_payment_id.clone().into()
        })
        .line(("Создан", "Created"), |payment| payment.created_at.into())
        .line(("Оплачен", "Paid"), |payment| payment.paid_at.into())
        .group(("Деньги", "Money"))
        .help(("Возвращённое вместе с обещанным к возврату.", "Refunded together with promised refunds."))
        .line(("Сумма", "Amount"), |payment| payment.amount.into())
        .line(("Получено", "Captured"), |payment| filled(payment.captured))
        .line(("Возвращено", "Refunded"), |payment| filled(payment.refunded))
        .panel(Panel::new(("История", "Timeline"), VIEW_PAYMENT, |ctx, id| Box::pin(history(ctx, id))))
        .action(
            Action::<Payment>::new(
                "refund",
                ("Вернуть деньги", "Refund"),
                REFUND_PAYMENT,
                |work, id, input| Box::pin(refund(work, id, input)),
            )
            .fields(refund_fields())
            .when(|payment| payment.status == Status::Succeeded && !payment.refundable().is_zero())
            .danger(),
        )
        .action(
            Action::<Payment>::new(
                "cash",
                ("Деньги приняты", "Cash received"),
                CONFIRM_CASH,
                |work, id, _| {
                    Box::pin(async move {
                        services::mark_cash_received(work, id).await?;
                        Ok(())
                    })
                },
            )
            .when(|payment| payment.status == Status::Pending && payment.provider == cash::CODE),
        )
        .action(
            Action::<Payment>::new(
                "capture",
                ("Списать удержанное", "Capture"),
                CHANGE_PAYMENT,
                |work, id, _| Box::pin(services::capture(work, id)),
            )
            .when(|payment| payment.status == Status::WaitingForCapture),
        )
        .action(
            Action::<Payment>::outside(
                "check",
                ("Перечитать у провайдера", "Re-read"),
                CHANGE_PAYMENT,
                |ctx, _, id, _| {
                    Box::pin(async move {
                        services::sync(ctx, id).await?;
                        Ok(())
                    })
                },
            )
            .bulk(),
        )
        .action(
            Action::<Payment>::new("close", ("Закрыть", "Close"), CHANGE_PAYMENT, |work, id, _| {
                Box::pin(close(work, id))
            })
            .note(("Открытый платёж отменяется, разобранный — закрывается.", "An open payment is cancelled."))
            .when(|payment| payment.status.is_open() || payment.status == Status::Attention)
            .danger(),
        )
        .screen()
}

/// Поля возврата: те же и в карточке заказа.
pub fn refund_fields() -> [Field; 2] {
    [
        Field::money("amount", ("Сколько вернуть, ₽", "How much, ₽"))
            .nullable()
            .hint(("Пусто — всё, что осталось.", "Empty: everything left.")),
        Field::text("reason", ("Почему", "Why")).required(),
    ]
}

async fn refund(work: &mut Work, payment_id: i64, input: Input) -> Result<()> {
    services::refund_by_staff(work, payment_id, &input.parse::<RefundIn>()?).await.map(|_| ())
}

async fn close(work: &mut Work, id: i64) -> Result<()> {
    match Payment::find_by_id(id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)?.status {
        Status::Attention => services::dismiss(work, id).await,
        _ => services::cancel(work, id).await,
    }
}

fn subject(payment: &payment::Model) -> String {
    payment.subject_number.clone().unwrap_or_else(|| format!("{} {}", payment.subject_kind, payment.subject_id))
}

/// Ноль — пусто: видно только то, что было.
fn filled(money: Money) -> Cell {
    if money.is_zero() { Cell::Empty } else { money.into() }
}

async fn history(ctx: &Ctx, id: i64) -> Result<Table> {
    let mut table =
        Table::new([("Когда", "When"), ("Что", "What"), ("Сумма", "Amount"), ("Кто", "Who"), ("Слова", "Note")]);
    for row in queries::history_of(ctx.db_fresh(), id).await? {
        table.row([
            row.created_at.into(),
            Cell::coded(EVENTS, &row.kind),
            row.amount.into(),
            Cell::Actor(row.actor.clone()),
            row.note.clone().into(),
        ]);
    }
    Ok(table)
}
