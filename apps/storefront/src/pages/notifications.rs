//! Уведомления: что и куда писать вошедшему.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kernel::{Ctx, Result, Work};
use notifications::models::consent::Source;
use notifications::models::preference::is_on;
use notifications::services::{self, Said, set_preference};
use notifications::{Channel, Purpose, SubscriptionIn, TelegramSettings, queries};
use serde::Serialize;

use super::base::{Base, Page};
use super::see;
use crate::forms::Fields;
use crate::render;
use crate::visitor::Visitor;

const PAGE: &str = "/notifications";

const CHANNELS: [(Channel, &str); 4] =
    [(Channel::Email, "Почта"), (Channel::Sms, "SMS"), (Channel::Telegram, "Telegram"), (Channel::Push, "Браузер")];

#[derive(Serialize)]
struct View {
    rows: Vec<Row>,
    /// Пишет ли магазин в Telegram.
    telegram: bool,
    telegram_linked: bool,
    /// Только что взятая ссылка: уводить по ней самим не даёт `form-action`.
    telegram_link: Option<String>,
}

#[derive(Serialize)]
struct Row {
    code: &'static str,
    name: &'static str,
    service: bool,
    advertising: bool,
}

pub async fn show_notifications(ctx: Ctx, visitor: Visitor) -> Result<Response> {
    show(&ctx, &visitor, None).await
}

async fn show(ctx: &Ctx, visitor: &Visitor, telegram_link: Option<String>) -> Result<Response> {
    let user_id = visitor.actor.require_user()?;
    let chosen = queries::preferences(ctx.db_fresh(), user_id).await?;
    let link = queries::telegram_link(ctx.db_fresh(), user_id).await?;
    let telegram_linked = link.is_some_and(|link| link.chat_id.is_some());
    let has_browser = !queries::subscriptions(ctx.db_fresh(), user_id).await?.is_empty();
    let is_reachable = |channel| match channel {
        Channel::Telegram => telegram_linked,
        Channel::Push => has_browser,
        Channel::Email | Channel::Sms => true,
    };
    let row = |(channel, name): (Channel, &'static str)| Row {
        code: channel.code(),
        name,
        service: is_on(&chosen, channel, Purpose::Service),
        advertising: is_on(&chosen, channel, Purpose::Advertising),
    };
    let view = View {
        rows: CHANNELS.into_iter().filter(|(channel, _)| is_reachable(*channel)).map(row).collect(),
        telegram: ctx.section::<TelegramSettings>().is_on(),
        telegram_linked,
        telegram_link,
    };
    let base = Base::of(ctx, visitor, Page::private("Уведомления")).await?;
    render::html("notifications.html", &base, &view)
}

/// Галочки: нет галочки — выключено. Чего на странице не было (`shown`), того и не меняем.
pub async fn save_notifications(ctx: Ctx, visitor: Visitor, fields: Fields) -> Result<Response> {
    let user_id = visitor.actor.require_user()?;
    let save = async move |work: &mut Work| {
        for (channel, _) in CHANNELS {
            if fields.get(&format!("shown_{}", channel.code())).is_empty() {
                continue;
            }
            for (purpose, name) in [(Purpose::Service, "service"), (Purpose::Advertising, "advertising")] {
                let is_given = !fields.get(&format!("{}_{name}", channel.code())).is_empty();
                set_preference(work, user_id, Said { channel, purpose, is_given, source: Source::Profile }).await?;
            }
        }
        Ok(())
    };
    ctx.atomic(&visitor.actor, save).await?;
    Ok(see(PAGE))
}

/// Даёт одноразовую ссылку в Telegram или забывает чат.
pub async fn link_telegram(ctx: Ctx, visitor: Visitor, fields: Fields) -> Result<Response> {
    let user_id = visitor.actor.require_user()?;
    if !fields.get("forget").is_empty() {
        ctx.atomic(&visitor.actor, async move |work: &mut Work| services::unlink(work, user_id).await).await?;
        return Ok(see(PAGE));
    }
    let begin = async move |work: &mut Work| services::begin_link(work, user_id).await;
    let (link, _) = ctx.atomic(&visitor.actor, begin).await?;
    show(&ctx, &visitor, Some(link)).await
}

/// Подписку присылает скрипт страницы; `forget` — браузер отписался.
pub async fn keep_browser(ctx: Ctx, visitor: Visitor, fields: Fields) -> Result<Response> {
    let user_id = visitor.actor.require_user()?;
    let forget = !fields.get("forget").is_empty();
    let input = SubscriptionIn::new(fields.get("endpoint"), fields.get("p256dh"), fields.get("auth"));
    kernel::http::check_value(&input)?;
    let keep = async move |work: &mut Work| match forget {
        true => services::unsubscribe(work, user_id, &input.endpoint).await,
        false => services::subscribe(work, user_id, &input).await,
    };
    ctx.atomic(&visitor.actor, keep).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
