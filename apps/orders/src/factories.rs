//! Готовые заказы для тестов и демонстрации: названо только важное.

use cart::CartOwner;
use kernel::{Actor, App, Ctx, Lang, Result, Work};

use crate::errors;
use crate::services::{self, Contact, Goods, NewOrder, Placed, WantedLine};

/// Заказы и все, кого они зовут, по порядку миграций: магазин для тестов заказов и тех, кто выше.
pub fn apps() -> Vec<App> {
    vec![
        notifications::app(),
        accounts::app(),
        delivery::app(),
        payments::app(),
        catalog::app(),
        promos::app(),
        preorders::app(),
        cart::app(),
        crate::app(),
    ]
}

/// Заказ на одну штуку товара без доставки; гость, если не назван `user_id`.
pub fn new_order(product_id: i64, user_id: Option<i64>) -> NewOrder {
    NewOrder {
        user_id,
        goods: Goods::Lines(vec![WantedLine { product_id, size: None, quantity: 1 }]),
        delivery: Default::default(),
        promo_code: None,
        contact: Contact {
            name: Some("Анна Иванова".into()),
            phone: Some("+79160000000".into()),
            email: Some("anna@example.com".into()),
        },
        comment: String::new(),
        payment_provider: None,
        lang: Lang::Ru,
    }
}

/// Всё, что лежит в корзине.
pub fn from_cart(owner: CartOwner, user_id: Option<i64>) -> NewOrder {
    NewOrder { goods: Goods::Cart(owner), ..new_order(0, user_id) }
}

pub async fn place(ctx: &Ctx, new: NewOrder) -> Result<Placed> {
    ctx.atomic(&Actor::System("factory"), async move |work: &mut Work| {
        let placed = services::place_orders(work, &new).await?;
        placed.into_iter().next().ok_or_else(errors::cart_empty)
    })
    .await
}
