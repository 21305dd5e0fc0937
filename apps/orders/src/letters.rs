//! Письма приложения: названия и придуманные данные для предпросмотра.

use notifications::Letter;
use serde_json::{Value, json};

pub const ALL: &[Letter] = &[
    letter("orders.letters.order_placed", "Заказ оформлен", || {
        about(json!({
            "items": [{"title": "Стул «Берег», белый", "quantity": 2, "amount": 9800}], "delivery": 500,
            "address": "Москва, Тверская, 1", "discount": 980, "promo_code": "SPRING",
            "pay_url": "https://shop.example/pay/1", "deposit": null, "balance": 0,
        }))
    }),
    letter("orders.letters.order_paid", "Заказ оплачен", || about(json!({"balance": 0}))),
    letter("orders.letters.order_shipped", "Заказ в пути", || {
        about(json!({"tracking_number": "RU123456789"}))
    }),
    letter("orders.letters.order_cancelled", "Заказ отменён", || {
        about(json!({"reason": "магазин отменил заказ", "words": "Простите: товар повреждён.", "was_paid": true}))
    }),
    letter("orders.letters.late_payment_refunded", "Возврат опоздавшей оплаты", || {
        about(json!({}))
    }),
    letter("orders.letters.wave_moved", "Предзаказ: волна перешла дальше", || {
        about(json!({
            "status": "Изготавливаем", "message": "Шьём!", "titles": ["Худи «Туман», M"], "wave": 1, "balance": 1400,
            "pay_url": "https://shop.example/pay/2",
        }))
    }),
    letter("orders.letters.items_cancelled", "Предзаказ: волна не состоялась", || {
        about(json!({
            "titles": ["Худи «Туман», M"], "refunded": 0, "message": "", "is_cheaper": true, "to_pay": 4900, "was": 7400,
            "balance": 0, "pay_url": "https://shop.example/pay/3",
        }))
    }),
    letter("orders.letters.balance_reminder", "Напоминание об остатке", || {
        about(json!({"balance": 1400, "asked": "02.03.2026", "pay_url": "https://shop.example/pay/2"}))
    }),
];

const fn letter(template: &'static str, title: &'static str, sample: fn() -> Value) -> Letter {
    Letter { template, title, sample, must: &["number"] }
}

/// То, что есть в каждом письме о заказе.
fn about(mut extra: Value) -> Value {
    let common = json!({
        "number": "MS-20260302-1A2B3C4D", "name": "Анна", "amount": 9320, "url": "https://shop.example/orders/abc",
    });
    if let (Value::Object(extra), Value::Object(common)) = (&mut extra, common) {
        extra.extend(common);
    }
    extra
}
