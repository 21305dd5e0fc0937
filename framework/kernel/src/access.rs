//! Кто спрашивает (`Actor`) и кому можно (`Access`). Доступ объявляется вместе с маршрутом.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::{Error, Result};

/// Именованное право, например `orders.view_order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission {
    /// `app.action_model`.
    pub code: &'static str,
    /// По-русски, для админки.
    pub title: &'static str,
}

impl Permission {
    pub const fn new(code: &'static str, title: &'static str) -> Self {
        Permission { code, title }
    }
}

/// Кому открыт маршрут. Без этого значения маршрут не добавить.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Всем; пропуск (токен) даже не читается.
    Public,
    /// Всем, но присланный пропуск должен быть верным: гость или покупатель.
    Visitor,
    /// Любому вошедшему; чужие объекты отсекает запрос (`WHERE user_id = …`).
    Customer,
    /// Сотруднику с данным правом.
    Staff(Permission),
    /// Только администратору.
    Admin,
}

impl Access {
    /// Пускать ли: 401 без пропуска, 403 без права.
    pub fn check(self, actor: &Actor) -> Result<()> {
        match (self, actor) {
            (Access::Public | Access::Visitor, _) | (_, Actor::System(_)) => Ok(()),
            (_, Actor::Anonymous) => Err(Error::unauthorized()),
            (Access::Customer, Actor::User(_)) => Ok(()),
            (Access::Staff(permission), Actor::User(_)) => actor.require(permission),
            (Access::Admin, Actor::User(user)) if user.is_admin => Ok(()),
            (Access::Admin, Actor::User(_)) => Err(Error::forbidden("admin")),
        }
    }

    /// Как доступ пишется в таблице `megashop routes` и в OpenAPI.
    pub fn label(self) -> String {
        match self {
            Access::Public => "public".into(),
            Access::Visitor => "visitor".into(),
            Access::Customer => "customer".into(),
            Access::Staff(permission) => format!("staff:{}", permission.code),
            Access::Admin => "admin".into(),
        }
    }
}

/// От чьего имени идёт работа.
#[derive(Clone, Debug, Default)]
pub enum Actor {
    #[default]
    Anonymous,
    User(Arc<UserActor>),
    /// Сама программа: задачи, командная строка, импорт. Строка — кто именно, для журнала.
    System(&'static str),
}

/// Вошедший пользователь, каким его видит ядро.
#[derive(Clone, Debug)]
pub struct UserActor {
    pub id: i64,
    pub public_id: uuid::Uuid,
    pub is_admin: bool,
    /// Сеанс (устройство), по которому выдан пропуск.
    pub session: Option<i64>,
    pub permissions: BTreeSet<String>,
}

impl Actor {
    /// id пользователя, если он вошёл.
    pub fn user_id(&self) -> Option<i64> {
        match self {
            Actor::User(user) => Some(user.id),
            _ => None,
        }
    }

    /// id пользователя или 401.
    pub fn require_user(&self) -> Result<i64> {
        self.user_id().ok_or_else(Error::unauthorized)
    }

    /// Есть ли право. У администратора и у самой программы есть все.
    pub fn can(&self, permission: Permission) -> bool {
        match self {
            Actor::Anonymous => false,
            Actor::System(_) => true,
            Actor::User(user) => user.is_admin || user.permissions.contains(permission.code),
        }
    }

    /// Право или 403.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.can(permission) { Ok(()) } else { Err(Error::forbidden(permission.code)) }
    }

    pub fn is_admin(&self) -> bool {
        matches!(self, Actor::User(user) if user.is_admin)
    }

    /// Для журналов и событий: `user:17`, `system:worker`, `anonymous`.
    pub fn label(&self) -> String {
        match self {
            Actor::Anonymous => "anonymous".into(),
            Actor::User(user) => format!("user:{}", user.id),
            Actor::System(name) => format!("system:{name}"),
        }
    }
}

/// Кто умеет узнать пользователя по заголовкам запроса. Один на программу; его ставит приложение `accounts`.
#[async_trait::async_trait]
pub trait Authenticate: Send + Sync {
    /// `Anonymous`, если пропуска нет; 401, если он есть, но негоден.
    async fn authenticate(&self, ctx: &crate::Ctx, headers: &http::HeaderMap) -> Result<Actor>;
}
