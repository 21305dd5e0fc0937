//! Кто пришёл: токен доступа → `Actor`. Токен подписан, но этого мало: сеанс сверяется с базой не реже раза в три
//! секунды, поэтому выход, блокировка, понижение и смена пароля действуют на всех узлах не позже пяти секунд (ACC-2), а на своём
//! узле и на соседях, связанных через Redis, — сразу: перемена отмечает человека (`Work::touch`) или
//! все группы разом ([`GROUPS`]).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use kernel::access::Authenticate;
use kernel::cache::Watch;
use kernel::{Actor, Ctx, Error, Result, UserActor};
use moka::future::Cache;

use crate::keys::Key;
use crate::models::{device, group, user};
use crate::queries::{self, UserContact};
use crate::services::second_factor;
use crate::settings::AuthSettings;
use crate::tokens::{AccessTokens, Claims};

/// Сколько верим однажды прочитанному сеансу, секунд.
const TRUST: i64 = 3;

/// Тема кэша: перемена имени, телефона или почты видна на своём узле сразу.
pub const CONTACTS: &str = "accounts.contacts";

/// Тема кэша: права группы переменились — сеансы всех, кто в ней, читаются заново.
pub const GROUPS: &str = "accounts.groups";

/// Ключи и кэш сеансов; одна на программу.
pub struct Security {
    pub access: AccessTokens,
    pub refresh_key: Key,
    pub code_key: Key,
    sessions: Cache<i64, Arc<Seen>>,
}

/// Сеанс, каким он был в базе в момент `at`.
struct Seen {
    at: DateTime<Utc>,
    session: Option<Session>,
    /// Человек, чей это сеанс: отметили его — спрашиваем базу снова.
    owner: Watch,
    /// Версия темы [`GROUPS`] до чтения.
    groups: u64,
}

impl Seen {
    fn is_fresh(&self, ctx: &Ctx) -> bool {
        ctx.now() - self.at < TimeDelta::seconds(TRUST)
            && self.owner.is_current()
            && self.groups == ctx.cache().version_of(GROUPS)
    }
}

struct Session {
    version: i64,
    actor: Arc<UserActor>,
    contact: UserContact,
    /// Версия темы [`CONTACTS`] до чтения.
    contacts: u64,
}

impl Security {
    /// Ставится при первом обращении: ключи выводятся из секрета магазина.
    pub fn of(ctx: &Ctx) -> Arc<Security> {
        ctx.service_or(|| Security::new(ctx))
    }

    fn new(ctx: &Ctx) -> Security {
        let settings = ctx.section::<AuthSettings>();
        Security {
            access: AccessTokens::new(&ctx.secret("accounts.access"), &settings.issuer),
            refresh_key: Key::new(ctx.secret("accounts.refresh")),
            code_key: Key::new(ctx.secret("accounts.codes")),
            sessions: Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(TRUST as u64)).build(),
        }
    }

    /// Имя и адреса из того же сеанса, которым человека только что узнали; `None` — пора спросить базу.
    pub async fn contact_of(&self, ctx: &Ctx, actor: &Actor) -> Option<UserContact> {
        let Actor::User(user) = actor else { return None };
        let seen = self.sessions.get(&user.session?).await?;
        let session = seen.session.as_ref()?;
        let is_fresh =
            seen.is_fresh(ctx) && session.actor.id == user.id && session.contacts == ctx.cache().version_of(CONTACTS);
        is_fresh.then(|| session.contact.clone())
    }

    async fn session(&self, ctx: &Ctx, device_id: i64) -> Result<Arc<Seen>> {
        if let Some(seen) = self.sessions.get(&device_id).await
            && seen.is_fresh(ctx)
        {
            return Ok(seen);
        }
        // Следить начинаем до чтения, за кем — узнаём из прочитанного.
        let (at, watch, groups) = (ctx.now(), ctx.cache().watch(&[]), ctx.cache().version_of(GROUPS));
        let session = load_session(ctx, device_id).await?;
        let owner = watch.over(&Vec::from_iter(session.as_ref().map(|session| session.actor.id)));
        let seen = Arc::new(Seen { at, session, owner, groups });
        self.sessions.insert(device_id, seen.clone()).await;
        Ok(seen)
    }
}

/// Читает сеанс из базы: `None` — отозван, истёк или человек заблокирован.
async fn load_session(ctx: &Ctx, device_id: i64) -> Result<Option<Session>> {
    let db = ctx.db_fresh();
    let contacts = ctx.cache().version_of(CONTACTS);
    let Some((device, user)) = queries::device_with_user(db, device_id).await? else {
        return Ok(None);
    };
    if !is_live(&device, ctx.now()) || !user.is_active {
        return Ok(None);
    }
    let groups = queries::groups_of(db, user.id).await?;
    let permissions = queries::permissions_of(db, &groups).await?;
    let mut actor = UserActor {
        id: user.id,
        public_id: user.public_id,
        is_admin: groups.iter().any(|g| g.code == group::ADMIN),
        session: Some(device.id),
        permissions: BTreeSet::from_iter(permissions),
    };
    if must_have_second_factor(ctx, &actor) && !second_factor::is_on(db, user.id).await? {
        (actor.is_admin, actor.permissions) = (false, BTreeSet::new());
    }
    let contact = UserContact { full_name: user.full_name, phone: user.phone, email: user.email };
    Ok(Some(Session { version: user.session_version, actor: Arc::new(actor), contact, contacts }))
}

/// Сотрудник — тот, у кого есть хоть одно право.
fn must_have_second_factor(ctx: &Ctx, actor: &UserActor) -> bool {
    ctx.section::<AuthSettings>().staff_second_factor && (actor.is_admin || !actor.permissions.is_empty())
}

/// Второй фактор от человека требуется, а его нет.
pub async fn lacks_second_factor(ctx: &Ctx, user_id: i64) -> Result<bool> {
    if !ctx.section::<AuthSettings>().staff_second_factor {
        return Ok(false);
    }
    let db = ctx.db_fresh();
    let groups = queries::groups_of(db, user_id).await?;
    let is_admin = groups.iter().any(|g| g.code == group::ADMIN);
    let is_staff = is_admin || !queries::permissions_of(db, &groups).await?.is_empty();
    Ok(is_staff && !second_factor::is_on(db, user_id).await?)
}

/// Не отозван и не истёк.
pub fn is_live(device: &device::Model, now: DateTime<Utc>) -> bool {
    device.revoked_at.is_none() && device.expires_at > now.naive_utc()
}

/// Узнаёт человека по `Authorization: Bearer`.
pub struct BearerAuthenticator;

#[async_trait::async_trait]
impl Authenticate for BearerAuthenticator {
    async fn authenticate(&self, ctx: &Ctx, headers: &HeaderMap) -> Result<Actor> {
        let Some(header) = headers.get(AUTHORIZATION) else {
            return Ok(Actor::Anonymous);
        };
        let security = Security::of(ctx);
        let claims = bearer(header).and_then(|token| security.access.read(token, ctx.now()));
        let claims = claims.ok_or_else(Error::unauthorized)?;
        let seen = security.session(ctx, claims.sid).await?;
        match &seen.session {
            Some(session) if session.fits(&claims) => Ok(Actor::User(session.actor.clone())),
            _ => Err(Error::unauthorized()),
        }
    }
}

impl Session {
    fn fits(&self, claims: &Claims) -> bool {
        self.version == claims.ver && self.actor.public_id == claims.sub
    }
}

/// Токен из `Bearer …`; имя схемы без учёта регистра (RFC 9110).
fn bearer(header: &http::HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Токен доступа для открытого сеанса.
pub fn access_token(ctx: &Ctx, user: &user::Model, device_id: i64) -> Result<String> {
    let settings = ctx.section::<AuthSettings>();
    let access = &Security::of(ctx).access;
    access
        .issue(user.public_id, device_id, user.session_version, ctx.now(), settings.access_ttl())
        .map_err(Error::internal)
}
