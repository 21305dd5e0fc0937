//! Входы: открыть, обновить, закончить один или все.

use std::net::IpAddr;

use chrono::TimeDelta;
use http::HeaderMap;
use http::header::USER_AGENT;
use kernel::{Ctx, Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{Condition, ConnectionTrait, NotSet, Set};

use crate::events::{RefreshTokenReused, UserLoggedIn};
use crate::models::{Device, User, device, user};
use crate::security::{Security, access_token, is_live};
use crate::settings::AuthSettings;
use crate::tokens::RefreshToken;
use crate::{errors, queries};

/// С чего человек пришёл.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub ip: Option<IpAddr>,
    pub user_agent: String,
}

impl Client {
    pub fn of(ctx: &Ctx, headers: &HeaderMap) -> Client {
        let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Client { ip: ctx.client_ip(), user_agent: user_agent.to_owned() }
    }

    /// Сеть клиента: IPv4 до /24, IPv6 до /64 — столько обычно у одного хозяина.
    pub fn network(&self) -> String {
        match self.ip.map(|ip| ip.to_canonical()) {
            Some(IpAddr::V4(ip)) => {
                let [a, b, c, _] = ip.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            Some(IpAddr::V6(ip)) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            None => "unknown".to_owned(),
        }
    }
}

/// Открытый или обновлённый вход: то, что уходит клиенту.
#[derive(Clone, Debug)]
pub struct Opened {
    pub user: user::Model,
    pub roles: Vec<String>,
    pub device_id: i64,
    pub access_token: String,
    pub refresh_token: String,
}

/// Новый вход. `method` — чем доказал себя (см. [`UserLoggedIn`]); заблокированному — 403.
pub async fn open_session(work: &mut Work, user: user::Model, client: &Client, method: &str) -> Result<Opened> {
    if !user.is_active {
        return Err(errors::blocked());
    }
    let token = RefreshToken::first(&work.ctx().random().bytes::<48>());
    let row = device::ActiveModel {
        id: NotSet,
        user_id: Set(user.id),
        family: Set(token.family().to_owned()),
        refresh_hash: Set(token.digest()),
        previous_hash: Set(None),
        rotated_at: Set(None),
        user_agent: Set(client.user_agent.chars().take(300).collect()),
        ip: Set(client.ip.map(|ip| ip.to_canonical().to_string()).unwrap_or_default()),
        created_at: Set(work.timestamp()),
        last_seen_at: Set(work.timestamp()),
        expires_at: Set(expires_at(work)),
        revoked_at: Set(None),
    };
    let device_id = Device::insert(row).exec(work.db()).await?.last_insert_id;
    work.emit(&UserLoggedIn { user_id: user.id, device_id, method: method.to_owned() }).await?;
    opened(work, user, device_id, token).await
}

/// Меняет refresh-токен на следующий. `None` — токен негоден (или повторён: тогда вход на этом устройстве закончен,
/// поэтому вызывающий обязан зафиксировать транзакцию и только потом ответить 401).
pub async fn refresh_session(work: &mut Work, token: &RefreshToken) -> Result<Option<Opened>> {
    let found =
        Device::find().filter(device::Column::Family.eq(token.family())).find_also_related(User).one(work.db()).await?;
    let Some((device, Some(user))) = found else {
        return Ok(None);
    };
    if !is_live(&device, work.now()) || !user.is_active {
        return Ok(None);
    }
    let next = token.successor(&Security::of(work.ctx()).refresh_key);
    if !rotate(work, &device, token, &next).await? && !is_twin(work, device.id, token).await? {
        end_session(work, user.id, device.id).await?;
        work.emit(&RefreshTokenReused { user_id: user.id, device_id: device.id }).await?;
        return Ok(None);
    }
    opened(work, user, device.id, next).await.map(Some)
}

/// Действующий вход, которому принадлежит этот refresh-токен, нынешний или только что сменённый.
pub async fn device_of_token(db: &impl ConnectionTrait, token: &RefreshToken) -> Result<Option<device::Model>> {
    let hashes = [device::Column::RefreshHash, device::Column::PreviousHash];
    let any = hashes.into_iter().fold(Condition::any(), |any, column| any.add(column.eq(token.digest())));
    let found = Device::find().filter(device::Column::Family.eq(token.family())).filter(any);
    Ok(found.one(db).await?)
}

/// Один условный UPDATE: из сотни одновременных обновлений сменит токен ровно одно.
async fn rotate(work: &Work, device: &device::Model, token: &RefreshToken, next: &RefreshToken) -> Result<bool> {
    let rotated = Device::update_many()
        .col_expr(device::Column::RefreshHash, Expr::value(next.digest()))
        .col_expr(device::Column::PreviousHash, Expr::value(token.digest()))
        .col_expr(device::Column::RotatedAt, Expr::value(work.timestamp()))
        .col_expr(device::Column::LastSeenAt, Expr::value(work.timestamp()))
        .col_expr(device::Column::ExpiresAt, Expr::value(expires_at(work)))
        .filter(device::Column::Id.eq(device.id))
        .filter(device::Column::RefreshHash.eq(token.digest()))
        .filter(device::Column::RevokedAt.is_null())
        .exec(work.db())
        .await?;
    Ok(rotated.rows_affected == 1)
}

/// Этот же токен только что обновила соседняя вкладка: ей достанется тот же следующий.
async fn is_twin(work: &Work, device_id: i64, token: &RefreshToken) -> Result<bool> {
    let grace = TimeDelta::seconds(work.ctx().section::<AuthSettings>().refresh_grace);
    let twin = Device::find_by_id(device_id)
        .filter(device::Column::PreviousHash.eq(token.digest()))
        .filter(device::Column::RotatedAt.gte((work.now() - grace).naive_utc()))
        .filter(device::Column::RevokedAt.is_null());
    Ok(twin.count(work.db()).await? == 1)
}

/// Заканчивает один вход человека; `false` — такого действующего у него нет.
pub async fn end_session(work: &mut Work, user_id: i64, device_id: i64) -> Result<bool> {
    work.touch([user_id]);
    let ended = Device::update_many()
        .col_expr(device::Column::RevokedAt, Expr::value(work.timestamp()))
        .filter(device::Column::Id.eq(device_id))
        .filter(device::Column::UserId.eq(user_id))
        .filter(device::Column::RevokedAt.is_null())
        .exec(work.db())
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Заканчивает все входы человека: и refresh-токены, и уже выданные токены доступа. Возвращает человека с новой версией.
pub async fn end_all_sessions(work: &mut Work, user_id: i64) -> Result<user::Model> {
    work.touch([user_id]);
    User::update_many()
        .col_expr(user::Column::SessionVersion, Expr::col(user::Column::SessionVersion).add(1))
        .filter(user::Column::Id.eq(user_id))
        .exec(work.db())
        .await?;
    Device::update_many()
        .col_expr(device::Column::RevokedAt, Expr::value(work.timestamp()))
        .filter(device::Column::UserId.eq(user_id))
        .filter(device::Column::RevokedAt.is_null())
        .exec(work.db())
        .await?;
    queries::user_by_id(work.db(), user_id).await?.ok_or_else(Error::unauthorized)
}

async fn opened(work: &Work, user: user::Model, device_id: i64, token: RefreshToken) -> Result<Opened> {
    let roles = queries::role_codes(work.db(), user.id).await?;
    let access_token = access_token(work.ctx(), &user, device_id)?;
    Ok(Opened { user, roles, device_id, access_token, refresh_token: token.into_text() })
}

fn expires_at(work: &Work) -> kernel::Timestamp {
    (work.now() + work.ctx().section::<AuthSettings>().refresh_ttl()).naive_utc()
}
