//! Слова писем: завести строки, изменить, вернуть вшитые, послать себе на пробу.

use std::collections::HashMap;

use kernel::{Actor, Ctx, Error, Lang, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, NotSet, QuerySelect, Set};

use super::{Message, Rendered, Terms, enqueue};
use crate::known_templates::TOPIC;
use crate::letters::{self, Letter, PARTS, built_in};
use crate::models::message::Channel;
use crate::models::template::{self, Entity as Template};
use crate::schemas::TemplatePatch;

const NOT_FOUND: &str = "notifications.template_not_found";

/// Заводит строки объявленных писем и обновляет копии вшитых текстов; всё на месте — ничего не пишет.
pub async fn prepare(ctx: &Ctx) -> Result<()> {
    let known = Template::find().all(ctx.db_fresh()).await?;
    let known: HashMap<(String, String), template::Model> =
        known.into_iter().map(|row| ((row.template.clone(), row.lang.clone()), row)).collect();
    let mut stale = Vec::new();
    for letter in letters::all(ctx) {
        for lang in [Lang::Ru, Lang::En] {
            let row = known.get(&(letter.template.to_owned(), lang.code().to_owned()));
            if row.is_none_or(|row| !row.is_changed && !is_copy(ctx, row)) {
                stale.push((letter, lang, row.map(|row| row.id)));
            }
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    let written = ctx.atomic(&Actor::System("templates"), async move |work: &mut Work| {
        for (letter, lang, id) in &stale {
            copy(work, letter, *lang, *id).await?;
        }
        Ok(())
    });
    // Двое открыли список разом: второму заводить уже нечего.
    match written.await {
        Err(error) if error.code == "database.unique" => Ok(()),
        done => done,
    }
}

fn is_copy(ctx: &Ctx, row: &template::Model) -> bool {
    PARTS.iter().all(|part| row.part(part).map(str::to_owned) == built_in(ctx, &row.template, row.lang(), part))
}

/// Строка, равная вшитому тексту.
async fn copy(work: &Work, letter: &Letter, lang: Lang, id: Option<i64>) -> Result<()> {
    let part = |name: &str| Set(built_in(work.ctx(), letter.template, lang, name));
    let row = template::ActiveModel {
        id: id.map_or(NotSet, ActiveValue::Unchanged),
        template: Set(letter.template.to_owned()),
        lang: Set(lang.code().to_owned()),
        title: Set(letter.title.to_owned()),
        subject: part("subject"),
        body: part("body"),
        html: part("html"),
        sms: part("sms"),
        telegram: part("telegram"),
        push: part("push"),
        is_changed: Set(false),
        updated_at: Set(work.timestamp()),
    };
    row.save(work.db()).await?;
    Ok(())
}

async fn locked(work: &Work, id: i64) -> Result<(template::Model, Letter)> {
    let row = Template::find_by_id(id).lock_exclusive().one(work.db()).await?.or_not_found(NOT_FOUND)?;
    let letter = letters::letter(work.ctx(), &row.template).or_not_found(NOT_FOUND)?;
    Ok((row, letter))
}

/// Меняет присланные части; негодный текст — отказ с номером строки.
pub async fn update_template(work: &mut Work, id: i64, patch: &TemplatePatch) -> Result<()> {
    let (before, letter) = locked(work, id).await?;
    let mut row = template::ActiveModel { id: ActiveValue::Unchanged(id), is_changed: Set(true), ..Default::default() };
    for (name, new) in patch.parts() {
        let Some(text) = new else { continue };
        let is_required = before.part(name).is_some() && !letters::OPTIONAL.contains(&name);
        if text.trim().is_empty() && is_required {
            return Err(Error::invalid(name, "required"));
        }
        if !text.trim().is_empty() {
            letters::check(work.ctx(), &letter, name, text)?;
        }
        let text = Set(Some(text.to_owned()).filter(|text| !text.trim().is_empty()));
        match name {
            "subject" => row.subject = text,
            "body" => row.body = text,
            "html" => row.html = text,
            "telegram" => row.telegram = text,
            "push" => row.push = text,
            _ => row.sms = text,
        }
    }
    row.updated_at = Set(work.timestamp());
    row.update(work.db()).await?;
    work.invalidate(TOPIC);
    Ok(())
}

/// Возвращает вшитый текст.
pub async fn reset_template(work: &mut Work, id: i64) -> Result<()> {
    let (row, letter) = locked(work, id).await?;
    copy(work, &letter, row.lang(), Some(id)).await?;
    work.invalidate(TOPIC);
    Ok(())
}

/// Письмо (или SMS) на придуманных данных — на названный адрес.
pub async fn send_sample(work: &mut Work, id: i64, to: &str) -> Result<()> {
    let (row, letter) = locked(work, id).await?;
    let channel = if to.contains('@') { Channel::Email } else { Channel::Sms };
    let is_phone = to.starts_with('+') && to.len() > 9 && to.chars().skip(1).all(|c| c.is_ascii_digit());
    if channel == Channel::Sms && !is_phone {
        return Err(Error::invalid("to", "bad_format"));
    }
    let message = Message {
        channel,
        to: to.to_owned(),
        template: row.template.clone(),
        lang: row.lang(),
        data: (letter.sample)(),
        secret: false,
    };
    let part = |name: &str| letters::preview(work.ctx(), &row, name);
    let rendered = Rendered::of(channel, part).ok_or_else(|| Error::refused("notifications.no_template"))?;
    // Сотрудник ждёт её у экрана: тихое время не для него.
    enqueue(work, &message, Terms { urgent: true, ..Terms::default() }, rendered).await
}
