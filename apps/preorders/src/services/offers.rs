//! Предложения листу ожидания: места отложены человеку на срок.

use std::collections::BTreeSet;

use accounts::queries::user_contact;
use catalog::models::product;
use catalog::services::waves::lock_products;
use chrono::TimeDelta;
use kernel::{Money, Result, Timestamp, Work};
use notifications::services::tell;
use notifications::{Notice, Person};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use serde_json::json;

use super::claim::{ClaimedLine, give_seats_back, take_seats, write_seats};
use super::settle::{Cause, settle};
use crate::calculations::{self, Place};
use crate::errors;
use crate::events::SeatOffered;
use crate::models::*;
use crate::queries;
use crate::settings::PreorderSettings;

/// Раздаёт свободные места открытых волн очереди: кто раньше встал и кому хватает. Товар заперт; `waves` становятся новыми.
pub(super) async fn offer_seats(work: &mut Work, product_id: i64, waves: &mut [wave::Model]) -> Result<()> {
    let mut places = open_places(waves, work.timestamp());
    if places.is_empty() {
        return Ok(());
    }
    let waiting = queries::queue(product_id).filter(waiting::Column::Status.eq(WaitingStatus::Waiting));
    for entry in waiting.all(work.db()).await? {
        let Some(shares) = calculations::take(&mut places, entry.quantity, Money::ZERO, true) else { continue };
        let line = |share: &calculations::Share| ClaimedLine {
            product_id,
            wave_id: share.wave_id,
            wave_number: share.wave_number,
            line: 0,
            quantity: share.quantity,
        };
        let lines: Vec<ClaimedLine> = shares.iter().map(line).collect();
        take_seats(work, &lines, errors::seats_gone).await?;
        write_seats(work, &entry.offer(), &lines).await?;
        for wave in waves.iter_mut() {
            let taken = lines.iter().filter(|line| line.wave_id == wave.id).map(|line| line.quantity);
            wave.current_count += taken.sum::<i64>();
        }
        make_offer(work, &entry).await?;
    }
    Ok(())
}

fn open_places(waves: &[wave::Model], now: Timestamp) -> Vec<Place> {
    waves.iter().filter(|wave| wave.is_open(now)).map(|wave| Place::of(wave, 0)).collect()
}

async fn make_offer(work: &mut Work, entry: &waiting::Model) -> Result<()> {
    let hours = work.ctx().section::<PreorderSettings>().offer_hours;
    let until = (work.now() + TimeDelta::hours(hours)).naive_utc();
    Waiting::update_many()
        .col_expr(waiting::Column::Status, Expr::value(WaitingStatus::Offered))
        .col_expr(waiting::Column::OfferedUntil, Expr::value(until))
        .col_expr(waiting::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(waiting::Column::Id.eq(entry.id))
        .filter(waiting::Column::Status.eq(WaitingStatus::Waiting))
        .exec(work.db())
        .await?;
    let offered = SeatOffered { waiting_id: entry.id, product_id: entry.product_id, user_id: entry.user_id };
    work.emit(&offered).await?;
    write_letter(work, entry, hours).await
}

async fn write_letter(work: &mut Work, entry: &waiting::Model, hours: i64) -> Result<()> {
    let Some(person) = user_contact(work, entry.user_id).await? else { return Ok(()) };
    let Some(product) = product::Entity::find_by_id(entry.product_id).one(work.db()).await? else { return Ok(()) };
    let site = work.ctx().settings().kernel.server.public_url.trim_end_matches('/').to_owned();
    let data = json!({
        "name": person.full_name,
        "product": product.name,
        "quantity": entry.quantity,
        "hours": hours,
        "url": format!("{site}/p/{}", product.slug),
    });
    let to = Person { user_id: Some(entry.user_id), email: person.email, phone: person.phone, lang: kernel::Lang::Ru };
    tell(work, &to, &Notice { template: "preorders.letters.seat_offered".to_owned(), data, urgent: false }).await
}

/// Человек покупает: его предложения по этим товарам исполнены, отложенное возвращается в волны, откуда покупка его тут же и возьмёт.
/// `true` — предложения были.
pub(super) async fn redeem_offers(work: &mut Work, user_id: i64, products: &BTreeSet<i64>) -> Result<bool> {
    let offers = queries::offers_to(work.db(), user_id, products.iter().copied().collect(), work.timestamp()).await?;
    end_offers(work, &offers, WaitingStatus::Bought).await?;
    Ok(!offers.is_empty())
}

/// Предложение не использовали в срок: места достаются следующему. `false` — его успели использовать.
pub async fn expire_offer(work: &mut Work, waiting_id: i64) -> Result<bool> {
    let Some(entry) = Waiting::find_by_id(waiting_id).one(work.db()).await? else { return Ok(false) };
    let locked = lock_products(work, &BTreeSet::from([entry.product_id])).await?;
    // Под замком товара предложение уже не изменит никто другой.
    let Some(entry) = Waiting::find_by_id(waiting_id).one(work.db()).await? else { return Ok(false) };
    let is_late = entry.offered_until.is_some_and(|until| until <= work.timestamp());
    if !is_late {
        return Ok(false);
    }
    end_offers(work, &[entry], WaitingStatus::Expired).await?;
    for product in locked {
        settle(work, product, Cause::Freed).await?;
    }
    Ok(true)
}

/// Волна больше не набирает: отложенное в ней возвращается, люди ждут дальше.
pub(super) async fn withdraw_offers(work: &mut Work, wave: &wave::Model) -> Result<()> {
    let owners: Vec<String> = queries::owners_in(wave.id, waiting::OFFER).into_tuple().all(work.db()).await?;
    let ids: Vec<i64> = owners.iter().filter_map(|owner| owner.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let offers = Waiting::find().filter(waiting::Column::Id.is_in(ids)).all(work.db()).await?;
    end_offers(work, &offers, WaitingStatus::Waiting).await
}

/// Заканчивает предложения: места возвращаются в волны, запись становится `to`. Товар заперт вызвавшим.
pub(super) async fn end_offers(work: &mut Work, offers: &[waiting::Model], to: WaitingStatus) -> Result<()> {
    if offers.is_empty() {
        return Ok(());
    }
    let seats = queries::offered_seats(work.db(), offers).await?;
    give_seats_back(work, &seats).await?;
    let mut ended = Waiting::update_many()
        .col_expr(waiting::Column::Status, Expr::value(to))
        .col_expr(waiting::Column::OfferedUntil, Expr::value(Option::<Timestamp>::None))
        .col_expr(waiting::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(waiting::Column::Id.is_in(offers.iter().map(|offer| offer.id)))
        .filter(waiting::Column::Status.eq(WaitingStatus::Offered));
    if to != WaitingStatus::Waiting {
        ended = ended.col_expr(waiting::Column::ActiveKey, Expr::value(Option::<String>::None));
    }
    ended.exec(work.db()).await?;
    Ok(())
}
