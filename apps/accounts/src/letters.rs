//! Письма приложения: названия и придуманные данные для предпросмотра.

use notifications::Letter;
use serde_json::json;

pub const ALL: &[Letter] = &[
    Letter {
        template: "accounts.letters.login_code",
        title: "Код для входа",
        sample: || json!({"code": "482913", "minutes": 10, "to": "anna@example.ru"}),
        must: &["code"],
    },
    Letter {
        template: "accounts.letters.confirm_code",
        title: "Подтверждение почты или телефона",
        sample: || json!({"code": "482913", "minutes": 10, "to": "anna@example.ru"}),
        must: &["code"],
    },
    Letter {
        template: "accounts.letters.reset_password",
        title: "Сброс пароля",
        sample: || json!({"link": "https://shop.example/reset?token=abc", "code": "482913", "minutes": 30, "to": "anna@example.ru"}),
        must: &[],
    },
];
