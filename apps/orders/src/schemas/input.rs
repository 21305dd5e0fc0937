//! Тела запросов покупателя. Незнакомые поля не замечаются: старые клиенты шлют лишнее.

use accounts::contacts::Email;
use accounts::phones;
use cart::CartOwner;
use delivery::schemas::{DeliveryIn, check_cdek_point};
use garde::Validate;
use kernel::{Error, Lang, Result};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::calculations::{MAX_LINES, MAX_QUANTITY};
use crate::services::{Contact, Goods, NewOrder, WantedLine};

/// Строка заказа.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
pub struct OrderItemIn {
    #[garde(skip)]
    pub product_id: i64,
    /// У товара без размеров не нужен.
    #[garde(length(chars, max = 50))]
    pub size: Option<String>,
    #[garde(range(min = 1, max = MAX_QUANTITY))]
    #[serde(default = "one")]
    pub quantity: i64,
}

fn one() -> i64 {
    1
}

/// Кто получит заказ. Вошедшему хватает профиля; гостю нужны имя, телефон и почта.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[schema(as = OrderContactIn)]
pub struct ContactIn {
    #[garde(length(chars, max = 300))]
    pub name: Option<String>,
    #[garde(length(chars, max = 40))]
    pub phone: Option<String>,
    #[garde(length(chars, max = 254))]
    pub email: Option<String>,
}

/// Новый заказ: `items` или `from_cart`.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
pub struct OrderIn {
    #[garde(length(max = MAX_LINES), dive, custom(items_or_cart(&self.from_cart)))]
    #[serde(default)]
    pub items: Vec<OrderItemIn>,
    /// Взять строки из корзины и опустошить её.
    #[garde(skip)]
    #[serde(default)]
    pub from_cart: bool,
    #[garde(length(chars, max = 500))]
    pub delivery_address: Option<String>,
    #[garde(inner(length(chars, max = 50)), custom(check_cdek_point))]
    pub cdek_point: Option<String>,
    #[garde(length(chars, max = 12))]
    pub postal_code: Option<String>,
    /// Способ и адрес подробнее; поля контракта выше дополняют его.
    #[garde(dive)]
    pub delivery: Option<DeliveryIn>,
    #[garde(length(chars, max = 50))]
    pub promo_code: Option<String>,
    #[garde(dive)]
    pub contact: Option<ContactIn>,
    #[garde(length(chars, max = 1000))]
    pub comment: Option<String>,
    /// Чем платить: `cash` — при получении; без поля — провайдер магазина.
    #[garde(length(chars, max = 30))]
    pub payment_provider: Option<String>,
}

fn items_or_cart(from_cart: &bool) -> impl FnOnce(&Vec<OrderItemIn>, &()) -> garde::Result + '_ {
    move |items, _| match (items.is_empty(), *from_cart) {
        (true, false) => Err(garde::Error::new("empty_list")),
        (false, true) => Err(garde::Error::new("orders.items_and_cart")),
        _ => Ok(()),
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

impl OrderIn {
    /// Заказ словами службы; телефон и почта разобраны, ошибка называет поле.
    pub fn into_order(self, user_id: Option<i64>, cart: CartOwner, lang: Lang) -> Result<NewOrder> {
        let goods = match self.from_cart {
            true => Goods::Cart(cart),
            false => Goods::Lines(self.items.into_iter().map(WantedLine::from).collect()),
        };
        let mut delivery = self.delivery.unwrap_or_default();
        delivery.address = filled(delivery.address).or(filled(self.delivery_address));
        delivery.cdek_point = filled(delivery.cdek_point).or(filled(self.cdek_point));
        delivery.postal_code = filled(delivery.postal_code).or(filled(self.postal_code));
        delivery.method = filled(delivery.method);
        Ok(NewOrder {
            user_id,
            goods,
            delivery,
            promo_code: filled(self.promo_code),
            contact: self.contact.unwrap_or_default().into_contact()?,
            comment: filled(self.comment).unwrap_or_default(),
            payment_provider: filled(self.payment_provider),
            lang,
        })
    }
}

impl From<OrderItemIn> for WantedLine {
    fn from(item: OrderItemIn) -> WantedLine {
        WantedLine { product_id: item.product_id, size: item.size, quantity: item.quantity }
    }
}

impl ContactIn {
    fn into_contact(self) -> Result<Contact> {
        let bad = |field: &str, code: &str| Error::invalid(&format!("contact.{field}"), code);
        let phone = filled(self.phone)
            .map(|text| phones::parse(&text).ok_or_else(|| bad("phone", "accounts.bad_phone")))
            .transpose()?;
        let email =
            filled(self.email).map(|text| Email::parse(&text).ok_or_else(|| bad("email", "bad_email"))).transpose()?;
        Ok(Contact { name: filled(self.name), phone, email: email.map(|email| email.text) })
    }
}

/// Начать оплату заказа заново; тело необязательно.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
pub struct PayIn {
    /// `cash` — заплатить при получении; без поля — провайдер магазина.
    #[garde(length(chars, max = 30))]
    pub provider: Option<String>,
}

/// Отмена; тело необязательно.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelIn {
    /// Почему — словами.
    #[garde(length(chars, max = 300))]
    pub reason: Option<String>,
}
