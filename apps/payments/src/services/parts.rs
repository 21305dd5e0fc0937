//! Доли платежа за несколько предметов: возврат одного не трогает денег другого. Границу держат условный `UPDATE` и `CHECK` таблицы.

use kernel::{Money, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{NotSet, Set};

use crate::models::{PaymentPart, payment_part};
use crate::{errors, queries};

pub(super) async fn insert(work: &Work, payment_id: i64, parts: &[(Subject, Money)]) -> Result<()> {
    let row = |(subject, amount): &(Subject, Money)| payment_part::ActiveModel {
        id: NotSet,
        payment_id: Set(payment_id),
        subject_kind: Set(subject.kind.clone()),
        subject_id: Set(subject.id.clone()),
        amount: Set(*amount),
        refunded: Set(Money::ZERO),
    };
    Ok(kernel::data::insert_all(work.db(), parts.iter().map(row).collect()).await?)
}

/// Занимает в доле место под возврат. Долю не назвали, а их несколько — отказ.
pub(super) async fn claim(work: &Work, payment_id: i64, part: Option<&Subject>, amount: Money) -> Result<()> {
    let Some(part) = part else {
        let parts = queries::parts_of(work.db(), payment_id).await?;
        return if parts.is_empty() { Ok(()) } else { Err(errors::refund_needs_part()) };
    };
    let more = || Expr::col(payment_part::Column::Refunded).add(amount);
    let claimed = PaymentPart::update_many()
        .col_expr(payment_part::Column::Refunded, more())
        .filter(of(payment_id, part))
        .filter(more().lte(Expr::col(payment_part::Column::Amount)))
        .exec(work.db())
        .await?;
    if claimed.rows_affected == 1 {
        return Ok(());
    }
    let parts = queries::parts_of(work.db(), payment_id).await?;
    let own = parts.iter().find(|row| row.subject() == *part);
    Err(errors::refund_too_big(own.map_or(Money::ZERO, |row| row.amount - row.refunded)))
}

/// Возврат не вышел: место в доле снова свободно.
pub(super) async fn unclaim(work: &Work, payment_id: i64, part: &Subject, amount: Money) -> Result<()> {
    PaymentPart::update_many()
        .col_expr(payment_part::Column::Refunded, Expr::col(payment_part::Column::Refunded).sub(amount))
        .filter(of(payment_id, part))
        .filter(payment_part::Column::Refunded.gte(amount))
        .exec(work.db())
        .await?;
    Ok(())
}

/// Возвращённое мимо нас: чьё оно, провайдер не знает, поэтому делится по оставшемуся в долях.
pub(super) async fn spread(work: &Work, payment_id: i64, amount: Money) -> Result<Vec<(Option<Subject>, Money)>> {
    let parts = queries::parts_of(work.db(), payment_id).await?;
    if parts.is_empty() {
        return Ok(vec![(None, amount)]);
    }
    let left: Vec<Money> = parts.iter().map(|part| part.amount - part.refunded).collect();
    let shares = parts.iter().map(|part| Some(part.subject())).zip(amount.spread(&left));
    Ok(shares.filter(|(_, share)| !share.is_zero()).collect())
}

fn of(payment_id: i64, part: &Subject) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(payment_part::Column::PaymentId.eq(payment_id))
        .add(payment_part::Column::SubjectKind.eq(part.kind.as_str()))
        .add(payment_part::Column::SubjectId.eq(part.id.as_str()))
}
