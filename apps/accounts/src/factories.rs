//! Готовые люди для тестов и демонстрации: названо только то, что важно.

use kernel::{Actor, Ctx, Permission, Result, Work};
use uuid::Uuid;

use crate::contacts::Email;
use crate::models::{group, user};
use crate::services::{self, Client, GroupFields, NewUser};

/// Кто вошёл и чем ходить: `client.bearer(&login.token)`.
#[derive(Clone, Debug)]
pub struct Login {
    pub user_id: i64,
    pub public_id: Uuid,
    pub token: String,
    pub refresh_token: String,
    pub phone: String,
    pub email: String,
}

/// Покупатель с доказанными телефоном и почтой, без пароля.
pub async fn customer(ctx: &Ctx) -> Login {
    person(ctx, None).await
}

/// Сотрудник ровно с этими правами: своя группа на каждый вызов.
pub async fn staff(ctx: &Ctx, permissions: &[Permission]) -> Login {
    let code = format!("staff-{}", &ctx.random().token()[..12]);
    let fields = GroupFields {
        title: code.clone(),
        permissions: permissions.iter().map(|p| p.code.to_owned()).collect(),
        code: code.clone(),
    };
    atomic(ctx, async move |work: &mut Work| services::force_group(work, &fields).await).await;
    person(ctx, Some(code)).await
}

/// Администратор.
pub async fn admin(ctx: &Ctx) -> Login {
    person(ctx, Some(group::ADMIN.to_owned())).await
}

/// Одобренный преподаватель.
pub async fn teacher(ctx: &Ctx) -> Login {
    person(ctx, Some(group::TEACHER.to_owned())).await
}

async fn person(ctx: &Ctx, group: Option<String>) -> Login {
    let new = new_user(ctx);
    atomic(ctx, async move |work: &mut Work| {
        let user = services::register(work, new.clone()).await?;
        if let Some(code) = &group {
            services::grant_group(work, user.id, code).await?;
        }
        let (phone, email) = (user.phone.clone(), user.email.clone());
        let opened = services::open_session(work, user, &Client::default(), "registration").await?;
        Ok(Login {
            user_id: opened.user.id,
            public_id: opened.user.public_id,
            token: opened.access_token,
            refresh_token: opened.refresh_token,
            phone: phone.unwrap_or_default(),
            email: email.unwrap_or_default(),
        })
    })
    .await
}

/// Действительный сам по себе новый человек со своим телефоном и почтой.
pub fn new_user(ctx: &Ctx) -> NewUser {
    let number = ctx.random().below(1_000_000_000);
    NewUser {
        phone: Some(format!("+79{number:09}")),
        email: Email::parse(&format!("user{number:09}@example.com")),
        phone_is_proven: true,
        email_is_proven: true,
        first_name: "Анна".into(),
        last_name: "Иванова".into(),
        ..NewUser::default()
    }
}

/// Меняет строку человека в обход правил: заготовка редкого состояния.
pub async fn alter(ctx: &Ctx, row: user::ActiveModel) {
    use sea_orm::ActiveModelTrait;
    atomic(ctx, async move |work: &mut Work| {
        row.clone().update(work.db()).await?;
        Ok(())
    })
    .await;
}

#[expect(clippy::expect_used, reason = "заготовки нужны тестам и загрузке демонстрации: там падение уместно")]
async fn atomic<T>(ctx: &Ctx, f: impl AsyncFn(&mut Work) -> Result<T>) -> T {
    ctx.atomic(&Actor::System("factories"), f).await.expect("factory")
}
