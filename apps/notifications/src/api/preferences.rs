//! Что и куда человеку писать.

use axum::Json;
use kernel::http::Valid;
use kernel::{Actor, Ctx, Error, Result, Work};

use crate::models::consent::Source;
use crate::models::message::{Channel, Purpose};
use crate::models::preference::is_on;
use crate::queries;
use crate::schemas::{PreferenceOut, PreferencesOut, PreferencesPatch};
use crate::services::{Said, set_preference};
use crate::settings::NotificationSettings;

/// Что у меня включено.
#[utoipa::path(get, path = "/users/me/notifications", responses((status = 200, body = PreferencesOut)))]
pub async fn read_preferences(ctx: Ctx, actor: Actor) -> Result<Json<PreferencesOut>> {
    preferences_out(&ctx, actor.require_user()?).await.map(Json)
}

/// Включить или выключить: меняется присланное. Каждая перемена остаётся в журнале согласий.
#[utoipa::path(patch, path = "/users/me/notifications", request_body = PreferencesPatch,
    responses((status = 200, body = PreferencesOut)))]
pub async fn update_preferences(
    ctx: Ctx,
    actor: Actor,
    Valid(input): Valid<PreferencesPatch>,
) -> Result<Json<PreferencesOut>> {
    let user_id = actor.require_user()?;
    let current = ctx.section::<NotificationSettings>().document.clone();
    if input.document.as_ref().is_some_and(|seen| *seen != current) {
        return Err(Error::conflict("notifications.document_changed"));
    }
    let change = async move |work: &mut Work| {
        for (channel, purpose, is_given) in input.said() {
            set_preference(work, user_id, Said { channel, purpose, is_given, source: Source::Profile }).await?;
        }
        Ok(())
    };
    ctx.atomic(&actor, change).await?;
    preferences_out(&ctx, user_id).await.map(Json)
}

async fn preferences_out(ctx: &Ctx, user_id: i64) -> Result<PreferencesOut> {
    let db = ctx.db_fresh();
    let rows = queries::preferences(db, user_id).await?;
    let of = |channel| PreferenceOut {
        service: is_on(&rows, channel, Purpose::Service),
        advertising: is_on(&rows, channel, Purpose::Advertising),
    };
    let link = queries::telegram_link(db, user_id).await?;
    Ok(PreferencesOut {
        email: of(Channel::Email),
        sms: of(Channel::Sms),
        telegram: of(Channel::Telegram),
        push: of(Channel::Push),
        telegram_linked: link.is_some_and(|link| link.chat_id.is_some()),
        browsers: queries::subscriptions(db, user_id).await?.len(),
        document: ctx.section::<NotificationSettings>().document.clone(),
    })
}
