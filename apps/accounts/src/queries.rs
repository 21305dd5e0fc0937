//! Чтение: поиск людей, устройств, групп.

use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LikeExpr;
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect, QueryTrait, Select};

use crate::contacts::Contact;
use crate::models::*;
use crate::schemas::UserFilter;
use crate::security::Security;
use crate::{names, phones};

/// Человек с таким телефоном или почтой.
pub async fn user_by_contact(db: &impl ConnectionTrait, contact: &Contact) -> Result<Option<user::Model>> {
    let column = match contact {
        Contact::Phone(_) => user::Column::Phone,
        Contact::Email(_) => user::Column::EmailNormalized,
    };
    Ok(User::find().filter(column.eq(contact.key())).one(db).await?)
}

pub async fn user_by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<user::Model>> {
    Ok(User::find_by_id(id).one(db).await?)
}

/// Как зовут и куда писать: для заказов и писем приложений выше.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserContact {
    pub full_name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// Того, кто сам и спрашивает, чаще всего незачем читать: он только что узнан (не старше трёх секунд, как и его права).
pub async fn user_contact(work: &Work, user_id: i64) -> Result<Option<UserContact>> {
    if work.actor().user_id() == Some(user_id)
        && let Some(contact) = Security::of(work.ctx()).contact_of(work.ctx(), work.actor()).await
    {
        return Ok(Some(contact));
    }
    let user = user_by_id(work.db(), user_id).await?;
    Ok(user.map(|user| UserContact { full_name: user.full_name, phone: user.phone, email: user.email }))
}

/// Живой человек по публичному id; стёртых для сотрудников уже нет.
pub async fn user_by_public_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<user::Model>> {
    let found = User::find().filter(user::Column::PublicId.eq(id)).filter(user::Column::DeletedAt.is_null());
    Ok(found.one(db).await?)
}

pub async fn device_with_user(db: &impl ConnectionTrait, id: i64) -> Result<Option<(device::Model, user::Model)>> {
    let found = Device::find_by_id(id).find_also_related(User).one(db).await?;
    Ok(found.and_then(|(device, user)| user.map(|user| (device, user))))
}

/// Действующие входы человека, последний использованный — первым.
pub async fn live_devices(
    db: &impl ConnectionTrait,
    user_id: i64,
    now: kernel::Timestamp,
) -> Result<Vec<device::Model>> {
    let live = Device::find()
        .filter(device::Column::UserId.eq(user_id))
        .filter(device::Column::RevokedAt.is_null())
        .filter(device::Column::ExpiresAt.gt(now))
        .order_by_desc(device::Column::LastSeenAt)
        .order_by_desc(device::Column::Id);
    Ok(live.limit(100).all(db).await?)
}

/// Группы человека вместе с общей для всех `customer`.
pub async fn groups_of(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<group::Model>> {
    let member_of = GroupMember::find()
        .select_only()
        .column(group_member::Column::GroupId)
        .filter(group_member::Column::UserId.eq(user_id))
        .into_query();
    let groups = Group::find()
        .filter(
            Condition::any().add(group::Column::Code.eq(group::CUSTOMER)).add(group::Column::Id.in_subquery(member_of)),
        )
        .order_by_asc(group::Column::Id);
    Ok(groups.all(db).await?)
}

/// Коды прав этих групп.
pub async fn permissions_of(db: &impl ConnectionTrait, groups: &[group::Model]) -> Result<Vec<String>> {
    let ids = groups.iter().map(|g| g.id);
    let rows = GroupPermission::find().filter(group_permission::Column::GroupId.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.permission).collect())
}

/// Роли нескольких людей разом: пары (человек, код группы).
pub async fn roles_of(db: &impl ConnectionTrait, user_ids: &[i64]) -> Result<Vec<(i64, String)>> {
    let pairs = GroupMember::find()
        .select_only()
        .column(group_member::Column::UserId)
        .column(group::Column::Code)
        .inner_join(Group)
        .filter(group_member::Column::UserId.is_in(user_ids.iter().copied()))
        .order_by_asc(group::Column::Id);
    Ok(pairs.into_tuple().all(db).await?)
}

/// Коды ролей одного человека; `customer` есть у каждого.
pub async fn role_codes(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<String>> {
    let pairs = roles_of(db, &[user_id]).await?;
    Ok(with_customer(pairs.into_iter().map(|(_, code)| code)))
}

pub fn with_customer(codes: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(group::CUSTOMER.to_owned()).chain(codes.filter(|code| code != group::CUSTOMER)).collect()
}

pub async fn group_by_code(db: &impl ConnectionTrait, code: &str) -> Result<Option<group::Model>> {
    Ok(Group::find().filter(group::Column::Code.eq(code)).one(db).await?)
}

/// Живые люди, подходящие под фильтр сотрудника, новые первыми.
pub fn users_matching(filter: &UserFilter) -> Select<User> {
    let mut find = User::find().filter(user::Column::DeletedAt.is_null());
    if let Some(is_active) = filter.is_active {
        find = find.filter(user::Column::IsActive.eq(is_active));
    }
    if let Some(code) = filter.group.as_deref().filter(|code| *code != group::CUSTOMER) {
        find = find.filter(user::Column::Id.in_subquery(members_of(code)));
    }
    if let Some(search) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        find = find.filter(looks_like(search));
    }
    find.order_by_desc(user::Column::CreatedAt).order_by_desc(user::Column::Id)
}

/// Одобренные преподаватели по имени.
pub fn teachers() -> Select<User> {
    User::find()
        .filter(user::Column::DeletedAt.is_null())
        .filter(user::Column::IsActive.eq(true))
        .filter(user::Column::Id.in_subquery(members_of(group::TEACHER)))
        .order_by_asc(user::Column::NameNormalized)
        .order_by_asc(user::Column::Id)
}

fn members_of(code: &str) -> sea_orm::sea_query::SelectStatement {
    let members = GroupMember::find().select_only().column(group_member::Column::UserId).inner_join(Group);
    members.filter(group::Column::Code.eq(code)).into_query()
}

fn looks_like(search: &str) -> Condition {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let like = |pattern: String| LikeExpr::new(pattern).escape('\\');
    let name = format!("%{}%", escaped(&names::searchable(search)));
    let email = format!("{}%", escaped(&search.to_lowercase()));
    let phone = phones::parse(search).unwrap_or_else(|| search.to_owned());
    Condition::any()
        .add(user::Column::NameNormalized.like(like(name)))
        .add(user::Column::EmailNormalized.like(like(email)))
        .add(user::Column::Phone.like(like(format!("{}%", escaped(&phone)))))
}
