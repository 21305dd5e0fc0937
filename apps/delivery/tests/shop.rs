//! Магазин из одной доставки; вызывающих различает заголовок вместо пропуска.

use std::sync::Arc;

use kernel::access::{Authenticate, UserActor};
use kernel::{Actor, App, Ctx, Result};
use testkit::{Client, TestApp};

struct ByHeader;

#[async_trait::async_trait]
impl Authenticate for ByHeader {
    async fn authenticate(&self, _: &Ctx, headers: &http::HeaderMap) -> Result<Actor> {
        let Some(rights) = headers.get("x-rights").and_then(|value| value.to_str().ok()) else {
            return Ok(Actor::Anonymous);
        };
        let permissions = rights.split(' ').map(str::to_owned).collect();
        Ok(Actor::User(Arc::new(UserActor {
            id: 1,
            public_id: uuid::Uuid::nil(),
            is_admin: false,
            session: None,
            permissions,
        })))
    }
}

pub async fn open() -> TestApp {
    TestApp::new(vec![App::new("doorman", "Вахтёр").authenticator(ByHeader), delivery::app()]).await
}

/// Сотрудник с данными правами.
pub fn staff(app: &TestApp, rights: &str) -> Client {
    app.anon().header("x-rights", rights)
}
