//! Оформить заказ: всё или ничего, в одной транзакции вызывающего.

use accounts::queries::user_contact;
use catalog::services::stock;
use chrono::TimeDelta;
use delivery::schemas::DeliveryIn;
use delivery::services::Quote;
use kernel::{Error, Lang, Money, OnUnique, Result, Work};
use payments::providers::cash;
use preorders::queries::Waves;
use preorders::services::ClaimedLine;
use sea_orm::NotSet;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::basket::{Basket, Goods, Line};
use super::promo::{apply_promo, buyer_of};
use super::terms::first_terms;
use super::{letters, mark_paid};
use crate::calculations::{order_number, totals};
use crate::errors;
use crate::events::OrderPlaced;
use crate::models::*;
use crate::queries;
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
    /// Страница оплаты; `None` — платят при получении.
    pub pay_url: Option<String>,
    /// Волны строк предзаказа.
    pub waves: Waves,
}

/// Оформляет корзину: обычно одним заказом, а смешанную при `orders.mixed = "split"` — двумя, сначала складской. Всё или ничего.
///
/// Доставка считается один раз, по всей корзине, и стоит в первом заказе: второй отправкой покупатель не платит дважды. Промокод — одно
/// использование на всю корзину. Платёж тоже один, если платят в интернете: при получении за каждую отправку платят порознь.
pub async fn place_orders(work: &mut Work, new: &NewOrder) -> Result<Vec<Placed>> {
    let mut basket = take_basket(work, new).await?;
    basket.check(work.timestamp())?;
    let contact = full_contact(work, new).await?;
    let buyer = buyer_of(new, &contact);
    let promo = apply_promo(work.ctx(), work.db(), new, &mut basket).await?;
    let mut quote = quote_delivery(work, new, basket.items_amount()?).await?;
    let parts = basket.parts(work.ctx().section::<OrderSettings>().mixed);
    let checkout = (parts.len() > 1).then(|| work.ctx().random().token());
    let mut drafts = Vec::with_capacity(parts.len());
    for basket in parts {
        let part = Part { basket, quote: quote.clone(), promo: promo.as_ref(), checkout: checkout.clone() };
        drafts.push(write_order(work, new, part, contact.clone()).await?);
        quote.price = Money::ZERO;
    }
    bill(work, &mut drafts).await?;
    for draft in &drafts {
        announce(work, draft).await?;
    }
    claim_goods(work, &drafts).await?;
    if let (Some(promo), Some(first)) = (&promo, drafts.first()) {
        promos::services::claim(work, &first.order.promo_owner(), &buyer, promo).await?;
    }
    for draft in &drafts {
        claim_seats(work, draft).await?;
    }
    Ok(drafts.into_iter().map(Draft::placed).collect())
}

/// Из чего получится один заказ корзины.
struct Part<'a> {
    basket: Basket,
    quote: Quote,
    promo: Option<&'a promos::services::Quote>,
    checkout: Option<String>,
}

/// Записанный заказ, который ещё ничего не занял.
struct Draft {
    order: order::Model,
    items: Vec<order_item::Model>,
    basket: Basket,
    pay_url: Option<String>,
}

impl Draft {
    fn placed(self) -> Placed {
        Placed { order: self.order, items: self.items, pay_url: self.pay_url, waves: self.basket.waves }
    }
}

/// Снимок цен, имён и адреса.
async fn write_order(work: &mut Work, new: &NewOrder, part: Part<'_>, contact: Contact) -> Result<Draft> {
    let order = insert_order(work, new, &part, contact).await?;
    let items = insert_items(work, order.id, &part.basket.lines).await?;
    Ok(Draft { order, items, basket: part.basket, pay_url: None })
}

/// Платежи. Платить нечего — заказ сразу оплачен, без платежа: нулевых платежей не бывает ни у нас, ни у провайдеров.
async fn bill(work: &mut Work, drafts: &mut [Draft]) -> Result<()> {
    let mut billed: Vec<&mut Draft> = drafts.iter_mut().filter(|draft| !draft.order.is_free()).collect();
    if billed.len() > 1 && !billed[0].order.is_cash() {
        return bill_together(work, &mut billed).await;
    }
    for draft in billed {
        let terms = first_terms(work, &[(&draft.order, &draft.items)]).await?;
        draft.pay_url = payments::services::create_first(work, &terms).await?;
    }
    Ok(())
}

async fn bill_together(work: &mut Work, drafts: &mut [&mut Draft]) -> Result<()> {
    for draft in drafts.iter_mut() {
        draft.order.joint_payment = true;
    }
    set_joint(work, drafts.iter().map(|draft| draft.order.id).collect()).await?;
    let orders: Vec<_> = drafts.iter().map(|draft| (&draft.order, draft.items.as_slice())).collect();
    let terms = first_terms(work, &orders).await?;
    let payment = payments::services::create(work, &terms).await?;
    for draft in drafts.iter_mut() {
        draft.pay_url = payment.pay_url(work.ctx());
    }
    Ok(())
}

async fn set_joint(work: &Work, ids: Vec<i64>) -> Result<()> {
    Order::update_many()
        .col_expr(order::Column::JointPayment, Expr::value(true))
        .filter(order::Column::Id.is_in(ids))
        .exec(work.db())
        .await?;
    Ok(())
}

/// Новость и письмо.
async fn announce(work: &mut Work, draft: &Draft) -> Result<()> {
    let order = &draft.order;
    let placed = OrderPlaced {
        order_id: order.id,
        user_id: order.user_id,
        final_amount: order.final_amount,
        currency: order.currency.clone(),
    };
    work.emit(&placed).await?;
    if order.is_free() {
        mark_paid::announce_free(work, order).await?;
    }
    letters::placed(work, order, &draft.items, draft.pay_url.clone()).await
}

/// Остатки, код и места занимаются последними и в этом порядке: ходовая строка заперта только до близкой фиксации, и покупатели не стоят
/// друг за другом. Не хватило — откатывается всё.
async fn claim_goods(work: &mut Work, drafts: &[Draft]) -> Result<()> {
    for draft in drafts {
        stock::claim(work, &draft.order.subject(), &draft.basket.stock_lines()).await?;
    }
    Ok(())
}

async fn take_basket(work: &mut Work, new: &NewOrder) -> Result<Basket> {
    match &new.goods {
        Goods::Lines(wanted) => Basket::of_wanted(work.ctx(), work.db(), new.user_id, wanted).await,
        Goods::Cart(owner) => {
            let lines = cart::services::take_lines(work, owner).await?;
            Basket::of_cart(work.ctx(), work.db(), new.user_id, &lines).await
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
    let profile = user_contact(work, user_id).await?.ok_or_else(Error::unauthorized)?;
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
    let quote = delivery::services::quote(work.ctx(), work.db(), &new.delivery, items_amount).await?;
    if quote.kind.is_none() && work.ctx().section::<OrderSettings>().delivery_required {
        return Err(errors::delivery_required());
    }
    Ok(quote)
}

async fn insert_order(work: &Work, new: &NewOrder, part: &Part<'_>, contact: Contact) -> Result<order::Model> {
    let settings = work.ctx().section::<OrderSettings>();
    let Part { basket, promo, checkout, .. } = part;
    let (quote, checkout) = (part.quote.clone(), checkout.clone());
    let sums = totals(basket.items_amount()?, quote.price, basket.discount()).ok_or_else(errors::too_expensive)?;
    // Код стоит в тех заказах корзины, которые удешевил; в единственном — в любом случае.
    let promo = promo.filter(|_| checkout.is_none() || !sums.discount.is_zero());
    let balance = basket.balance();
    let is_free = sums.to_pay.is_zero();
    let provider = payments::providers::for_new(work.ctx(), new.payment_provider.as_deref())?.code();
    let expires_at = (provider != cash::CODE && !is_free)
        .then(|| (work.now() + TimeDelta::minutes(settings.unpaid_ttl_minutes)).naive_utc());
    let order = order::Model {
        id: 0,
        number: order_number(&settings.number_prefix, work.now(), work.ctx().random().bytes()),
        access_token: work.ctx().random().token(),
        user_id: new.user_id,
        status: if is_free { Status::Paid } else { Status::Pending },
        payment_status: if is_free { PaymentStatus::Succeeded } else { PaymentStatus::Pending },
        payment_provider: provider.to_owned(),
        payment_id: None,
        checkout,
        joint_payment: false,
        currency: basket.currency().to_owned(),
        items_amount: sums.items,
        delivery_amount: sums.delivery,
        discount_amount: sums.discount,
        promo_code_id: promo.map(|quote| quote.promo.id),
        promo_code: promo.map(|quote| quote.promo.code.clone()),
        total_amount: sums.total,
        final_amount: sums.to_pay,
        refunded_amount: Money::ZERO,
        deposit_amount: (!balance.is_zero()).then(|| sums.to_pay - balance),
        balance_amount: balance,
        balance_payment_id: None,
        balance_asked_at: None,
        balance_paid_at: None,
        balance_reminders: 0,
        contact_name: contact.name.unwrap_or_default(),
        contact_phone: contact.phone.unwrap_or_default(),
        contact_email: contact.email.unwrap_or_default(),
        comment: new.comment.clone(),
        lang: new.lang.code().to_owned(),
        delivery_method: quote.method_code,
        delivery_kind: quote.kind,
        delivery_title: quote.title,
        delivery_address: quote.address,
        postal_code: quote.postal_code,
        cdek_point: quote.cdek_point,
        pickup_point_id: quote.pickup_point_id,
        tracking_number: None,
        cancel_reason: None,
        expires_at,
        created_at: work.timestamp(),
        updated_at: work.timestamp(),
        paid_at: None,
        shipped_at: None,
        delivered_at: None,
        cancelled_at: None,
    };
    let row = order::ActiveModel { id: NotSet, ..order.clone().into() };
    // Номер — 32 случайных бита в сутки: совпал — вся транзакция повторится с другим.
    let inserted = Order::insert(row).exec(work.db()).await.on_unique(|| Error::unavailable("database.busy", 1))?;
    Ok(order::Model { id: inserted.last_insert_id, ..order })
}

/// Ответ собирается из того, что пишется: база добавляет только номера.
async fn insert_items(work: &mut Work, order_id: i64, lines: &[Line]) -> Result<Vec<order_item::Model>> {
    let now = work.timestamp();
    let item = |line: &Line| order_item::Model {
        id: 0,
        order_id,
        product_id: line.good.product_id,
        variant_id: line.good.variant_id,
        inventory_item_id: line.inventory_item(),
        product_name: line.good.product_name.clone(),
        article: line.good.article.clone(),
        variant_title: line.good.variant_title.clone(),
        size: line.good.size.clone(),
        image_url: line.good.image_url.clone(),
        quantity: line.quantity,
        price: line.good.price,
        amount: line.amount(),
        discount_amount: line.discount,
        balance_amount: line.balance(),
        vat_rate: line.good.vat_rate,
        weight: line.good.weight,
        is_preorder: line.share.is_some(),
        preorder_wave: line.share.as_ref().map(|share| share.wave_number),
        cancelled_at: None,
        is_dropped: false,
        refunded_quantity: 0,
        restocked_quantity: 0,
        created_at: now,
    };
    let items: Vec<order_item::Model> = lines.iter().map(item).collect();
    let rows = items.iter().map(|item| order_item::ActiveModel { id: NotSet, ..item.clone().into() }).collect();
    match work.insert_many_numbered(rows).await? {
        Some(ids) => Ok(items.into_iter().zip(ids).map(|(item, id)| order_item::Model { id, ..item }).collect()),
        None => queries::items_of(work.db(), vec![order_id]).await,
    }
}

/// Места предзаказа, как посчитано. Пока считали, их заняли — вся транзакция повторится и посчитает по-новому.
async fn claim_seats(work: &mut Work, draft: &Draft) -> Result<()> {
    let Draft { order, items, basket, .. } = draft;
    let claimed = |(line, item): (&Line, &order_item::Model)| {
        let share = line.share.as_ref()?;
        let (product_id, wave_id) = (share.product_id, share.wave_id);
        Some(ClaimedLine {
            product_id,
            wave_id,
            wave_number: share.wave_number,
            line: item.id,
            quantity: share.quantity,
        })
    };
    let seats: Vec<ClaimedLine> = basket.lines.iter().zip(items).filter_map(claimed).collect();
    let with_offer = order.user_id.filter(|_| basket.has_offers);
    let again = || Error::unavailable("database.busy", 1);
    preorders::services::claim(work, &order.subject(), with_offer, &seats, again).await
}
