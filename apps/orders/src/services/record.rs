//! Строка истории заказа.

use kernel::{Result, Work};
use sea_orm::{EntityTrait, Set};

use crate::models::*;

/// Что записать; чего нет — пусто.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry<'a> {
    pub from: Option<Status>,
    pub to: Option<Status>,
    pub stage: Option<&'a str>,
    /// Код причины; слова — `orders.reasons.<код>`.
    pub reason: Option<&'a str>,
    pub note: &'a str,
}

pub(super) async fn record(work: &Work, order_id: i64, kind: Kind, entry: Entry<'_>) -> Result<()> {
    let row = history::ActiveModel {
        order_id: Set(order_id),
        kind: Set(kind),
        from_status: Set(entry.from),
        to_status: Set(entry.to),
        stage: Set(entry.stage.map(str::to_owned)),
        reason: Set(entry.reason.map(str::to_owned)),
        note: Set(entry.note.chars().take(1000).collect()),
        actor: Set(work.actor().label()),
        created_at: Set(work.timestamp()),
        ..Default::default()
    };
    History::insert(row).exec_without_returning(work.db()).await?;
    Ok(())
}

/// Переход состояния.
pub(super) async fn record_move(
    work: &Work,
    order: &order::Model,
    to: Status,
    reason: Option<&str>,
    note: &str,
) -> Result<()> {
    let entry = Entry { from: Some(order.status), to: Some(to), reason, note, ..Entry::default() };
    record(work, order.id, Kind::Status, entry).await
}

/// Случилось с деньгами.
pub(super) async fn record_payment(work: &Work, order_id: i64, reason: &str, note: &str) -> Result<()> {
    record(work, order_id, Kind::Payment, Entry { reason: Some(reason), note, ..Entry::default() }).await
}
