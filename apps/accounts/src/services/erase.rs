//! Стереть человека: личное исчезает, строка остаётся ради заказов и отчётности (ACC-3).

use kernel::{OrNotFound, Result, Work};
use sea_orm::Set;
use sea_orm::entity::prelude::*;

use super::groups::leave_admins;
use super::throttle::fingerprint;
use crate::events::UserErased;
use crate::models::*;
use crate::queries;
use crate::security::CONTACTS;

pub async fn erase_user(work: &mut Work, user_id: i64) -> Result<()> {
    leave_admins(work, user_id).await?;
    let user = queries::user_by_id(work.db(), user_id).await?.or_not_found("accounts.user_not_found")?;
    for target in user.phone.iter().chain(&user.email_normalized) {
        forget_target(work, target).await?;
    }
    OneTimeCode::delete_many().filter(one_time_code::Column::UserId.eq(user_id)).exec(work.db()).await?;
    super::second_factor::forget(work, user_id).await?;
    notifications::services::forget_person(work, user_id).await?;
    Address::delete_many().filter(address::Column::UserId.eq(user_id)).exec(work.db()).await?;
    Device::delete_many().filter(device::Column::UserId.eq(user_id)).exec(work.db()).await?;
    GroupMember::delete_many().filter(group_member::Column::UserId.eq(user_id)).exec(work.db()).await?;
    blank(work, user).update(work.db()).await?;
    work.invalidate(CONTACTS);
    work.touch([user_id]);
    work.emit(&UserErased { user_id }).await
}

async fn forget_target(work: &Work, target: &str) -> Result<()> {
    OneTimeCode::delete_many().filter(one_time_code::Column::Target.eq(target)).exec(work.db()).await?;
    let login = format!("login:{}", fingerprint(target));
    Throttle::delete_by_id(login).exec(work.db()).await?;
    Ok(())
}

fn blank(work: &Work, user: user::Model) -> user::ActiveModel {
    user::ActiveModel {
        id: sea_orm::ActiveValue::Unchanged(user.id),
        phone: Set(None),
        phone_verified_at: Set(None),
        email: Set(None),
        email_normalized: Set(None),
        email_verified_at: Set(None),
        password_hash: Set(None),
        first_name: Set(String::new()),
        last_name: Set(String::new()),
        patronymic: Set(String::new()),
        full_name: Set(String::new()),
        name_normalized: Set(String::new()),
        address: Set(String::new()),
        cdek_point: Set(String::new()),
        telegram: Set(String::new()),
        vk: Set(String::new()),
        avatar: Set(String::new()),
        newsletter: Set(false),
        questionnaire: Set(None),
        is_active: Set(false),
        session_version: Set(user.session_version + 1),
        updated_at: Set(work.timestamp()),
        deleted_at: Set(Some(work.timestamp())),
        ..Default::default()
    }
}
