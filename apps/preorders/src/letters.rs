//! Письма приложения: названия и придуманные данные для предпросмотра.

use notifications::Letter;
use serde_json::json;

pub const ALL: &[Letter] = &[
    Letter {
        template: "preorders.letters.seat_offered",
        title: "Место в предзаказе",
        sample: || {
            json!({
                "name": "Анна", "product": "Худи «Туман»", "quantity": 2, "hours": 24, "url": "https://shop.example/p/hoodie",
            })
        },
        must: &["url"],
    },
    Letter {
        template: "preorders.letters.sold_out",
        title: "Магазину: места предзаказа кончились",
        sample: || json!({"product": "Худи «Туман»", "article": "HD-1"}),
        must: &[],
    },
    Letter {
        template: "preorders.letters.below_minimum",
        title: "Магазину: волна не набралась",
        sample: || {
            json!({
                "product": "Худи «Туман»", "article": "HD-1", "wave": 1, "count": 7, "minimum": 20, "refunded": false,
            })
        },
        must: &[],
    },
];
