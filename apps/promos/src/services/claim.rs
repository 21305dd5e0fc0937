//! Занять, отпустить и снова занять использование кода.

use kernel::{Error, Money, OrNotFound, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{NotSet, QuerySelect, Set, UpdateMany};

use super::customers::{Buyer, Marks, count, uncount};
use super::quote::{Quote, check_total};
use crate::known::TOPIC;
use crate::models::promo_code::Column as Code;
use crate::models::promo_use::Column as Use;
use crate::models::{PromoCode, PromoUse, UseState, promo_code, promo_use};
use crate::{errors, queries};

/// Занимает посчитанное использование за владельцем. Кода к этому мигу могло не стать: тогда отказ, и откатывается всё дело вызывающего.
/// Переменились условия — вся транзакция повторится и посчитает по новым.
pub async fn claim(work: &mut Work, owner: &Subject, buyer: &Buyer, quote: &Quote) -> Result<()> {
    let now = work.timestamp();
    let (promo_id, version) = (quote.promo.id, quote.promo.version);
    let taking = taking(promo_id).filter(Code::Version.eq(version));
    work.update_later(promo_id, taking, move |work| Box::pin(refuse(work, promo_id, version))).await?;
    if quote.promo.max_uses_per_customer.is_some() {
        // За счётчики покупателя спорят, а под замком кода двое друг друга не ждут.
        work.settle().await?;
    }
    let marks = Marks::of(work.ctx(), buyer);
    count(work, &quote.promo, &marks).await?;
    let row = promo_use::ActiveModel {
        id: NotSet,
        promo_id: Set(quote.promo.id),
        owner_kind: Set(owner.kind.clone()),
        owner_id: Set(owner.id.clone()),
        user_id: Set(marks.user_id),
        phone_key: Set(marks.phone_key),
        email_key: Set(marks.email_key),
        discount_amount: Set(quote.discount),
        goods_amount: Set(quote.goods),
        state: Set(UseState::Held),
        created_at: Set(now),
        released_at: Set(None),
    };
    work.insert_later(vec![row]).await
}

/// Считанное в памяти устарело: и число использований, и, быть может, условия.
async fn refuse(work: &Work, promo_id: i64, version: i64) -> Result<()> {
    work.ctx().cache().invalidate(TOPIC);
    let promo = locked(work, promo_id).await?;
    if promo.version == version {
        check_total(&promo)?;
    }
    Err(Error::unavailable("database.busy", 1))
}

/// Отпускает использование владельца. Повтор и владелец без кода ничего не меняют.
pub async fn release(work: &mut Work, owner: &Subject) -> Result<()> {
    // Занятое этой же работой ещё могло не дойти до базы.
    work.settle().await?;
    let Some(row) = queries::use_of(work.db(), owner).await? else { return Ok(()) };
    if !move_use(work, row.id, UseState::Held, UseState::Released).await? {
        return Ok(());
    }
    let given_back = PromoCode::update_many()
        .col_expr(Code::CurrentUses, Expr::col(Code::CurrentUses).sub(1))
        .filter(Code::Id.eq(row.promo_id))
        .filter(Code::CurrentUses.gte(1))
        .exec(work.db())
        .await?;
    if given_back.rows_affected == 0 {
        return Err(errors::broken_count("a code gives back more than was taken"));
    }
    uncount(work, row.promo_id, &Marks::of_use(&row)).await
}

/// Снова занимает отпущенное: отменённый заказ всё-таки оплатили. Скидка обещана в срок, поэтому срок и выключатель уже не важны, а
/// пределы — важны: чужое использование не занимают. Повтор ничего не меняет.
pub async fn reclaim(work: &mut Work, owner: &Subject) -> Result<()> {
    let Some(row) = queries::use_of(work.db(), owner).await? else { return Ok(()) };
    if !move_use(work, row.id, UseState::Released, UseState::Held).await? {
        return Ok(());
    }
    let is_taken = taking(row.promo_id).exec(work.db()).await?.rows_affected == 1;
    let promo = locked(work, row.promo_id).await?;
    if !is_taken {
        check_total(&promo)?;
        return Err(Error::unavailable("database.busy", 1));
    }
    count(work, &promo, &Marks::of_use(&row)).await
}

/// Меняет сумму занятого использования: строки с кодом ушли из корзины или вернулись в неё. Владелец без кода ничего не меняет; скидки не
/// осталось — использование отпускают ([`release`]).
pub async fn adjust(work: &mut Work, owner: &Subject, discount: Money, goods: Money) -> Result<()> {
    let Some(row) = queries::use_of(work.db(), owner).await? else { return Ok(()) };
    let (discount, goods) = (Expr::col(Use::DiscountAmount).add(discount), Expr::col(Use::GoodsAmount).add(goods));
    PromoUse::update_many()
        .col_expr(Use::DiscountAmount, discount.clone())
        .col_expr(Use::GoodsAmount, goods)
        .filter(Use::Id.eq(row.id))
        .filter(discount.gt(0))
        .exec(work.db())
        .await?;
    Ok(())
}

/// Одно условное `UPDATE` счётчика с границей в `WHERE`; не задело строку — занять нельзя.
fn taking(promo_id: i64) -> UpdateMany<PromoCode> {
    let has_room = Code::MaxUses.is_null().or(Expr::col(Code::CurrentUses).lt(Expr::col(Code::MaxUses)));
    PromoCode::update_many()
        .col_expr(Code::CurrentUses, Expr::col(Code::CurrentUses).add(1))
        .filter(Code::Id.eq(promo_id))
        .filter(has_room)
}

/// Код, каким он стал: замок показывает его и той транзакции MariaDB, чей снимок старше.
async fn locked(work: &Work, promo_id: i64) -> Result<promo_code::Model> {
    let found = PromoCode::find_by_id(promo_id).lock_exclusive().one(work.db()).await?;
    found.or_not_found(errors::NOT_FOUND)
}

async fn move_use(work: &Work, id: i64, from: UseState, to: UseState) -> Result<bool> {
    let released_at = (to == UseState::Released).then(|| work.timestamp());
    let moved = PromoUse::update_many()
        .col_expr(Use::State, Expr::value(to))
        .col_expr(Use::ReleasedAt, Expr::value(released_at))
        .filter(Use::Id.eq(id))
        .filter(Use::State.eq(from))
        .exec(work.db())
        .await?;
    Ok(moved.rows_affected == 1)
}
