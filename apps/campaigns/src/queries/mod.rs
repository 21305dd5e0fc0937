//! Чтение: что в кампании, чей сеанс, чей код.

mod lists;
mod statistics;

pub use lists::*;
pub use statistics::*;

use std::collections::{BTreeSet, HashMap};

use accounts::models::user;
use kernel::{OrNotFound, Result};
use promos::models::{PromoUse, UseState, promo_use};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, QueryTrait};

use crate::errors;
use crate::models::*;

/// Кампания и то, что в ней смотрят сейчас.
#[derive(Clone, Debug)]
pub struct Scene {
    pub campaign: campaign::Model,
    /// Включённые активы по порядку.
    pub assets: Vec<asset::Model>,
}

impl Scene {
    pub async fn of(db: &impl ConnectionTrait, campaign: campaign::Model) -> Result<Scene> {
        let assets = Asset::find()
            .filter(asset::Column::PoolId.eq(campaign.pool_id))
            .filter(asset::Column::IsActive.eq(true))
            .order_by_asc(asset::Column::Position)
            .order_by_asc(asset::Column::Id)
            .all(db)
            .await?;
        Ok(Scene { campaign, assets })
    }

    /// Сцена сеанса; нет сеанса — 404.
    pub async fn of_session(db: &impl ConnectionTrait, id: Uuid) -> Result<Scene> {
        let session = session_by_id(db, id).await?;
        Scene::of(db, campaign_by_id(db, session.campaign_id).await?).await
    }

    /// Актив с этим адресом; чужой и выключенный — 404.
    pub fn asset(&self, slug: &str) -> Result<&asset::Model> {
        self.assets.iter().find(|asset| asset.slug == slug).or_not_found(errors::ASSET_NOT_FOUND)
    }

    pub fn asset_ids(&self) -> BTreeSet<i64> {
        self.assets.iter().map(|asset| asset.id).collect()
    }
}

/// По адресу; не названа — кампания по умолчанию.
pub async fn campaign_by_slug(db: &impl ConnectionTrait, slug: Option<&str>) -> Result<campaign::Model> {
    let find = match slug {
        Some(slug) => Campaign::find().filter(campaign::Column::Slug.eq(slug)),
        None => Campaign::find().filter(campaign::Column::DefaultMark.eq(1)),
    };
    find.one(db).await?.or_not_found(errors::CAMPAIGN_NOT_FOUND)
}

pub async fn session_by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<session::Model> {
    Session::find_by_id(id).one(db).await?.or_not_found(errors::SESSION_NOT_FOUND)
}

/// По номеру страниц сотрудника.
pub async fn session_by_number(db: &impl ConnectionTrait, number: i64) -> Result<session::Model> {
    let find = Session::find().filter(session::Column::Number.eq(number));
    find.one(db).await?.or_not_found(errors::SESSION_NOT_FOUND)
}

/// Запертый сеанс: всё, что его меняет, начинает с этого, и двое одновременных идут по очереди.
pub async fn locked_session(db: &impl ConnectionTrait, id: Uuid) -> Result<session::Model> {
    Session::find_by_id(id).lock_exclusive().one(db).await?.or_not_found(errors::SESSION_NOT_FOUND)
}

/// Номера активов, виденных в сеансе.
pub async fn viewed_assets(db: &impl ConnectionTrait, session_id: Uuid) -> Result<BTreeSet<i64>> {
    let ids: Vec<i64> = Progress::find()
        .select_only()
        .column(progress::Column::AssetId)
        .filter(progress::Column::SessionId.eq(session_id))
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Номера активов, виденных человеком хоть в одном сеансе.
pub async fn viewed_by_user(db: &impl ConnectionTrait, user_id: i64) -> Result<BTreeSet<i64>> {
    let own = Session::find().select_only().column(session::Column::Id).filter(session::Column::UserId.eq(user_id));
    let ids: Vec<i64> = Progress::find()
        .select_only()
        .distinct()
        .column(progress::Column::AssetId)
        .filter(progress::Column::SessionId.in_subquery(own.into_query()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Сеанс, в котором человека видели последним.
pub async fn latest_session(db: &impl ConnectionTrait, user_id: i64) -> Result<Option<session::Model>> {
    let own = Session::find().filter(session::Column::UserId.eq(user_id));
    Ok(own.order_by_desc(session::Column::LastSeen).order_by_desc(session::Column::Id).one(db).await?)
}

pub async fn code_of_session(db: &impl ConnectionTrait, session_id: Uuid) -> Result<Option<code::Model>> {
    Ok(Code::find().filter(code::Column::SessionId.eq(session_id)).one(db).await?)
}

/// Первый неиспользованный код человека.
pub async fn unused_code_of(db: &impl ConnectionTrait, user_id: i64) -> Result<Option<code::Model>> {
    let own = Code::find().filter(code::Column::UserId.eq(user_id)).order_by_asc(code::Column::Id).all(db).await?;
    let held = held_uses(db, &own.iter().map(|code| code.promo_id).collect::<Vec<_>>()).await?;
    Ok(own.into_iter().find(|code| !held.contains_key(&code.promo_id)))
}

/// Использования, которыми эти коды заняты сейчас: код кампании — на один заказ, и использование у него одно.
pub async fn held_uses(db: &impl ConnectionTrait, promo_ids: &[i64]) -> Result<HashMap<i64, promo_use::Model>> {
    let held = PromoUse::find()
        .filter(promo_use::Column::PromoId.is_in(promo_ids.iter().copied()))
        .filter(promo_use::Column::State.eq(UseState::Held));
    Ok(held.all(db).await?.into_iter().map(|row| (row.promo_id, row)).collect())
}

/// Внешние имена людей.
pub async fn public_ids(db: &impl ConnectionTrait, user_ids: Vec<i64>) -> Result<HashMap<i64, Uuid>> {
    let pairs: Vec<(i64, Uuid)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::PublicId])
        .filter(user::Column::Id.is_in(user_ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(pairs.into_iter().collect())
}
