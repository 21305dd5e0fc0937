//! Свой профиль, устройства, адреса.

use axum::Json;
use http::HeaderMap;
use kernel::http::{Created, NoContent, PathParam, Valid};
use kernel::{Actor, Ctx, Error, OrNotFound, Result, Work};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::models::{Address, Purpose, address, user};
use crate::schemas::*;
use crate::services::{self, Client, SentCode};
use crate::{errors, queries};

/// Свой профиль.
#[utoipa::path(get, path = "/users/me", responses((status = 200, body = UserOut)))]
pub async fn read_me(ctx: Ctx, actor: Actor) -> Result<Json<UserOut>> {
    let user = queries::user_by_id(ctx.db(), actor.require_user()?).await?.ok_or_else(Error::unauthorized)?;
    let roles = queries::role_codes(ctx.db(), user.id).await?;
    Ok(Json(UserOut::of(user, roles)))
}

/// Изменить свой профиль: меняются присланные поля.
///
/// Новый телефон или почта вступают в силу после кода (`/users/me/confirm`); до тех пор они в `pending`.
#[utoipa::path(put, path = "/users/me", request_body = ProfileIn, responses((status = 200, body = ProfileOut)))]
pub async fn update_me(ctx: Ctx, actor: Actor, headers: HeaderMap, body: Valid<ProfileIn>) -> Result<Json<ProfileOut>> {
    change_me(ctx, actor, headers, body).await
}

/// То же, что PUT.
#[utoipa::path(patch, path = "/users/me", request_body = ProfileIn, responses((status = 200, body = ProfileOut)))]
pub async fn patch_me(ctx: Ctx, actor: Actor, headers: HeaderMap, body: Valid<ProfileIn>) -> Result<Json<ProfileOut>> {
    change_me(ctx, actor, headers, body).await
}

async fn change_me(
    ctx: Ctx,
    actor: Actor,
    headers: HeaderMap,
    Valid(input): Valid<ProfileIn>,
) -> Result<Json<ProfileOut>> {
    let client = Client::of(&ctx, &headers);
    let user = queries::user_by_id(ctx.db_fresh(), actor.require_user()?).await?.ok_or_else(Error::unauthorized)?;
    let contacts = input.new_contacts(&user)?;
    let (user_id, changes) = (user.id, input.changes()?);
    let out = ctx
        .atomic(&actor, async move |work: &mut Work| {
            let mut pending = Vec::new();
            for contact in &contacts {
                let sent = services::send_code(work, contact, Purpose::Confirm, Some(user_id), &client).await?;
                pending.push(pending_out(contact, sent));
            }
            let user = services::update_profile(work, user_id, changes.clone()).await?;
            let roles = queries::role_codes(work.db(), user.id).await?;
            Ok(ProfileOut { user: UserOut::of(user, roles), pending })
        })
        .await?;
    Ok(Json(out))
}

fn pending_out(contact: &crate::contacts::Contact, sent: SentCode) -> PendingOut {
    PendingOut {
        field: contact.field(),
        value: contact.key().to_owned(),
        expires_at: sent.expires_at,
        resend_after: sent.resend_after,
    }
}

/// Подтвердить свой новый (или ещё не доказанный) телефон или почту кодом.
#[utoipa::path(post, path = "/users/me/confirm", request_body = CodeIn, responses((status = 200, body = UserOut)))]
pub async fn confirm_contact(ctx: Ctx, actor: Actor, Valid(input): Valid<CodeIn>) -> Result<Json<UserOut>> {
    let user_id = actor.require_user()?;
    let contact = input.contact()?;
    let out = ctx
        .atomic(&actor, async move |work: &mut Work| {
            if !services::take_code(work, &contact, Purpose::Confirm, Some(user_id), &input.code).await? {
                return Ok(None);
            }
            let user = services::confirm_contact(work, user_id, &contact).await?;
            let roles = queries::role_codes(work.db(), user_id).await?;
            Ok(Some(UserOut::of(user, roles)))
        })
        .await?;
    out.map(Json).ok_or_else(errors::wrong_code)
}

/// Удалить свою учётную запись: личное стирается, заказы остаются без имени.
#[utoipa::path(delete, path = "/users/me", responses((status = 204)))]
pub async fn delete_me(ctx: Ctx, actor: Actor) -> Result<NoContent> {
    let user_id = actor.require_user()?;
    ctx.atomic(&actor, async move |work: &mut Work| services::erase_user(work, user_id).await).await?;
    Ok(NoContent)
}

/// Где я вошёл.
#[utoipa::path(get, path = "/users/me/devices", responses((status = 200, body = DeviceList)))]
pub async fn list_devices(ctx: Ctx, actor: Actor) -> Result<Json<DeviceList>> {
    let current = match &actor {
        Actor::User(user) => user.session,
        _ => None,
    };
    let rows = queries::live_devices(ctx.db(), actor.require_user()?, ctx.now().naive_utc()).await?;
    let devices: Vec<_> = rows.into_iter().map(|device| DeviceOut::of(device, current)).collect();
    Ok(Json(DeviceList { total: devices.len() as u64, devices }))
}

/// Закончить вход на одном устройстве.
#[utoipa::path(delete, path = "/users/me/devices/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_device(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    let user_id = actor.require_user()?;
    let ended = ctx.atomic(&actor, async move |work: &mut Work| services::end_session(work, user_id, id).await).await?;
    ended.then_some(()).or_not_found("accounts.device_not_found")?;
    Ok(NoContent)
}

/// Адресная книга.
#[utoipa::path(get, path = "/users/me/addresses", responses((status = 200, body = AddressList)))]
pub async fn list_addresses(ctx: Ctx, actor: Actor) -> Result<Json<AddressList>> {
    let own = Address::find().filter(address::Column::UserId.eq(actor.require_user()?));
    let rows = own.order_by_asc(address::Column::Id).all(ctx.db()).await?;
    let addresses: Vec<AddressOut> = rows.into_iter().map(AddressOut::from).collect();
    Ok(Json(AddressList { total: addresses.len() as u64, addresses }))
}

#[utoipa::path(post, path = "/users/me/addresses", request_body = AddressIn, responses((status = 201, body = AddressOut)))]
pub async fn create_address(ctx: Ctx, actor: Actor, Valid(input): Valid<AddressIn>) -> Result<Created<AddressOut>> {
    let (user_id, is_default) = (actor.require_user()?, input.is_default);
    let fields = input.fields()?;
    let added = ctx
        .atomic(&actor, async move |work: &mut Work| {
            services::add_address(work, user_id, fields.clone(), is_default).await
        })
        .await?;
    Ok(Created(added.into()))
}

/// Заменить адрес целиком.
#[utoipa::path(put, path = "/users/me/addresses/{id}", params(("id" = i64, Path)), request_body = AddressIn,
    responses((status = 200, body = AddressOut)))]
pub async fn update_address(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(input): Valid<AddressIn>,
) -> Result<Json<AddressOut>> {
    let (user_id, is_default) = (actor.require_user()?, input.is_default);
    let fields = input.fields()?;
    let changed = ctx
        .atomic(&actor, async move |work: &mut Work| {
            services::change_address(work, user_id, id, fields.clone(), is_default).await
        })
        .await?;
    Ok(Json(changed.into()))
}

#[utoipa::path(delete, path = "/users/me/addresses/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_address(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    let user_id = actor.require_user()?;
    ctx.atomic(&actor, async move |work: &mut Work| services::remove_address(work, user_id, id).await).await?;
    Ok(NoContent)
}

/// Человек вместе с ролями.
pub(super) async fn user_out(ctx: &Ctx, user: user::Model) -> Result<UserOut> {
    let roles = queries::role_codes(ctx.db_fresh(), user.id).await?;
    Ok(UserOut::of(user, roles))
}
