//! Единственные двери к столбцу `status` и к истории.

use kernel::{Money, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{NotSet, Set};

use crate::models::{Kind, Payment, PaymentEvent, Status, payment, payment_event};

/// Переводит платёж в `to`, если он сейчас в одном из `from`; `false` — кто-то успел раньше.
pub(super) async fn change_status(
    work: &Work,
    id: i64,
    from: &[Status],
    to: Status,
    reason: Option<&str>,
) -> Result<bool> {
    debug_assert!(from.iter().all(|status| status.can_become(to)), "illegal payment transition to {to:?}");
    let mut update = Payment::update_many()
        .col_expr(payment::Column::Status, Expr::value(to))
        .col_expr(payment::Column::Reason, Expr::value(reason.map(|text| clip(text, 100))))
        .col_expr(payment::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(payment::Column::Id.eq(id))
        .filter(payment::Column::Status.is_in(from.iter().copied()));
    if matches!(to, Status::Succeeded | Status::Cancelled | Status::Failed) {
        update = update.col_expr(payment::Column::OpenSubject, Expr::value(Option::<String>::None));
    }
    // Отменённый у нас ещё надо отменить у провайдера, поэтому сверка его не бросает.
    if matches!(to, Status::Succeeded | Status::Failed | Status::Attention) {
        update = update.col_expr(payment::Column::NextCheckAt, Expr::value(Option::<kernel::Timestamp>::None));
    }
    if to == Status::Succeeded {
        update = update
            .col_expr(payment::Column::Captured, Expr::col(payment::Column::Amount))
            .col_expr(payment::Column::PaidAt, Expr::value(work.timestamp()));
    }
    Ok(update.exec(work.db()).await?.rows_affected == 1)
}

/// Строка истории.
pub(super) async fn record(work: &Work, payment_id: i64, kind: Kind, amount: Option<Money>, note: &str) -> Result<()> {
    let row = payment_event::ActiveModel {
        id: NotSet,
        payment_id: Set(payment_id),
        kind: Set(kind),
        amount: Set(amount),
        note: Set(clip(note, 500)),
        actor: Set(work.actor().label()),
        created_at: Set(work.timestamp()),
    };
    PaymentEvent::insert(row).exec_without_returning(work.db()).await?;
    Ok(())
}

/// Обрезает по числу знаков столбца.
pub(super) fn clip(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
