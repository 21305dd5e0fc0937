//! Админка: письма и SMS; их слова.

mod templates;

pub use templates::templates;

use admin::{Action, Cell, Choice, Filter, Model, Screen, Tone};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;

use crate::models::message::{Column, Entity as Message, Model as Row, Status};
use crate::permissions::{RESEND_MESSAGE, VIEW_MESSAGE};
use crate::services;

const STATUSES: &[Choice] = &[
    Choice::new("waiting", ("ждёт отправки", "waiting"), Tone::Wait),
    Choice::new("sent", ("отправлено", "sent"), Tone::Good),
    Choice::new("failed", ("не отправлено", "failed"), Tone::Bad),
];

const CHANNELS: &[Choice] = &[Choice::plain("email", ("письмо", "e-mail")), Choice::plain("sms", ("SMS", "SMS"))];

pub fn messages() -> Screen {
    Model::<Message>::new("notifications", "message", ("Сообщения", "Messages"), ("Сообщение", "Message"), VIEW_MESSAGE)
        .label(|message| format!("№ {} · {}", message.id, message.recipient))
        .column(("Кому", "To"), |message| message.recipient.clone().into())
        .column(("Чем", "By"), |message| Cell::coded(CHANNELS, &message.channel))
        .column(("Тема", "Subject"), |message| message.subject.clone().into())
        .column(("Состояние", "Status"), |message| Cell::coded(STATUSES, &message.status))
        .column(("Ошибка", "Error"), |message| message.error.clone().into())
        .column(("Поставлено", "Created"), |message| message.created_at.into())
        .filter(Filter::choice("status", ("Состояние", "Status"), Column::Status, STATUSES))
        .filter(Filter::choice("channel", ("Чем", "By"), Column::Channel, CHANNELS))
        .search(("почта или телефон целиком", "the whole e-mail or phone"), |text| {
            Condition::all().add(Column::Recipient.eq(text))
        })
        .group(("Сообщение", "Message"))
        .line(("Кому", "To"), |message| message.recipient.clone().into())
        .line(("Тема", "Subject"), |message| message.subject.clone().into())
        .line(("Текст", "Text"), body)
        .group(("Отправка", "Sending"))
        .line(("Состояние", "Status"), |message| Cell::coded(STATUSES, &message.status))
        .line(("Ошибка", "Error"), |message| message.error.clone().into())
        .line(("Отправлено", "Sent"), |message| message.sent_at.into())
        .line(("Провайдер", "Provider"), |message| message.provider.clone().into())
        .line(("Шаблон", "Template"), |message| message.template.clone().into())
        .action(
            Action::<Message>::new(
                "resend",
                ("Отправить ещё раз", "Resend"),
                RESEND_MESSAGE,
                |work, id, _| Box::pin(services::resend(work, id)),
            )
            .when(|message| message.status == Status::Failed && !message.is_secret)
            .bulk(),
        )
        .screen()
}

/// В тайном сообщении — одноразовый код: его не видит и сотрудник.
fn body(message: &Row) -> Cell {
    if message.is_secret {
        Cell::Badge(("скрыт: одноразовый код", "hidden: a one-time code"), Tone::Quiet)
    } else {
        Cell::long(message.body.clone())
    }
}
