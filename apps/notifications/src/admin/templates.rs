//! Слова писем: список, правка, предпросмотр на придуманных данных, письмо себе на пробу.

use admin::{Action, Cell, Document, Field, Filter, Model, Panel, Screen, Table, Tone};
use kernel::{Ctx, OrNotFound, Result};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use serde_json::json;

use crate::letters::{letter, preview, sms_size};
use crate::models::template::{Column, Entity as Template, Model as Row};
use crate::permissions::{CHANGE_TEMPLATE, VIEW_TEMPLATE};
use crate::schemas::TemplatePatch;
use crate::services;

const LANGS: &[admin::Choice] =
    &[admin::Choice::plain("ru", ("русский", "Russian")), admin::Choice::plain("en", ("английский", "English"))];

pub fn templates() -> Screen {
    Model::<Template>::new(
        "notifications",
        "template",
        ("Тексты писем", "Letter texts"),
        ("Текст письма", "Letter text"),
        VIEW_TEMPLATE,
    )
    .before_list(|ctx| Box::pin(services::prepare(ctx)))
    .order(Column::Id, false)
    .label(|row| format!("{} · {}", row.title, row.lang))
    .column(("Письмо", "Letter"), |row| row.title.clone().into())
    .column(("Язык", "Language"), |row| admin::badge(LANGS, &row.lang))
    .column(("Тема", "Subject"), |row| row.subject.clone().into())
    .column(("SMS", "SMS"), |row| row.sms.is_some().into())
    .column(("Текст", "Text"), changed)
    .filter(Filter::choice("lang", ("Язык", "Language"), Column::Lang, LANGS))
    .filter(Filter::flag("is_changed", ("Изменён", "Changed"), Column::IsChanged))
    .search(("имя шаблона", "template name"), |text| Condition::all().add(Column::Template.contains(text)))
    .group(("Письмо", "Letter"))
    .line(("Шаблон", "Template"), |row| row.template.clone().into())
    .line(("Язык", "Language"), |row| admin::badge(LANGS, &row.lang))
    .line(("Текст", "Text"), changed)
    .line(("Изменён", "Updated"), |row| row.updated_at.into())
    .panel(Panel::new(("Как это прочтут", "How it reads"), VIEW_TEMPLATE, |ctx, id| {
        Box::pin(read_out(ctx, id))
    }))
    .document(Document::letter(
        "letter",
        ("Письмо с разметкой", "Letter in HTML"),
        VIEW_TEMPLATE,
        |ctx, id| Box::pin(html(ctx, id)),
    ))
    .action(change())
    .action(
        Action::<Template>::new(
            "test",
            ("Послать на пробу", "Send a sample"),
            CHANGE_TEMPLATE,
            |work, id, input| Box::pin(async move { services::send_sample(work, id, input.text("to").trim()).await }),
        )
        .fields([Field::text("to", ("Куда", "Where to")).required().hint((
            "Своя почта или телефон (+7…): письмо на придуманных данных.",
            "Your e-mail or phone (+7…): a letter with made-up data.",
        ))]),
    )
    .action(
        Action::<Template>::new(
            "reset",
            ("Вернуть прежний текст", "Back to the built-in text"),
            CHANGE_TEMPLATE,
            |work, id, _| Box::pin(services::reset_template(work, id)),
        )
        .when(|row| row.is_changed)
        .note(("Ваша правка останется в истории.", "Your text stays in the history."))
        .danger(),
    )
    .screen()
}

fn changed(row: &Row) -> Cell {
    match row.is_changed {
        true => Cell::Badge(("изменён", "changed"), Tone::Wait),
        false => Cell::Badge(("прежний", "built-in"), Tone::Quiet),
    }
}

fn change() -> Action<Template> {
    Action::<Template>::change(
        CHANGE_TEMPLATE,
        |_, row| {
            Box::pin(async move {
                let text = |part: &str| row.part(part).unwrap_or_default().to_owned();
                Ok(json!({"subject": text("subject"), "body": text("body"), "html": text("html"), "sms": text("sms")}))
            })
        },
        |work, id, input| {
            Box::pin(async move { services::update_template(work, id, &input.parse::<TemplatePatch>()?).await })
        },
    )
    .note((
        "{{ имя }} — подстановка, {% if имя %}…{% endif %} — условие, |money — рубли. Какие имена есть, показано в карточке.",
        "{{ name }} is a value, {% if name %}…{% endif %} a condition, |money makes roubles. The card lists the names.",
    ))
    .fields([
        Field::text("subject", ("Тема", "Subject")),
        Field::area("body", ("Текст", "Text"), 16),
        Field::area("html", ("HTML", "HTML"), 12).hint(("Пусто — письмо только текстом.", "Empty: the letter is plain text.")),
        Field::area("sms", ("SMS", "SMS"), 3),
    ])
}

async fn find(ctx: &Ctx, id: i64) -> Result<Row> {
    Template::find_by_id(id).one(ctx.db_fresh()).await?.or_not_found("notifications.template_not_found")
}

/// Тема, текст и SMS на придуманных данных; у SMS — длина и сколько за неё возьмут; имена подстановок.
async fn read_out(ctx: &Ctx, id: i64) -> Result<Table> {
    let row = find(ctx, id).await?;
    let mut table = Table::new([("Часть", "Part"), ("Прочтут", "Reads as")]);
    for (part, words) in [("subject", ("Тема", "Subject")), ("body", ("Текст", "Text")), ("sms", ("SMS", "SMS"))]
    {
        if let Some(text) = preview(ctx, &row, part) {
            table.row([Cell::Badge(words, Tone::Plain), Cell::long(text)]);
        }
    }
    if let Some(text) = preview(ctx, &row, "sms") {
        let (length, parts) = sms_size(&text);
        table.row([
            Cell::Badge(("Длина SMS", "SMS length"), Tone::Plain),
            Cell::Text(format!("{length} → {parts} SMS")),
        ]);
    }
    let sample = letter(ctx, &row.template).map(|letter| (letter.sample)());
    let names = sample.as_ref().and_then(serde_json::Value::as_object);
    let names = names.map(|all| all.keys().map(|name| format!("{{{{ {name} }}}}")).collect::<Vec<_>>().join(", "));
    table.row([Cell::Badge(("Подстановки", "Values"), Tone::Plain), names.into()]);
    Ok(table)
}

/// Разметка; без неё письмо — текст.
async fn html(ctx: &Ctx, id: i64) -> Result<String> {
    let row = find(ctx, id).await?;
    let plain = || {
        let text = preview(ctx, &row, "body").unwrap_or_default();
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(
            "<!doctype html><meta charset=\"utf-8\"><pre style=\"white-space:pre-wrap;font:15px/1.5 sans-serif\">{text}</pre>"
        )
    };
    Ok(preview(ctx, &row, "html").unwrap_or_else(plain))
}
