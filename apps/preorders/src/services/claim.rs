//! Занять места, отпустить места.

use std::collections::{BTreeMap, BTreeSet};

use catalog::services::waves::{lock_products, show_bought};
use kernel::{Error, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{NotSet, Set, UpdateMany};

use super::offers::redeem_offers;
use super::settle::{Cause, settle};
use crate::models::*;
use crate::{errors, queries};

/// Места одной строки заказа в одной волне.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimedLine {
    pub product_id: i64,
    pub wave_id: i64,
    pub wave_number: i32,
    pub line: i64,
    pub quantity: i64,
}

/// Чем отказать, если места разобрали: [`crate::errors::seats_gone`] или «повторить всё дело».
pub type Gone = fn() -> Error;

/// Занимает ровно эти места или ничего: хоть одного уже нет — отказ `gone`, не позже фиксации. `user_id` — кому отложены места:
/// предложение листа ожидания тратится здесь же; `None` — тратить нечего.
pub async fn claim(
    work: &mut Work,
    owner: &Subject,
    user_id: Option<i64>,
    lines: &[ClaimedLine],
    gone: Gone,
) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    if let Some(user_id) = user_id {
        claim_offered(work, user_id, lines, gone).await?;
    } else {
        claim_free(work, lines, gone).await?;
    }
    write_seats(work, owner, lines).await
}

/// Места, часть которых отложена этому покупателю: все товары заперты сразу, отложенное возвращается в волны и тут же занимается.
async fn claim_offered(work: &mut Work, user_id: i64, lines: &[ClaimedLine], gone: Gone) -> Result<()> {
    let products: BTreeSet<i64> = lines.iter().map(|line| line.product_id).collect();
    let locked = lock_products(work, &products).await?;
    let redeemed = redeem_offers(work, user_id, &products).await?;
    take_seats(work, lines, gone).await?;
    let cause = if redeemed { Cause::Freed } else { Cause::Taken };
    for product in locked {
        settle(work, product, cause).await?;
    }
    Ok(())
}

/// Товары — по возрастанию номера, чтобы двое не ждали друг друга.
async fn claim_free(work: &mut Work, lines: &[ClaimedLine], gone: Gone) -> Result<()> {
    let mut by_product: BTreeMap<i64, Vec<ClaimedLine>> = BTreeMap::new();
    for line in lines {
        by_product.entry(line.product_id).or_default().push(*line);
    }
    for lines in by_product.into_values() {
        match lines.as_slice() {
            [only] => take_in_passing(work, *only, gone).await?,
            _ => take_and_settle(work, lines, gone).await?,
        }
    }
    Ok(())
}

/// Обычная покупка: волна после неё не полна, и в карточке переменится одно число — сводить товар незачем. Не вышло — волна кончается, и всё
/// делается как следует: прибавленное в карточке сведение перепишет.
async fn take_in_passing(work: &mut Work, line: ClaimedLine, gone: Gone) -> Result<()> {
    show_bought(work, line.product_id, line.wave_number, line.quantity).await?;
    let taking = adding(line.wave_id, line.quantity, Room::Left);
    work.update_later(line.wave_id, taking, move |work| Box::pin(take_and_settle(work, vec![line], gone))).await
}

/// Места одного товара; после них он сводится.
async fn take_and_settle(work: &mut Work, lines: Vec<ClaimedLine>, gone: Gone) -> Result<()> {
    let locked = lock_products(work, &lines.iter().map(|line| line.product_id).collect()).await?;
    take_seats(work, &lines, gone).await?;
    for product in locked {
        settle(work, product, Cause::Taken).await?;
    }
    Ok(())
}

/// Условный UPDATE на волну, по возрастанию номера.
pub(super) async fn take_seats(work: &Work, lines: &[ClaimedLine], gone: Gone) -> Result<()> {
    let mut needs: BTreeMap<i64, i64> = BTreeMap::new();
    for line in lines {
        *needs.entry(line.wave_id).or_default() += line.quantity;
    }
    for (wave_id, quantity) in needs {
        if adding(wave_id, quantity, Room::Enough).exec(work.db()).await?.rows_affected == 0 {
            return Err(gone());
        }
    }
    Ok(())
}

/// Сколько места должно быть в волне.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    /// Хватит и в обрез.
    Enough,
    /// Что-то останется и после.
    Left,
}

fn adding(wave_id: i64, quantity: i64, room: Room) -> UpdateMany<Wave> {
    let more = || Expr::col(wave::Column::CurrentCount).add(quantity);
    let capacity = Expr::col(wave::Column::Capacity);
    let fits = if room == Room::Left { more().lt(capacity) } else { more().lte(capacity) };
    Wave::update_many()
        .col_expr(wave::Column::CurrentCount, more())
        .filter(wave::Column::Id.eq(wave_id))
        .filter(wave::Column::Status.eq(Status::Collecting))
        .filter(fits)
}

/// Строки занявшего; уходят перед фиксацией.
pub(super) async fn write_seats(work: &mut Work, owner: &Subject, lines: &[ClaimedLine]) -> Result<()> {
    let now = work.timestamp();
    let row = |line: &ClaimedLine| seat::ActiveModel {
        id: NotSet,
        wave_id: Set(line.wave_id),
        owner_kind: Set(owner.kind.clone()),
        owner_id: Set(owner.id.clone()),
        line: Set(line.line),
        quantity: Set(line.quantity),
        state: Set(SeatState::Claimed),
        created_at: Set(now),
        updated_at: Set(now),
    };
    work.insert_later(lines.iter().map(row).collect()).await
}

/// Отпускает всё, что держит владелец. Повтор и чужой владелец ничего не меняют.
pub async fn release(work: &mut Work, owner: &Subject) -> Result<()> {
    // Занятое этой же работой ещё могло не дойти до базы.
    work.settle().await?;
    let seats = queries::seats_of(work.db(), owner).await?;
    free(work, seats).await
}

/// То же, но только места одной волны: волна отменена, а остальное владелец держит.
pub async fn release_in(work: &mut Work, owner: &Subject, wave_id: i64) -> Result<()> {
    work.settle().await?;
    let mut seats = queries::seats_of(work.db(), owner).await?;
    seats.retain(|seat| seat.wave_id == wave_id);
    free(work, seats).await
}

/// Освободившееся предлагается листу ожидания, остальное снова продаётся.
async fn free(work: &mut Work, seats: Vec<seat::Model>) -> Result<()> {
    if seats.is_empty() {
        return Ok(());
    }
    let waves =
        Wave::find().filter(wave::Column::Id.is_in(seats.iter().map(|seat| seat.wave_id))).all(work.db()).await?;
    let products = waves.iter().map(|wave| wave.product_id).collect();
    let locked = lock_products(work, &products).await?;
    give_seats_back(work, &seats).await?;
    for product in locked {
        settle(work, product, Cause::Freed).await?;
    }
    Ok(())
}

/// Переводит строки в `released` и вычитает их из волн: вторая такая же попытка уже ничего не найдёт.
pub(super) async fn give_seats_back(work: &Work, seats: &[seat::Model]) -> Result<()> {
    let released = Seat::update_many()
        .col_expr(seat::Column::State, Expr::value(SeatState::Released))
        .col_expr(seat::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(seat::Column::Id.is_in(seats.iter().map(|seat| seat.id)))
        .filter(seat::Column::State.eq(SeatState::Claimed))
        .exec(work.db())
        .await?;
    if released.rows_affected != seats.len() as u64 {
        // Их только что отпустил другой: транзакция повторится и увидит это.
        return Err(errors::busy());
    }
    let mut back: BTreeMap<i64, i64> = BTreeMap::new();
    for seat in seats {
        *back.entry(seat.wave_id).or_default() += seat.quantity;
    }
    for (wave_id, quantity) in back {
        let freed = Wave::update_many()
            .col_expr(wave::Column::CurrentCount, Expr::col(wave::Column::CurrentCount).sub(quantity))
            .filter(wave::Column::Id.eq(wave_id))
            .filter(wave::Column::CurrentCount.gte(quantity))
            .exec(work.db())
            .await?;
        if freed.rows_affected == 0 {
            return Err(errors::broken_seats("released more seats than claimed"));
        }
    }
    Ok(())
}
