//! Чек заказа (54-ФЗ): что продано, словами кассы.

use catalog::models::product::{self, ProductKind};
use kernel::{Result, Work};
use payments::receipts::{PaymentSubject, Receipt};
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;

use super::letters::lang_of;
use crate::calculations::{Sold, balance_lines, receipt_lines};
use crate::models::*;

/// Который из платежей заказа.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    First,
    /// Остаток после задатка.
    Balance,
}

/// Чек для платежа за заказ; `None` — провайдер заказа чеков не выдаёт.
pub(super) async fn receipt_of(
    work: &Work,
    order: &order::Model,
    items: &[order_item::Model],
    turn: Turn,
) -> Result<Option<Receipt>> {
    if !payments::providers::issues_receipts(work.ctx(), &order.payment_provider) {
        return Ok(None);
    }
    let goods = goods_of(work, items).await?;
    let kept = items.iter().filter(|item| !item.is_dropped);
    let sold: Vec<Sold> = kept.map(|item| sold(item, goods.contains(&item.product_id))).collect();
    let delivery = match order.delivery_title.as_str() {
        "" => work.ctx().texts().get(lang_of(order), "orders.delivery_line", &serde_json::json!({})),
        title => title.to_owned(),
    };
    let lines = match turn {
        Turn::First => receipt_lines(&sold, order.discount_amount, order.delivery_amount, &delivery),
        Turn::Balance => balance_lines(&sold),
    };
    Ok(Some(Receipt { email: filled(&order.contact_email), phone: filled(&order.contact_phone), lines }))
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn sold(item: &order_item::Model, is_goods: bool) -> Sold {
    Sold {
        item: Some(item.id),
        balance: item.balance_amount,
        name: item.title(),
        quantity: item.quantity,
        amount: item.amount,
        discount: item.discount_amount,
        vat_rate: item.vat_rate,
        subject: if is_goods { PaymentSubject::Goods } else { PaymentSubject::Service },
        is_prepaid: item.is_preorder,
    }
}

/// Какие из товаров — вещи; остальные (услуги, курсы, файлы) в чеке зовутся услугами.
async fn goods_of(work: &Work, items: &[order_item::Model]) -> Result<Vec<i64>> {
    let products = items.iter().map(|item| item.product_id);
    let goods = product::Entity::find()
        .select_only()
        .column(product::Column::Id)
        .filter(product::Column::Id.is_in(products))
        .filter(product::Column::Kind.eq(ProductKind::Goods));
    Ok(goods.into_tuple().all(work.db()).await?)
}
