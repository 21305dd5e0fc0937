//! Оформить заказ: всё или ничего, в одной транзакции вызывающего.

use accounts::queries::user_contact;
use catalog::services::stock;
use chrono::TimeDelta;
use delivery::schemas::DeliveryIn;
use delivery::services::Quote;
use kernel::data::Engine;
use kernel::{Error, Lang, Money, OnUnique, Result, Work};
use payments::models::payment;
use payments::providers::cash;
use payments::services::NewPayment;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, Set};

use super::basket::{Basket, Goods, Line};
use super::letters;
use crate::calculations::{Totals, order_number, totals};
use crate::errors;
use crate::events::OrderPlaced;
use crate::models::*;
use crate::settings::OrderSettings;

/// Кто получит заказ; чего нет — возьмётся из профиля.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    pub name: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// Что заказывают.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// `None` — гость.
    pub user_id: Option<i64>,
    pub goods: Goods,
    pub delivery: DeliveryIn,
    pub promo_code: Option<String>,
    pub contact: Contact,
    pub comment: String,
    /// `None` — провайдер магазина; `cash` — при получении.
    pub payment_provider: Option<String>,
    pub lang: Lang,
}

/// Оформленный заказ: ответ собирается из него без единого запроса.
#[derive(Clone, Debug)]
pub struct Placed {
    pub order: order::Model,
    pub items: Vec<order_item::Model>,
    pub payment: payment::Model,
}

/// Проверяет, считает, записывает снимок цен, имён и адреса, заводит платёж и занимает остатки.
///
/// Остатки занимаются последними: ходовая складская строка заперта только до близкой фиксации, и покупатели не стоят друг за другом.
/// Не хватило — откатывается всё.
pub async fn place_order(work: &mut Work, new: &NewOrder) -> Result<Placed> {
    if new.promo_code.is_some() {
        return Err(errors::promo_unavailable());
    }
    let basket = take_basket(work, &new.goods).await?;
    basket.check(work.timestamp())?;
    let contact = full_contact(work, new).await?;
    let items_amount = basket.items_amount()?;
    let quote = quote_delivery(work, new, items_amount).await?;
    let sums = totals(items_amount, quote.price, Money::ZERO).ok_or_else(errors::too_expensive)?;
    let order = insert_order(work, new, &basket, contact, quote, sums).await?;
    let items = insert_items(work, order.id, &basket.lines).await?;
    let payment = payments::services::create_first(work, &terms(work, &order)).await?;
    let placed = OrderPlaced {
        order_id: order.id,
        user_id: order.user_id,
        final_amount: order.final_amount,
        currency: order.currency.clone(),
    };
    work.emit(&placed).await?;
    letters::placed(work, &order, &items, payment.pay_url(work.ctx())).await?;
    stock::claim(work, &order.subject(), &basket.stock_lines()).await?;
    Ok(Placed { order, items, payment })
}

async fn take_basket(work: &mut Work, goods: &Goods) -> Result<Basket> {
    match goods {
        Goods::Lines(wanted) => Basket::of_wanted(work.db(), wanted).await,
        Goods::Cart(owner) => {
            let lines = cart::services::take_lines(work, owner).await?;
            Basket::of_cart(work.db(), &lines).await
        }
    }
}

/// Недостающее — из профиля; гостю взять неоткуда, у него обязательно всё.
async fn full_contact(work: &Work, new: &NewOrder) -> Result<Contact> {
    let given = new.contact.clone();
    if given.name.is_some() && given.phone.is_some() && given.email.is_some() {
        return Ok(given);
    }
    let Some(user_id) = new.user_id else {
        return Err(missing_contact(&given));
    };
    let profile = user_contact(work.db(), user_id).await?.ok_or_else(Error::unauthorized)?;
    Ok(Contact {
        name: given.name.or(Some(profile.full_name)),
        phone: given.phone.or(profile.phone),
        email: given.email.or(profile.email),
    })
}

fn missing_contact(given: &Contact) -> Error {
    let fields = [("name", given.name.is_none()), ("phone", given.phone.is_none()), ("email", given.email.is_none())];
    let missing = fields.into_iter().filter(|(_, missing)| *missing);
    missing.fold(Error::invalid_body(), |error, (field, _)| error.field(&format!("contact.{field}"), "required"))
}

async fn quote_delivery(work: &Work, new: &NewOrder, items_amount: Money) -> Result<Quote> {
    let quote = delivery::services::quote(work.db(), &new.delivery, items_amount).await?;
    if quote.kind.is_none() && work.ctx().section::<OrderSettings>().delivery_required {
        return Err(errors::delivery_required());
    }
    Ok(quote)
}

async fn insert_order(
    work: &Work,
    new: &NewOrder,
    basket: &Basket,
    contact: Contact,
    quote: Quote,
    sums: Totals,
) -> Result<order::Model> {
    let settings = work.ctx().section::<OrderSettings>();
    let provider = payments::providers::for_new(work.ctx(), new.payment_provider.as_deref())?.code();
    let expires_at =
        (provider != cash::CODE).then(|| (work.now() + TimeDelta::minutes(settings.unpaid_ttl_minutes)).naive_utc());
    let row = order::ActiveModel {
        number: Set(order_number(&settings.number_prefix, work.now(), work.ctx().random().bytes())),
        access_token: Set(work.ctx().random().token()),
        user_id: Set(new.user_id),
        status: Set(Status::Pending),
        payment_status: Set(PaymentStatus::Pending),
        payment_provider: Set(provider.to_owned()),
        currency: Set(basket.currency().to_owned()),
        items_amount: Set(sums.items),
        delivery_amount: Set(sums.delivery),
        discount_amount: Set(sums.discount),
        total_amount: Set(sums.total),
        final_amount: Set(sums.to_pay),
        refunded_amount: Set(Money::ZERO),
        contact_name: Set(contact.name.unwrap_or_default()),
        contact_phone: Set(contact.phone.unwrap_or_default()),
        contact_email: Set(contact.email.unwrap_or_default()),
        comment: Set(new.comment.clone()),
        lang: Set(new.lang.code().to_owned()),
        delivery_method: Set(quote.method_code),
        delivery_kind: Set(quote.kind),
        delivery_title: Set(quote.title),
        delivery_address: Set(quote.address),
        postal_code: Set(quote.postal_code),
        cdek_point: Set(quote.cdek_point),
        pickup_point_id: Set(quote.pickup_point_id),
        expires_at: Set(expires_at),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
        ..Default::default()
    };
    // Номер — 32 случайных бита в сутки: совпал — вся транзакция повторится с другим.
    row.insert(work.db()).await.on_unique(|| Error::unavailable("database.busy", 1))
}

async fn insert_items(work: &Work, order_id: i64, lines: &[Line]) -> Result<Vec<order_item::Model>> {
    let row = |line: &Line| order_item::ActiveModel {
        order_id: Set(order_id),
        product_id: Set(line.good.product_id),
        variant_id: Set(line.good.variant_id),
        inventory_item_id: Set(line.inventory_item()),
        product_name: Set(line.good.product_name.clone()),
        article: Set(line.good.article.clone()),
        variant_title: Set(line.good.variant_title.clone()),
        size: Set(line.good.size.clone()),
        image_url: Set(line.good.image_url.clone()),
        quantity: Set(line.quantity),
        price: Set(line.good.price),
        amount: Set(line.amount()),
        vat_rate: Set(line.good.vat_rate),
        weight: Set(line.good.weight),
        is_preorder: Set(false),
        preorder_wave: Set(None),
        created_at: Set(work.timestamp()),
        ..Default::default()
    };
    let rows = OrderItem::insert_many(lines.iter().map(row));
    if work.engine() != Engine::MariaDb {
        return Ok(rows.exec_with_returning(work.db()).await?);
    }
    // MariaDB через SeaORM не отдаёт вставленное: перечитываем.
    rows.exec_without_returning(work.db()).await?;
    let own = OrderItem::find().filter(order_item::Column::OrderId.eq(order_id)).order_by_asc(order_item::Column::Id);
    Ok(own.all(work.db()).await?)
}

/// Условия платежа за заказ.
pub(super) fn terms(work: &Work, order: &order::Model) -> NewPayment {
    NewPayment {
        subject: order.subject(),
        amount: order.final_amount,
        currency: order.currency.clone(),
        description: work.ctx().texts().get(
            letters::lang_of(order),
            "orders.payment_description",
            &serde_json::json!({"number": order.number}),
        ),
        user_id: order.user_id,
        provider: Some(order.payment_provider.clone()),
        return_url: letters::order_url(work.ctx(), order),
    }
}
