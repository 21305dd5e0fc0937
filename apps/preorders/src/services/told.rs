//! Отметить, что владельцу мест сообщили о состоянии волны.

use kernel::{OnUnique, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{NotSet, Set};

use crate::errors;
use crate::models::*;

/// Пишет строку; такая уже есть — отказ [`errors::ALREADY_TOLD`], и письма в этой транзакции не будет.
pub async fn tell(work: &mut Work, owner: &Subject, wave_id: i64, status: Status, message: &str) -> Result<()> {
    let row = told::ActiveModel {
        id: NotSet,
        wave_id: Set(wave_id),
        owner_kind: Set(owner.kind.clone()),
        owner_id: Set(owner.id.clone()),
        status: Set(status),
        status_message: Set(message.to_owned()),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
    };
    Told::insert(row).exec_without_returning(work.db()).await.on_unique(errors::already_told)?;
    Ok(())
}
