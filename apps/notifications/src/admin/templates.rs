//! Слова писем: список, правка, предпросмотр на придуманных данных, письмо себе на пробу.

use admin::{Action, Cell, Document, Field, Filter, Input, Model, Panel, Screen, Table, Tone};
use kernel::texts::describe;
use kernel::{Ctx, Lang, OrNotFound, Result};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use serde_json::json;

use crate::letters::{check, letter, preview, sms_size};
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
                Ok(json!({"subject": text("subject"), "body": text("body"), "html": text("html"), "sms": text("sms"),
                    "telegram": text("telegram"), "push": text("push")}))
            })
        },
        |work, id, input| {
            Box::pin(async move { services::update_template(work, id, &input.parse::<TemplatePatch>()?).await })
        },
    )
    .preview(|ctx, id, input| Box::pin(unsaved(ctx, id, input)))
    .note((
        "{{ имя }} — подстановка, {% if имя %}…{% endif %} — условие, |money — рубли. Какие имена есть, показано в карточке.",
        "{{ name }} is a value, {% if name %}…{% endif %} a condition, |money makes roubles. The card lists the names.",
    ))
    .fields([
        Field::text("subject", ("Тема", "Subject")),
        Field::area("body", ("Текст", "Text"), 16),
        Field::area("html", ("HTML", "HTML"), 12).hint(("Пусто — письмо только текстом.", "Empty: the letter is plain text.")),
        Field::area("sms", ("SMS", "SMS"), 3),
        Field::area("telegram", ("Telegram", "Telegram"), 3).hint(("Пусто — слова SMS.", "Empty: the words of the SMS.")),
        Field::area("push", ("Уведомление в браузере", "Browser notification"), 2)
            .hint(("Заголовок — тема письма. Пусто — не показывать.", "Titled by the subject. Empty: not shown.")),
    ])
}

async fn find(ctx: &Ctx, id: i64) -> Result<Row> {
    Template::find_by_id(id).one(ctx.db_fresh()).await?.or_not_found("notifications.template_not_found")
}

/// Тема, текст и SMS на придуманных данных; у SMS — длина и сколько за неё возьмут; имена подстановок.
async fn read_out(ctx: &Ctx, id: i64) -> Result<Table> {
    let row = find(ctx, id).await?;
    let mut table = Table::new([("Часть", "Part"), ("Прочтут", "Reads as")]);
    let parts = [
        ("subject", ("Тема", "Subject")),
        ("body", ("Текст", "Text")),
        ("sms", ("SMS", "SMS")),
        ("telegram", ("Telegram", "Telegram")),
        ("push", ("Уведомление", "Notification")),
    ];
    for (part, words) in parts {
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
    let plain = || format!("{PLAIN}<pre>{}</pre>", escape(&preview(ctx, &row, "body").unwrap_or_default()));
    Ok(preview(ctx, &row, "html").unwrap_or_else(plain))
}

const PLAIN: &str = "<!doctype html><meta charset=\"utf-8\"><style>body{font:15px/1.5 sans-serif;margin:16px}\
    h2{font-size:13px;color:#56605b;margin:16px 0 4px}pre{white-space:pre-wrap;font:inherit;margin:0}\
    iframe{width:100%;height:420px;border:1px solid #dde1db;border-radius:8px}.bad{color:#a02622}</style>";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Все части такими, какие они в форме; что не сохранится, объяснено на своём месте.
async fn unsaved(ctx: &Ctx, id: i64, input: Input) -> Result<String> {
    let mut row = find(ctx, id).await?;
    let part = |name: &str| Some(input.text(name).to_owned());
    (row.subject, row.body, row.html, row.sms) = (part("subject"), part("body"), part("html"), part("sms"));
    let titles = match ctx.lang() {
        Lang::Ru => ["Тема", "С разметкой", "Текстом", "SMS"],
        Lang::En => ["Subject", "In HTML", "As text", "SMS"],
    };
    let mut page = PLAIN.to_owned();
    for (name, title) in ["subject", "html", "body", "sms"].into_iter().zip(titles) {
        if let Some(drawn) = part_of(ctx, &row, name) {
            page.push_str(&format!("<h2>{title}</h2>{drawn}"));
        }
    }
    Ok(page)
}

/// Одна часть; пустой нет.
fn part_of(ctx: &Ctx, row: &Row, name: &str) -> Option<String> {
    let problem = letter(ctx, &row.template).and_then(|letter| check(ctx, &letter, name, row.part(name)?).err());
    if let Some(error) = problem {
        return Some(format!("<p class=\"bad\">{}</p>", escape(&describe(ctx.texts(), ctx.lang(), &error).0)));
    }
    let text = preview(ctx, row, name)?;
    Some(match name {
        // Вёрстка письма — целая страница: ей нужна своя рамка.
        "html" => format!("<iframe sandbox srcdoc=\"{}\"></iframe>", escape(&text)),
        "sms" => {
            let (length, parts) = sms_size(&text);
            format!("<pre>{}</pre><p>{length} → {parts} SMS</p>", escape(&text))
        }
        _ => format!("<pre>{}</pre>", escape(&text)),
    })
}
