//! Раздел настроек `[auth]`.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthSettings {
    /// Наименьшая длина пароля, знаков; меньше 6 не бывает.
    pub password_min_length: usize,
    /// Сколько секунд живёт токен доступа.
    pub access_token_ttl: i64,
    /// Сколько секунд после последнего обновления живёт вход на устройстве.
    pub refresh_token_ttl: i64,
    /// Сколько секунд прошлый refresh-токен ещё принимается: две вкладки обновляются разом.
    pub refresh_grace: i64,
    /// Кто выпускает токены (`iss` и `aud`).
    pub issuer: String,
    /// Сколько секунд действует код из шести цифр.
    pub code_ttl: i64,
    /// Сколько секунд ждать до повторной отправки кода.
    pub code_resend: i64,
    /// Кодов на один номер или почту: в час и в сутки.
    pub codes_per_hour: u64,
    pub codes_per_day: u64,
    /// Кодов (СМС и писем) по просьбам из одной сети (IPv4 /24, IPv6 /64): в час.
    pub codes_per_network_hour: i32,
    /// СМС с кодами всего: в сутки.
    pub sms_per_day: i32,
    /// Сколько секунд действует ссылка сброса пароля; больше 1800 не бывает.
    pub reset_ttl: i64,
    /// Неудачных входов в одну учётную запись за окно.
    pub login_attempts: i32,
    /// Неудачных входов из одной сети за окно.
    pub login_attempts_per_network: i32,
    /// Окно этих двух пределов, секунд.
    pub login_window: i64,
    /// Сотруднику без второго фактора не даётся никаких прав, пока он его не заведёт.
    pub staff_second_factor: bool,
    /// Страница сброса пароля на сайте; к ней дописывается `?token=`.
    pub reset_page: String,
    /// Страница заведения первого администратора; к ней дописывается `?token=`.
    pub setup_page: String,
}

impl Default for AuthSettings {
    fn default() -> Self {
        AuthSettings {
            password_min_length: 8,
            access_token_ttl: 24 * 3600,
            refresh_token_ttl: 60 * 24 * 3600,
            refresh_grace: 10,
            issuer: "megashop".into(),
            code_ttl: 300,
            code_resend: 60,
            codes_per_hour: 5,
            codes_per_day: 10,
            codes_per_network_hour: 200,
            sms_per_day: 5000,
            reset_ttl: 1800,
            login_attempts: 100,
            login_attempts_per_network: 1000,
            login_window: 900,
            staff_second_factor: false,
            reset_page: "/reset-password".into(),
            setup_page: "/setup".into(),
        }
    }
}

impl AuthSettings {
    pub fn access_ttl(&self) -> TimeDelta {
        TimeDelta::seconds(self.access_token_ttl)
    }

    pub fn refresh_ttl(&self) -> TimeDelta {
        TimeDelta::seconds(self.refresh_token_ttl)
    }

    pub fn reset_ttl(&self) -> TimeDelta {
        TimeDelta::seconds(self.reset_ttl.clamp(60, 1800))
    }

    /// Код живёт не дольше десяти минут, что бы ни написали в настройке.
    pub fn code_ttl(&self) -> TimeDelta {
        TimeDelta::seconds(self.code_ttl.clamp(60, 600))
    }
}
