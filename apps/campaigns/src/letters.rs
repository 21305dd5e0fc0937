//! Письма приложения: названия и придуманные данные для предпросмотра.

use notifications::Letter;
use serde_json::json;

pub const ALL: &[Letter] = &[Letter {
    template: "campaigns.letters.promo_code",
    title: "Промокод за AR-кампанию",
    sample: || {
        json!({
            "code": "PROMO-3F9A0C5D77E1B24A-120000", "campaign": "Весна", "percent": 10, "amount": 500, "min_sum": 3000,
            "until": "31.05.2026", "link": "https://shop.example/",
        })
    },
    must: &["code"],
}];
