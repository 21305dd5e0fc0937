//! Что нужно серверу и командной строке: старт, первый администратор.

use kernel::app::GroupInfo;
use kernel::{Actor, Ctx, Permission, Result, Work};
use sea_orm::entity::prelude::*;

use crate::codes::read_link;
use crate::contacts::Contact;
use crate::models::{one_time_code, user};
use crate::schemas::{check_password, contacts_of};
use crate::security::Security;
use crate::settings::AuthSettings;
use crate::{hashing, services};

/// Вызывается при старте, после миграций: запоминает права всех приложений и заводит их группы.
pub async fn start(ctx: &Ctx, permissions: Vec<Permission>, groups: Vec<GroupInfo>) -> Result<()> {
    services::declare_permissions(ctx, permissions);
    ctx.atomic(&Actor::System("start"), async move |work: &mut Work| services::sync_groups(work, &groups).await).await
}

/// Ссылка для первого администратора, действует сутки; `None` — администратор уже есть. Все экземпляры печатают одну и ту же.
pub async fn admin_link(ctx: &Ctx) -> Result<Option<String>> {
    ctx.atomic(&Actor::System("start"), async move |work: &mut Work| services::one_time_admin_link(work).await).await
}

/// Годится ли ещё ссылка первого администратора; не тратит её.
pub async fn admin_link_is_live(ctx: &Ctx, token: &str) -> Result<bool> {
    let Some(id) = read_link(&Security::of(ctx).code_key, token) else {
        return Ok(false);
    };
    let db = ctx.db_fresh();
    let live = services::live_admin_links(ctx.now().naive_utc()).filter(one_time_code::Column::Id.eq(id));
    Ok(live.one(db).await?.is_some() && !services::has_admin(db).await?)
}

/// `megashop admin create`: заводит администратора или делает им того, у кого эти телефон или почта.
pub async fn create_admin(ctx: &Ctx, phone: Option<&str>, email: Option<&str>, password: &str) -> Result<user::Model> {
    let contacts: Vec<Contact> = contacts_of(phone, email)?;
    check_password("password", password, ctx.section::<AuthSettings>().password_min_length, &contacts)?;
    let hash = hashing::hash(ctx, password).await?;
    ctx.atomic(&Actor::System("cli"), async move |work: &mut Work| services::create_admin(work, &contacts, &hash).await)
        .await
}
