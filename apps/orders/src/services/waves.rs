//! Волна перешла — узнают её заказы: строка состояния и письмо, по заказу на транзакцию. Строка единственна (волна, состояние, заказ),
//! поэтому ни повтор, ни `kill -9` посередине не напишут покупателю дважды.

use kernel::{OrNotFound, Result, Work};
use preorders::events::WaveMoved;
use preorders::models::Status as WaveStatus;

use super::balance::ask_balance;
use super::change_status::change_status;
use super::drop_wave::drop_wave;
use super::letters;
use crate::models::order::subject_of;
use crate::models::*;
use crate::{errors, queries};

/// Говорит одному заказу. О том же уже сказали — отказ `preorders.already_told`.
pub async fn tell_order(work: &mut Work, order_id: i64, moved: &WaveMoved) -> Result<()> {
    let subject = subject_of(order_id);
    preorders::services::tell(work, &subject, moved.wave_id, moved.to, &moved.message).await?;
    let order = queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)?;
    if moved.to == WaveStatus::Cancelled {
        return drop_wave(work, &order, moved).await;
    }
    if moved.to == WaveStatus::Production && order.status == Status::Paid {
        change_status(work, order_id, Status::Processing, "", false).await?;
    }
    let items = queries::items_of(work.db(), vec![order_id]).await?;
    let balance = ask_balance(work, &order, &items).await?;
    letters::wave_moved(work, &order, &items, moved, balance.as_ref()).await
}
