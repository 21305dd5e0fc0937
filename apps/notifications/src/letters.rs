//! Какие письма рассылает магазин: их объявляют приложения, чтобы сотрудник мог увидеть и изменить слова.

use kernel::{Ctx, Error, Lang, Result};
use serde_json::Value;

use crate::models::message::Purpose;
use crate::models::template;

/// Части текста письма.
pub const PARTS: [&str; 6] = ["subject", "body", "html", "sms", "telegram", "push"];
/// Части, без которых письмо обходится.
pub const OPTIONAL: [&str; 3] = ["html", "telegram", "push"];

/// Письма приложения о делах самого человека: `App::declare(Letters(letters::ALL))`.
pub struct Letters(pub &'static [Letter]);

/// Рекламные: уходят только согласным. В их тексте есть подстановка `unsubscribe` — ссылка отписки.
pub struct Advertising(pub &'static [Letter]);

/// Письмо, чьи слова можно изменить.
#[derive(Clone, Copy)]
pub struct Letter {
    /// `<приложение>.letters.<имя>`.
    pub template: &'static str,
    pub title: &'static str,
    /// Придуманные данные: ими рисуется предпросмотр, и других подстановок в тексте не бывает.
    pub sample: fn() -> Value,
    /// Без этих подстановок письмо бесполезно: код для входа, ссылка.
    pub must: &'static [&'static str],
}

/// Все объявленные, в порядке приложений.
pub fn all(ctx: &Ctx) -> Vec<Letter> {
    let service = ctx.declared::<Letters>();
    let advertising = ctx.declared::<Advertising>();
    let lists = service.iter().map(|letters| letters.0).chain(advertising.iter().map(|letters| letters.0));
    lists.flatten().copied().collect()
}

/// Зачем это письмо.
pub fn purpose_of(ctx: &Ctx, template: &str) -> Purpose {
    let is_advertising = |letters: &Advertising| letters.0.iter().any(|letter| letter.template == template);
    match ctx.declared::<Advertising>().iter().any(|letters| is_advertising(letters)) {
        true => Purpose::Advertising,
        false => Purpose::Service,
    }
}

/// Объявленное письмо этого шаблона.
pub fn letter(ctx: &Ctx, template: &str) -> Option<Letter> {
    all(ctx).into_iter().find(|letter| letter.template == template)
}

/// Вшитый текст части.
pub fn built_in(ctx: &Ctx, template: &str, lang: Lang, part: &str) -> Option<String> {
    ctx.texts().source(lang, &format!("{template}.{part}")).map(str::to_owned)
}

/// Имя, по которому ядро решает, экранировать ли подстановки.
pub fn file_of(part: &str) -> &'static str {
    if part == "html" { "letter.html" } else { "letter.txt" }
}

/// Текст годится: разбирается, рисуется на придуманных данных, не называет незнакомого и не теряет нужного.
pub fn check(ctx: &Ctx, letter: &Letter, part: &str, source: &str) -> Result<()> {
    let sample = (letter.sample)();
    let bad = |line: usize, reason: String| {
        Error::refused("notifications.bad_template")
            .with("part", words_of(part))
            .with("line", line)
            .with("reason", reason)
    };
    let names = ctx.texts().names_in(source).map_err(|fault| bad(fault.line, fault.reason))?;
    let line_of = |name: &str| source.lines().position(|line| line.contains(name)).map_or(1, |n| n + 1);
    if let Some(name) = names.iter().find(|name| sample.get(name.as_str()).is_none()) {
        let known = sample.as_object().map(|all| all.keys().cloned().collect::<Vec<_>>().join(", "));
        return Err(Error::refused("notifications.unknown_name")
            .with("part", words_of(part))
            .with("line", line_of(name))
            .with("name", name.clone())
            .with("known", known.unwrap_or_default()));
    }
    // Заголовку и уведомлению браузера, которое и так ведёт куда надо, хватит любых слов.
    let needs = !["subject", "push"].contains(&part);
    if let Some(name) = letter.must.iter().find(|name| needs && !names.iter().any(|own| own == *name)) {
        return Err(Error::refused("notifications.name_needed").with("part", words_of(part)).with("name", *name));
    }
    ctx.texts().render(file_of(part), source, &sample).map_err(|fault| bad(fault.line, fault.reason))?;
    Ok(())
}

fn words_of(part: &str) -> &'static str {
    match part {
        "subject" => "Тема",
        "body" => "Текст",
        "html" => "HTML",
        "telegram" => "Telegram",
        "push" => "Уведомление",
        _ => "SMS",
    }
}

/// Часть на придуманных данных; нет её — `None`.
pub fn preview(ctx: &Ctx, row: &template::Model, part: &str) -> Option<String> {
    let sample = letter(ctx, &row.template).map(|letter| (letter.sample)())?;
    let source = row.part(part)?;
    let drawn = ctx.texts().render(file_of(part), source, &sample);
    Some(drawn.unwrap_or_else(|fault| format!("✕ {}: {}", fault.line, fault.reason)))
}

/// Знаков и частей в SMS: латиница — по 160 (153 в длинном), всё прочее — по 70 (67).
pub fn sms_size(text: &str) -> (usize, usize) {
    let is_plain = |c: char| c.is_ascii() && !"^{}\\[~]|`".contains(c);
    let (length, one, many) = match text.chars().all(is_plain) {
        true => (text.len(), 160, 153),
        false => (text.encode_utf16().count(), 70, 67),
    };
    (length, if length <= one { 1 } else { length.div_ceil(many) })
}
