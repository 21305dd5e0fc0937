//! Чтение волн, мест и листа ожидания.

use std::collections::HashMap;

use kernel::{Result, Subject, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{Condition, FromQueryResult, QueryOrder, QuerySelect, QueryTrait, Select};

use crate::models::waiting::{OFFER, active_key};
use crate::models::*;

/// Волны товара по порядку номеров.
pub async fn waves_of(db: &impl ConnectionTrait, product_id: i64) -> Result<Vec<wave::Model>> {
    Ok(all_waves(Some(product_id)).all(db).await?)
}

/// Волны товара или все, по товарам и номерам.
pub fn all_waves(product_id: Option<i64>) -> Select<Wave> {
    let mut find = Wave::find().order_by_asc(wave::Column::ProductId).order_by_asc(wave::Column::WaveNumber);
    if let Some(id) = product_id {
        find = find.filter(wave::Column::ProductId.eq(id));
    }
    find
}

/// Набирающие волны товаров и то, отложены ли в них места спросившему.
#[derive(Debug, Default)]
pub struct Collecting {
    pub waves: Vec<wave::Model>,
    pub has_offers: bool,
}

#[derive(FromQueryResult)]
struct CollectingRow {
    #[sea_orm(nested)]
    wave: wave::Model,
    offer: Option<i64>,
}

/// Волны этих товаров, которые сейчас набирают покупателей, полные тоже. Есть ли предложение листа ожидания, говорит тот же запрос: его задаёт
/// каждый заказ, а предложения редки.
pub async fn collecting(
    db: &impl ConnectionTrait,
    products: Vec<i64>,
    user_id: Option<i64>,
    now: Timestamp,
) -> Result<Collecting> {
    let Some(user_id) = user_id else {
        return Ok(Collecting { waves: collecting_waves(products, now).all(db).await?, has_offers: false });
    };
    let offer = offers(user_id, products.clone(), now).select_only().expr(waiting::Column::Id.min());
    let rows: Vec<CollectingRow> = collecting_waves(products, now)
        .expr_as(SimpleExpr::from(offer.into_query()), "offer")
        .into_model()
        .all(db)
        .await?;
    let has_offers = rows.iter().any(|row| row.offer.is_some());
    Ok(Collecting { waves: rows.into_iter().map(|row| row.wave).collect(), has_offers })
}

fn collecting_waves(products: Vec<i64>, now: Timestamp) -> Select<Wave> {
    let in_time = Condition::any().add(wave::Column::ClosesAt.is_null()).add(wave::Column::ClosesAt.gt(now));
    Wave::find()
        .filter(wave::Column::ProductId.is_in(products))
        .filter(wave::Column::Status.eq(Status::Collecting))
        .filter(in_time)
        .order_by_asc(wave::Column::ProductId)
        .order_by_asc(wave::Column::WaveNumber)
}

pub async fn wave_by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<wave::Model>> {
    Ok(Wave::find_by_id(id).one(db).await?)
}

/// Волны по товару и номеру.
pub type Waves = HashMap<(i64, i32), wave::Model>;

/// Волны, названные товаром и номером: так их называют строки заказов.
pub async fn waves_named(db: &impl ConnectionTrait, names: impl IntoIterator<Item = (i64, i32)>) -> Result<Waves> {
    let mut any = Condition::any();
    for (product_id, number) in names {
        any = any.add(wave::Column::ProductId.eq(product_id).and(wave::Column::WaveNumber.eq(number)));
    }
    if any.is_empty() {
        return Ok(Waves::new());
    }
    let found = Wave::find().filter(any).all(db).await?;
    Ok(found.into_iter().map(|wave| ((wave.product_id, wave.wave_number), wave)).collect())
}

/// Места, которые держит владелец.
pub async fn seats_of(db: &impl ConnectionTrait, owner: &Subject) -> Result<Vec<seat::Model>> {
    let find = Seat::find()
        .filter(seat::Column::OwnerKind.eq(owner.kind.as_str()))
        .filter(seat::Column::OwnerId.eq(owner.id.as_str()))
        .filter(seat::Column::State.eq(SeatState::Claimed))
        .order_by_asc(seat::Column::Id);
    Ok(find.all(db).await?)
}

/// Владельцы этого вида, держащие места в волне. Подзапрос для списков.
pub fn owners_in(wave_id: i64, kind: &str) -> Select<Seat> {
    Seat::find()
        .select_only()
        .column(seat::Column::OwnerId)
        .filter(seat::Column::WaveId.eq(wave_id))
        .filter(seat::Column::State.eq(SeatState::Claimed))
        .filter(seat::Column::OwnerKind.eq(kind))
}

/// Следующие владельцы этого вида после места `after`: `(номер места, владелец)`.
pub async fn next_owners(
    db: &impl ConnectionTrait,
    wave_id: i64,
    kind: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, String)>> {
    let seats = owners_in(wave_id, kind).select_only().columns([seat::Column::Id, seat::Column::OwnerId]);
    let seats = seats.filter(seat::Column::Id.gt(after)).order_by_asc(seat::Column::Id).limit(limit);
    Ok(seats.into_tuple().all(db).await?)
}

/// То же без тех, кому об этом состоянии уже сообщили.
pub async fn next_untold(
    db: &impl ConnectionTrait,
    wave_id: i64,
    status: Status,
    kind: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, String)>> {
    let told = Told::find()
        .select_only()
        .column(told::Column::OwnerId)
        .filter(told::Column::WaveId.eq(wave_id))
        .filter(told::Column::Status.eq(status))
        .filter(told::Column::OwnerKind.eq(kind));
    let seats = owners_in(wave_id, kind).select_only().columns([seat::Column::Id, seat::Column::OwnerId]);
    let seats = seats
        .filter(seat::Column::Id.gt(after))
        .filter(seat::Column::OwnerId.not_in_subquery(told.into_query()))
        .order_by_asc(seat::Column::Id)
        .limit(limit);
    Ok(seats.into_tuple().all(db).await?)
}

/// Что и когда сообщали владельцу, по порядку.
pub async fn told_to(db: &impl ConnectionTrait, owner: &Subject) -> Result<Vec<told::Model>> {
    let find = Told::find()
        .filter(told::Column::OwnerKind.eq(owner.kind.as_str()))
        .filter(told::Column::OwnerId.eq(owner.id.as_str()))
        .order_by_asc(told::Column::Id);
    Ok(find.all(db).await?)
}

/// Запись человека в листе ожидания товара: ждёт или думает.
pub async fn waiting_of(db: &impl ConnectionTrait, product_id: i64, user_id: i64) -> Result<Option<waiting::Model>> {
    Ok(Waiting::find().filter(waiting::Column::ActiveKey.eq(active_key(product_id, user_id))).one(db).await?)
}

/// Лист ожидания товара по очереди.
pub fn queue(product_id: i64) -> Select<Waiting> {
    Waiting::find()
        .filter(waiting::Column::ProductId.eq(product_id))
        .filter(waiting::Column::ActiveKey.is_not_null())
        .order_by_asc(waiting::Column::Id)
}

/// Действующие предложения человеку по этим товарам.
pub async fn offers_to(
    db: &impl ConnectionTrait,
    user_id: i64,
    products: Vec<i64>,
    now: Timestamp,
) -> Result<Vec<waiting::Model>> {
    Ok(offers(user_id, products, now).order_by_asc(waiting::Column::Id).all(db).await?)
}

fn offers(user_id: i64, products: Vec<i64>, now: Timestamp) -> Select<Waiting> {
    Waiting::find()
        .filter(waiting::Column::UserId.eq(user_id))
        .filter(waiting::Column::Status.eq(WaitingStatus::Offered))
        .filter(waiting::Column::OfferedUntil.gt(now))
        .filter(waiting::Column::ProductId.is_in(products))
}

/// Места, отложенные предложениями.
pub async fn offered_seats(db: &impl ConnectionTrait, offers: &[waiting::Model]) -> Result<Vec<seat::Model>> {
    if offers.is_empty() {
        return Ok(Vec::new());
    }
    let find = Seat::find()
        .filter(seat::Column::OwnerKind.eq(OFFER))
        .filter(seat::Column::OwnerId.is_in(offers.iter().map(|offer| offer.id.to_string())))
        .filter(seat::Column::State.eq(SeatState::Claimed))
        .order_by_asc(seat::Column::Id);
    Ok(find.all(db).await?)
}

/// Предложения, чей срок вышел, по порядку.
pub async fn stale_offers(db: &impl ConnectionTrait, now: Timestamp, after: i64, limit: u64) -> Result<Vec<i64>> {
    let find = Waiting::find()
        .select_only()
        .column(waiting::Column::Id)
        .filter(waiting::Column::Status.eq(WaitingStatus::Offered))
        .filter(waiting::Column::OfferedUntil.lte(now))
        .filter(waiting::Column::Id.gt(after))
        .order_by_asc(waiting::Column::Id)
        .limit(limit);
    Ok(find.into_tuple().all(db).await?)
}

/// Волны, чей срок набора вышел, а отработан ещё не был.
pub async fn overdue(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<i64>> {
    let find = Wave::find()
        .select_only()
        .column(wave::Column::Id)
        .filter(wave::Column::Status.eq(Status::Collecting))
        .filter(wave::Column::ClosesAt.lte(now))
        .filter(wave::Column::ClosedAt.is_null())
        .order_by_asc(wave::Column::Id);
    Ok(find.into_tuple().all(db).await?)
}

/// Была ли волна хоть кому-то продана или предложена.
pub(crate) async fn has_history(db: &impl ConnectionTrait, wave_id: i64) -> Result<bool> {
    let any = Seat::find()
        .select_only()
        .expr(Expr::value(1))
        .filter(seat::Column::WaveId.eq(wave_id))
        .limit(1)
        .into_tuple::<i32>();
    Ok(any.one(db).await?.is_some())
}
