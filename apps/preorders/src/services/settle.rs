//! Свести товар после перемены в его волнах: освободившееся — листу ожидания, карточка — по волнам.

use catalog::models::product::{self, OrderType};
use catalog::services::waves::{LockedProduct, show_waves};
use kernel::{Lang, Result, Work};
use notifications::services::send_later;
use notifications::{Channel, Message};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::offers::offer_seats;
use crate::calculations::view;
use crate::events::SoldOut;
use crate::queries;
use crate::settings::PreorderSettings;

/// Что случилось с волнами.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Покупатель занял места: листу ожидания предложить нечего, а если они кончились — магазин узнаёт об этом.
    Taken,
    /// Мест прибавилось или переменились сами волны.
    Freed,
}

/// Товар уже заперт. Пока волн у него нет, числа карточки — сотрудника.
pub(super) async fn settle(work: &mut Work, product: LockedProduct, cause: Cause) -> Result<()> {
    let mut waves = queries::waves_of(work.db(), product.id).await?;
    if cause == Cause::Freed {
        offer_seats(work, product.id, &mut waves).await?;
    }
    if waves.is_empty() {
        return Ok(());
    }
    let view = view(&waves, product.order_type, work.timestamp());
    show_waves(work, product, view).await?;
    let sold_out = product.order_type == OrderType::Preorder && view.order_type == OrderType::Waiting;
    if sold_out && cause == Cause::Taken { announce_sold_out(work, product.id).await } else { Ok(()) }
}

/// Строка товара заперта, и вид продажи переменил этот вызов, поэтому новость и письмо — одни.
async fn announce_sold_out(work: &mut Work, product_id: i64) -> Result<()> {
    work.emit(&SoldOut { product_id }).await?;
    tell_staff(work, product_id, "sold_out", json!({})).await
}

/// Письмо магазину о товаре, если магазин назвал адрес.
pub(super) async fn tell_staff(work: &mut Work, product_id: i64, letter: &str, extra: Value) -> Result<()> {
    let to = work.ctx().section::<PreorderSettings>().staff_email.clone();
    let product = product::Entity::find_by_id(product_id).one(work.db()).await?;
    let Some(product) = product.filter(|_| !to.is_empty()) else { return Ok(()) };
    let mut data = json!({"product": product.name, "article": product.article});
    if let (Value::Object(data), Value::Object(extra)) = (&mut data, extra) {
        data.extend(extra);
    }
    let message = Message {
        channel: Channel::Email,
        to,
        template: format!("preorders.letters.{letter}"),
        lang: Lang::Ru,
        data,
        secret: false,
    };
    send_later(work, &message).await
}
