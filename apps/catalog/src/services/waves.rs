//! Волны предзаказа глазами каталога. Правда о волнах — у приложения preorders: каталог лишь показывает её в карточке и передаёт ему
//! то, что сотрудник написал в форме товара.

use std::collections::BTreeSet;

use futures::future::BoxFuture;
use kernel::{Error, Result, Work};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _};
use sea_orm::{FromQueryResult, QuerySelect};

use crate::models::product::{self, Column, OrderType};

/// Чего сотрудник хочет от волн товара.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WavePlan {
    pub product_id: i64,
    /// Сколько всего волн.
    pub total: i64,
    /// Мест в новой волне.
    pub capacity: i64,
    /// Поменять и вместимость тех волн, которые ещё набираются.
    pub resize: bool,
}

/// Кто ведёт волны: ставит себя при сборке программы (`ctx.provide`), и каталог зовёт его в той же транзакции, что меняет товар. Никого
/// нет — числа волн в карточке просто числа.
pub struct WavePlanner(pub for<'a> fn(&'a mut Work, WavePlan) -> BoxFuture<'a, Result<()>>);

pub(super) async fn plan(work: &mut Work, plan: WavePlan) -> Result<()> {
    match work.ctx().find_service::<WavePlanner>() {
        Some(planner) => (planner.0)(work, plan).await,
        None => Ok(()),
    }
}

/// Товар под замком: волны одного товара меняются по очереди.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct LockedProduct {
    pub id: i64,
    pub order_type: OrderType,
}

/// Запирает товары по возрастанию номера; неизвестных в ответе нет.
pub async fn lock_products(work: &Work, ids: &BTreeSet<i64>) -> Result<Vec<LockedProduct>> {
    let locked = product::Entity::find()
        .select_only()
        .columns([product::Column::Id, product::Column::OrderType])
        .filter(product::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(product::Column::Id)
        .lock_exclusive()
        .into_model::<LockedProduct>();
    Ok(locked.all(work.db()).await?)
}

/// Что показать в карточке.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WavesView {
    pub total: i64,
    pub capacity: i64,
    pub current_wave: i64,
    pub current_count: i64,
    pub order_type: OrderType,
}

/// Показывает волны запертого товара. Готовые ответы с этим товаром устаревают, а если переменился вид продажи — и все списки.
pub async fn show_waves(work: &mut Work, product: LockedProduct, view: WavesView) -> Result<()> {
    product::Entity::update_many()
        .col_expr(product::Column::PreorderWavesTotal, Expr::value(view.total))
        .col_expr(product::Column::PreorderWaveCapacity, Expr::value(view.capacity))
        .col_expr(product::Column::CurrentWave, Expr::value(view.current_wave))
        .col_expr(product::Column::CurrentWaveCount, Expr::value(view.current_count))
        .col_expr(product::Column::OrderType, Expr::value(view.order_type))
        .filter(product::Column::Id.eq(product.id))
        .exec(work.db())
        .await?;
    work.touch([product.id]);
    if view.order_type != product.order_type {
        work.invalidate("catalog");
    }
    Ok(())
}

/// Прибавляет купленное к показанной волне; показана другая — карточка не меняется. Запирает строку товара. Полной волна от этого стать не
/// должна: тогда товар надо свести целиком ([`lock_products`], [`show_waves`]).
pub async fn show_bought(work: &mut Work, product_id: i64, wave_number: i32, quantity: i64) -> Result<()> {
    let shown = Expr::col(Column::CurrentWaveCount);
    let is_shown = Expr::col(Column::CurrentWave).eq(i64::from(wave_number));
    let count = CaseStatement::new().case(is_shown, shown.clone().add(quantity)).finally(shown);
    let showing = product::Entity::update_many()
        .col_expr(Column::CurrentWaveCount, count.into())
        .filter(Column::Id.eq(product_id));
    work.touch([product_id]);
    work.update_later(product_id, showing, |_| Box::pin(async { Err(Error::unavailable("database.busy", 1)) })).await
}
