//! Админка: сообщения и их слова; журнал согласий.

mod templates;

pub use templates::templates;

use admin::{Action, Cell, Choice, Filter, Model, Panel, PanelOf, Screen, Table, Tone};
use kernel::{Ctx, Result};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;

use crate::models::message::{Column, Entity as Message, Model as Row, Status};
use crate::permissions::{RESEND_MESSAGE, VIEW_MESSAGE};
use crate::{queries, services};

const STATUSES: &[Choice] = &[
    Choice::new("waiting", ("ждёт отправки", "waiting"), Tone::Wait),
    Choice::new("sent", ("отправлено", "sent"), Tone::Good),
    Choice::new("failed", ("не отправлено", "failed"), Tone::Bad),
    Choice::new("skipped", ("нельзя отправить", "skipped"), Tone::Quiet),
];

const CHANNELS: &[Choice] = &[
    Choice::plain("email", ("письмо", "e-mail")),
    Choice::plain("sms", ("SMS", "SMS")),
    Choice::plain("telegram", ("Telegram", "Telegram")),
    Choice::plain("push", ("уведомление в браузере", "browser notification")),
];

const PURPOSES: &[Choice] =
    &[Choice::plain("service", ("о своих делах", "service")), Choice::plain("advertising", ("реклама", "advertising"))];

const SOURCES: &[Choice] = &[
    Choice::plain("profile", ("профиль", "profile")),
    Choice::plain("registration", ("регистрация", "registration")),
    Choice::plain("unsubscribe", ("ссылка отписки", "unsubscribe link")),
    Choice::plain("telegram", ("команда боту", "bot command")),
    Choice::plain("browser", ("разрешение в браузере", "browser permission")),
    Choice::plain("blocked", ("бот заблокирован", "the bot was blocked")),
    Choice::plain("before_journal", ("дано до журнала", "given before the journal")),
];

pub fn messages() -> Screen {
    Model::<Message>::new("notifications", "message", ("Сообщения", "Messages"), ("Сообщение", "Message"), VIEW_MESSAGE)
        .label(|message| format!("№ {} · {}", message.id, message.recipient))
        .column(("Кому", "To"), |message| message.recipient.clone().into())
        .column(("Чем", "By"), |message| Cell::coded(CHANNELS, &message.channel))
        .column(("Тема", "Subject"), |message| message.subject.clone().into())
        .column(("Состояние", "Status"), |message| Cell::coded(STATUSES, &message.status))
        .column(("Ошибка", "Error"), |message| message.error.clone().into())
        .column(("Ждёт до", "Waits till"), waits_till)
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
        .line(("Зачем", "Purpose"), |message| Cell::coded(PURPOSES, &message.purpose))
        .line(("Ждёт до", "Waits till"), waits_till)
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

/// Тихое время или просьба провайдера; отправленному ждать нечего.
fn waits_till(message: &Row) -> Cell {
    message.not_before.filter(|_| message.status == Status::Waiting).into()
}

/// Журнал согласий в карточке человека.
pub fn consents_of_person() -> PanelOf {
    let panel = Panel::new(("Согласия", "Consents"), VIEW_MESSAGE, |ctx, id| Box::pin(consents(ctx, id)));
    PanelOf("accounts.user", panel)
}

async fn consents(ctx: &Ctx, user_id: i64) -> Result<Table> {
    let mut table = Table::new([
        ("Когда", "When"),
        ("Чем", "By"),
        ("Зачем", "Purpose"),
        ("Дано", "Given"),
        ("Редакция", "Version"),
        ("Где", "Where"),
        ("Адрес", "Address"),
    ]);
    for row in queries::consents(ctx.db(), user_id).await? {
        table.row([
            row.created_at.into(),
            Cell::coded(CHANNELS, &row.channel),
            Cell::coded(PURPOSES, &row.purpose),
            row.is_given.into(),
            row.document.into(),
            Cell::coded(SOURCES, &row.source),
            row.ip.into(),
        ]);
    }
    Ok(table)
}
