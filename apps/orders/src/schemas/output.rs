//! Заказ, каким его видят покупатель и сотрудник.

use chrono::{DateTime, Utc};
use delivery::models::Kind as DeliveryKind;
use delivery::schemas::QuoteOut;
use kernel::{Ctx, Money, Timestamp};
use preorders::models::wave;
use preorders::queries::Waves;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::models::{Kind, PaymentStatus, Status, history, order, order_item, stage};
use crate::settings::{OrderSettings, StageSettings};

fn utc(at: Option<Timestamp>) -> Option<DateTime<Utc>> {
    at.map(|at| at.and_utc())
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Строка заказа.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderItemOut {
    pub id: i64,
    pub product_id: i64,
    pub variant_id: i64,
    pub product_name: String,
    pub article: String,
    pub variant_title: String,
    pub size: Option<String>,
    pub image_url: Option<String>,
    pub quantity: i64,
    /// За штуку.
    pub price: Money,
    pub amount: Money,
    /// Доля скидки заказа.
    pub discount_amount: Money,
    /// Сколько от строки платят потом, остатком после задатка.
    pub balance_amount: Money,
    /// Когда магазин отменил строку: её волна не состоялась, деньги возвращены.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Магазин отменил строку до оплаты: в суммах заказа её больше нет.
    pub is_dropped: bool,
    /// За сколько штук деньги уже вернули или обещали вернуть.
    pub refunded_quantity: i64,
    /// Сколько штук не поехало или вернулось на склад.
    pub restocked_quantity: i64,
    pub is_preorder: bool,
    pub preorder_wave: Option<i32>,
    /// Что с волной этой строки; `null` — строка не предзаказ.
    pub preorder: Option<OrderPreorderOut>,
    pub created_at: DateTime<Utc>,
}

/// Волна строки заказа.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderPreorderOut {
    pub wave_id: i64,
    pub status: preorders::models::Status,
    /// Состояние словами, на языке запроса.
    pub title: String,
    /// Последние слова магазина о волне.
    pub message: Option<String>,
    /// Обещанное начало отправки.
    pub ships_at: Option<DateTime<Utc>>,
}

impl OrderPreorderOut {
    fn of(ctx: &Ctx, wave: &wave::Model) -> OrderPreorderOut {
        let words = format!("preorders.statuses.{}", wave.status.code());
        OrderPreorderOut {
            wave_id: wave.id,
            status: wave.status,
            title: ctx.texts().get(ctx.lang(), &words, &json!({})),
            message: some(wave.status_message.clone()),
            ships_at: utc(wave.ships_at),
        }
    }
}

impl From<order_item::Model> for OrderItemOut {
    fn from(row: order_item::Model) -> OrderItemOut {
        OrderItemOut {
            id: row.id,
            product_id: row.product_id,
            variant_id: row.variant_id,
            product_name: row.product_name,
            article: row.article,
            variant_title: row.variant_title,
            size: row.size,
            image_url: row.image_url,
            quantity: row.quantity,
            price: row.price,
            amount: row.amount,
            discount_amount: row.discount_amount,
            balance_amount: row.balance_amount,
            cancelled_at: utc(row.cancelled_at),
            is_dropped: row.is_dropped,
            refunded_quantity: row.refunded_quantity,
            restocked_quantity: row.restocked_quantity,
            is_preorder: row.is_preorder,
            preorder_wave: row.preorder_wave,
            preorder: None,
            created_at: row.created_at.and_utc(),
        }
    }
}

/// Доставка заказа.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderDeliveryOut {
    /// `null` — способ согласует менеджер.
    pub method: Option<String>,
    pub kind: Option<DeliveryKind>,
    pub title: Option<String>,
    pub price: Money,
    pub address: Option<String>,
    pub postal_code: Option<String>,
    pub cdek_point: Option<String>,
    pub pickup_point_id: Option<i64>,
    pub tracking_number: Option<String>,
}

/// Кто получит заказ.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderContactOut {
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// Заказ. `total_amount` — товары и доставка, `final_amount` — к оплате.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderOut {
    pub id: i64,
    #[schema(example = "MS-20260302-1A2B3C4D")]
    pub order_number: String,
    pub items_amount: Money,
    pub delivery_amount: Money,
    pub total_amount: Money,
    pub discount_amount: Money,
    pub promo_code: Option<String>,
    pub final_amount: Money,
    pub refunded_amount: Money,
    /// Получено, вместе с возвращённым потом.
    pub paid_amount: Money,
    /// Первый платёж, если часть предзаказа продана с задатком; `null` — платят сразу всё.
    pub deposit_amount: Option<Money>,
    /// Остаток: платят, когда вещи готовы. 0 — второго платежа не будет.
    pub balance_amount: Money,
    /// Когда магазин попросил остаток.
    pub balance_asked_at: Option<DateTime<Utc>>,
    pub balance_paid_at: Option<DateTime<Utc>>,
    pub currency: String,
    pub status: Status,
    pub payment_status: PaymentStatus,
    pub payment_provider: String,
    pub tracking_number: Option<String>,
    pub delivery_address: Option<String>,
    pub postal_code: Option<String>,
    pub cdek_point: Option<String>,
    /// Где заплатить; `null` — платить не нужно или нечем.
    pub payment_url: Option<String>,
    pub receipt_url: Option<String>,
    pub comment: Option<String>,
    pub cancel_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Когда неоплаченный заказ отменится сам.
    pub expires_at: Option<DateTime<Utc>>,
    pub paid_at: Option<DateTime<Utc>>,
    pub shipped_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub delivery: OrderDeliveryOut,
    pub contact: OrderContactOut,
    pub items: Vec<OrderItemOut>,
}

impl OrderOut {
    pub fn of(order: order::Model, items: Vec<order_item::Model>, payment_url: Option<String>) -> OrderOut {
        let waits_for_first = order.status == Status::Pending && order.paid_at.is_none();
        let waits_for_money = waits_for_first || !order.balance_due().is_zero();
        let paid_amount = order.received();
        let address = some(order.delivery_address);
        OrderOut {
            id: order.id,
            order_number: order.number,
            items_amount: order.items_amount,
            delivery_amount: order.delivery_amount,
            total_amount: order.total_amount,
            discount_amount: order.discount_amount,
            promo_code: order.promo_code,
            final_amount: order.final_amount,
            refunded_amount: order.refunded_amount,
            paid_amount,
            deposit_amount: order.deposit_amount,
            balance_amount: order.balance_amount,
            balance_asked_at: utc(order.balance_asked_at),
            balance_paid_at: utc(order.balance_paid_at),
            currency: order.currency,
            status: order.status,
            payment_status: order.payment_status,
            payment_provider: order.payment_provider,
            tracking_number: order.tracking_number.clone(),
            delivery_address: address.clone(),
            postal_code: order.postal_code.clone(),
            cdek_point: order.cdek_point.clone(),
            payment_url: payment_url.filter(|_| waits_for_money),
            // Чеки 54-ФЗ появятся вместе с кассой.
            receipt_url: None,
            comment: some(order.comment),
            cancel_reason: order.cancel_reason,
            created_at: order.created_at.and_utc(),
            updated_at: order.updated_at.and_utc(),
            expires_at: utc(order.expires_at).filter(|_| waits_for_first),
            paid_at: utc(order.paid_at),
            shipped_at: utc(order.shipped_at),
            delivered_at: utc(order.delivered_at),
            cancelled_at: utc(order.cancelled_at),
            delivery: OrderDeliveryOut {
                method: order.delivery_method,
                kind: order.delivery_kind,
                title: some(order.delivery_title),
                price: order.delivery_amount,
                address,
                postal_code: order.postal_code,
                cdek_point: order.cdek_point,
                pickup_point_id: order.pickup_point_id,
                tracking_number: order.tracking_number,
            },
            contact: OrderContactOut {
                name: some(order.contact_name),
                phone: some(order.contact_phone),
                email: some(order.contact_email),
            },
            items: items.into_iter().map(OrderItemOut::from).collect(),
        }
    }

    /// Дописывает строкам предзаказа их волны.
    pub fn with_waves(mut self, ctx: &Ctx, waves: &Waves) -> OrderOut {
        for item in &mut self.items {
            let wave = item.preorder_wave.and_then(|number| waves.get(&(item.product_id, number)));
            item.preorder = wave.map(|wave| OrderPreorderOut::of(ctx, wave));
        }
        self
    }
}

/// Кто сделал запись истории.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderActor)]
pub enum Who {
    Customer,
    Staff,
    System,
}

impl Who {
    /// По метке `Actor::label`: хозяин заказа и гость — покупатель.
    fn of(label: &str, owner: Option<i64>) -> Who {
        match label.split_once(':') {
            Some(("user", id)) if owner.is_some() && owner == id.parse().ok() => Who::Customer,
            Some(("user", _)) => Who::Staff,
            Some(_) => Who::System,
            None => Who::Customer,
        }
    }
}

/// Запись истории.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderHistoryOut {
    pub kind: Kind,
    pub from_status: Option<Status>,
    pub to_status: Option<Status>,
    pub stage: Option<String>,
    /// Код причины.
    pub reason: Option<String>,
    /// Причина или запись словами, на языке запроса.
    pub message: Option<String>,
    /// Слова сотрудника или покупателя.
    pub note: Option<String>,
    pub actor: Who,
    pub created_at: DateTime<Utc>,
}

impl OrderHistoryOut {
    pub fn of(ctx: &Ctx, row: history::Model, owner: Option<i64>) -> OrderHistoryOut {
        let message = row.reason.as_ref().and_then(|code| reason_text(ctx, code));
        OrderHistoryOut {
            kind: row.kind,
            from_status: row.from_status,
            to_status: row.to_status,
            stage: row.stage,
            reason: row.reason,
            message,
            note: some(row.note),
            actor: Who::of(&row.actor, owner),
            created_at: row.created_at.and_utc(),
        }
    }

    /// Само оформление: первая запись, которую хранит строка заказа.
    pub fn placed(ctx: &Ctx, order: &order::Model) -> OrderHistoryOut {
        OrderHistoryOut {
            kind: Kind::Status,
            from_status: None,
            to_status: Some(Status::Pending),
            stage: None,
            reason: Some("placed".to_owned()),
            message: reason_text(ctx, "placed"),
            note: None,
            actor: Who::Customer,
            created_at: order.created_at.and_utc(),
        }
    }

    /// Платить нечего: запись, которую хранит сумма заказа.
    pub fn free(ctx: &Ctx, order: &order::Model) -> OrderHistoryOut {
        OrderHistoryOut {
            from_status: Some(Status::Pending),
            to_status: Some(Status::Paid),
            reason: Some("nothing_to_pay".to_owned()),
            message: reason_text(ctx, "nothing_to_pay"),
            actor: Who::System,
            ..OrderHistoryOut::placed(ctx, order)
        }
    }
}

fn reason_text(ctx: &Ctx, code: &str) -> Option<String> {
    ctx.texts().find(ctx.lang(), &format!("orders.reasons.{code}"), &json!({}))
}

/// Этап заказа.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderStageOut {
    pub code: String,
    pub title: String,
    pub planned_at: Option<DateTime<Utc>>,
    pub done_at: Option<DateTime<Utc>>,
}

impl OrderStageOut {
    /// Этапы из настройки по порядку, с датами этого заказа.
    pub fn all(ctx: &Ctx, rows: &[stage::Model]) -> Vec<OrderStageOut> {
        let settings = ctx.section::<OrderSettings>();
        let out = |stage: &StageSettings| {
            let row = rows.iter().find(|row| row.code == stage.code);
            OrderStageOut {
                code: stage.code.clone(),
                title: title_of(ctx, stage),
                planned_at: utc(row.and_then(|row| row.planned_at)),
                done_at: utc(row.and_then(|row| row.done_at)),
            }
        };
        settings.stages.iter().map(out).collect()
    }
}

fn title_of(ctx: &Ctx, stage: &StageSettings) -> String {
    let configured = match ctx.lang() {
        kernel::Lang::En if !stage.title_en.is_empty() => &stage.title_en,
        _ => &stage.title,
    };
    if !configured.is_empty() {
        return configured.clone();
    }
    ctx.texts()
        .find(ctx.lang(), &format!("orders.stages.{}", stage.code), &json!({}))
        .unwrap_or_else(|| stage.code.clone())
}

/// Заказ с историей и этапами.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderDetailOut {
    #[serde(flatten)]
    pub order: OrderOut,
    /// Ключ, открывающий этот заказ без входа; сотруднику не отдаётся.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Может ли покупатель отменить заказ сам.
    pub can_cancel: bool,
    /// Куда сотрудник может перевести заказ; покупателю не отдаётся.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_statuses: Option<Vec<Status>>,
    pub stages: Vec<OrderStageOut>,
    pub history: Vec<OrderHistoryOut>,
}

/// Оформленное: заказ или, если смешанную корзину велено делить, два.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum PlacedOut {
    One(Box<OrderDetailOut>),
    Many(Vec<OrderDetailOut>),
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderList {
    pub orders: Vec<OrderOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Что помешает оформить заказ.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderProblem {
    /// Где: `items[0].quantity`, `delivery`, `promo_code`.
    pub field: Option<String>,
    pub code: String,
    /// Словами, на языке запроса.
    pub message: String,
}

/// Строка расчёта.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuoteLineOut {
    pub product_id: i64,
    pub variant_id: i64,
    pub product_name: String,
    pub size: Option<String>,
    pub quantity: i64,
    pub price: Money,
    pub amount: Money,
    /// Доля скидки заказа.
    pub discount_amount: Money,
    /// Сколько от строки платят потом, остатком после задатка.
    pub balance_amount: Money,
    pub available: i64,
}

/// Расчёт заказа: суммы и всё, что помешает его оформить.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderQuoteOut {
    pub lines: Vec<QuoteLineOut>,
    pub delivery: Option<QuoteOut>,
    pub items_amount: Money,
    pub delivery_amount: Money,
    pub total_amount: Money,
    pub discount_amount: Money,
    pub final_amount: Money,
    /// Остаток после задатка: сейчас платят `final_amount − balance_amount`.
    pub balance_amount: Money,
    pub currency: String,
    /// Пусто — заказ можно оформить.
    pub problems: Vec<OrderProblem>,
}

/// Начатая оплата.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentStartedOut {
    pub payment_id: uuid::Uuid,
    /// `null` — платят при получении.
    pub confirmation_url: Option<String>,
    pub order_number: String,
    pub status: payments::models::Status,
    pub amount: Money,
    pub currency: String,
}
