//! Раздел настроек `[payments]`.

use admin::{Choice, Field, SettingsOf};
use kernel::settings::{Secret, text};
use serde::{Deserialize, Serialize};

/// `[payments]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentSettings {
    /// Чем платят в интернете: `yookassa`, `emulator` (показ и проверки, денег не берёт) или `cash` — ничем, только наличными.
    pub provider: String,
    /// Ссылка на оплату у нас; `{id}` — имя платежа. Магазин без витрины ставит `/api/v1/payment/pay/{id}` или свою страницу.
    pub page: String,
    /// Сколько минут покупатель может платить.
    pub pending_ttl_minutes: i64,
    /// Через сколько минут начинать перечитывать неоплаченный платёж у провайдера.
    pub check_after_minutes: i64,
    /// Сначала удержать, списать отдельно.
    pub two_stage: bool,
    /// Сколько рублей одного платежа может вернуть сотрудник; администратор — сколько угодно. 0 — без предела.
    pub staff_refund_limit: i64,
    pub yookassa: YooKassaSettings,
    pub emulator: EmulatorSettings,
}

impl Default for PaymentSettings {
    fn default() -> Self {
        PaymentSettings {
            provider: crate::providers::cash::CODE.into(),
            page: "/pay/{id}".into(),
            pending_ttl_minutes: 60,
            check_after_minutes: 2,
            two_stage: false,
            staff_refund_limit: 100_000,
            yookassa: YooKassaSettings::default(),
            emulator: EmulatorSettings::default(),
        }
    }
}

/// `[payments.yookassa]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct YooKassaSettings {
    /// Номер магазина (`shopId`) из личного кабинета.
    #[serde(deserialize_with = "text")]
    pub shop_id: String,
    /// Секретный ключ оттуда же; у проверочного магазина начинается с `test_`.
    pub secret_key: Secret,
    pub base_url: String,
    /// Сколько секунд ждать ответа. Не дождались — итог неизвестен, повторим с тем же ключом.
    pub timeout_seconds: u64,
    /// Сети, из которых приходят уведомления; пусто — не принимать ни одного.
    pub trusted_networks: Vec<String>,
    /// Передавать чеки 54-ФЗ.
    pub receipts: bool,
    /// Код ставки НДС строк, у которых своей ставки нет (товар без ставки, доставка): 1 — без НДС, 11 — 22 %.
    pub vat_code: u8,
    /// Считать НДС предоплаты по расчётной ставке (22/122): так велит пункт 4 статьи 164 НК.
    pub extracted_prepayment_vat: bool,
    /// Система налогообложения, 1–6; 0 — не передавать (чеки самой ЮKassa её не спрашивают).
    pub tax_system_code: u8,
    /// Куда слать чек покупателя, у которого нет ни почты, ни телефона.
    pub receipt_email: String,
}

impl Default for YooKassaSettings {
    fn default() -> Self {
        let networks = [
            "185.71.76.0/27",
            "185.71.77.0/27",
            "77.75.153.0/25",
            "77.75.154.128/25",
            "77.75.156.11",
            "77.75.156.35",
            "2a02:5180::/32",
        ];
        YooKassaSettings {
            shop_id: String::new(),
            secret_key: Secret::default(),
            base_url: "https://api.yookassa.ru/v3".into(),
            timeout_seconds: 20,
            trusted_networks: networks.map(str::to_owned).to_vec(),
            receipts: true,
            vat_code: 1,
            extracted_prepayment_vat: true,
            tax_system_code: 0,
            receipt_email: String::new(),
        }
    }
}

/// `[payments.emulator]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmulatorSettings {
    /// Слушаться просьб о неисправностях. Только для проверок.
    pub faults: bool,
    /// На сколько минут опаздывает уведомление при неисправности `late`.
    pub late_minutes: i64,
}

impl Default for EmulatorSettings {
    fn default() -> Self {
        EmulatorSettings { faults: false, late_minutes: 120 }
    }
}

const PROVIDERS: &[Choice] = &[
    Choice::plain("cash", ("только при получении", "on delivery only")),
    Choice::plain("yookassa", ("ЮKassa", "YooKassa")),
    Choice::plain("emulator", ("показ: денег не берёт", "emulator: takes no money")),
];

/// Что владелец меняет сам.
pub fn editable() -> SettingsOf {
    SettingsOf::new(
        "payments",
        ("Оплата", "Payments"),
        ("Чем платят, ключи ЮKassa, чеки.", "The provider, YooKassa keys, receipts."),
        [
            Field::choice("provider", ("Чем платят в интернете", "Online payments"), PROVIDERS).required(),
            Field::number("pending_ttl_minutes", ("Сколько минут можно платить", "Minutes to pay")).between(5, 10_000),
            Field::flag("two_stage", ("Сначала удержать, списать отдельно", "Authorise first, capture later")),
            Field::number(
                "staff_refund_limit",
                ("Сколько рублей может вернуть сотрудник", "Staff refund limit, roubles"),
            )
            .between(0, 100_000_000)
            .hint((
                "Одного платежа; администратор — сколько угодно; 0 — без предела.",
                "Per payment; an administrator — any sum; 0 — no limit.",
            )),
            Field::text("yookassa.shop_id", ("Номер магазина (shopId)", "shopId")).section(("ЮKassa", "YooKassa")),
            Field::secret("yookassa.secret_key", ("Секретный ключ", "Secret key")),
            Field::flag("yookassa.receipts", ("Передавать чеки 54-ФЗ", "Send receipts")),
            Field::number("yookassa.vat_code", ("Код ставки НДС по умолчанию", "Default VAT code"))
                .between(1, 12)
                .hint(("1 — без НДС, 11 — 22 %.", "1 — no VAT, 11 — 22 %.")),
            Field::text(
                "yookassa.receipt_email",
                ("Почта чека, если у покупателя нет своей", "Receipt e-mail of last resort"),
            ),
        ],
    )
}
