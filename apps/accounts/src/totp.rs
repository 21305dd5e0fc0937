//! Код из приложения-аутентификатора (RFC 6238): секрет, сверка, ссылка и рисунок для него.

use kernel::{Ctx, Error, Result};
use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Builder, Secret, Totp};

use crate::keys::Key;
use crate::settings::AuthSettings;

/// Секунд в шаге.
const STEP: u64 = 30;
/// Байтов в секрете: столько советует RFC 4226.
const SECRET: usize = 20;

/// Секрет, выведенный ключом сервера из соли: украденная база без ключа второго фактора не выдаст.
fn secret(ctx: &Ctx, salt: &str) -> Secret {
    let mut secret = [0; SECRET];
    secret.copy_from_slice(&Key::new(ctx.secret("accounts.second_factor")).mac(&[salt])[..SECRET]);
    Secret::from(secret)
}

fn totp(ctx: &Ctx, salt: &str, account: &str) -> Result<Totp> {
    let issuer = ctx.section::<AuthSettings>().issuer.replace(':', " ");
    let builder = Builder::new().with_secret(secret(ctx, salt)).with_step_duration(STEP).with_skew(1);
    let builder = builder.with_issuer(Some(issuer)).with_account_name(account.replace(':', " "));
    builder.build().map_err(Error::internal)
}

/// Шаг времени, которому подходит код; `None` — не подходит ни нынешнему, ни соседним.
pub fn step_of(ctx: &Ctx, salt: &str, code: &str) -> Result<Option<i64>> {
    let now = u64::try_from(ctx.now().timestamp()).unwrap_or_default();
    let step = totp(ctx, salt, "")?.check(code, now);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Секрет буквами: вписать в приложение руками.
pub fn secret_text(ctx: &Ctx, salt: &str) -> String {
    secret(ctx, salt).to_base32()
}

/// `otpauth://…` для приложения; `account` — как человек себя узнает.
pub fn url(ctx: &Ctx, salt: &str, account: &str) -> Result<String> {
    totp(ctx, salt, account)?.to_url().map_err(Error::internal)
}

/// Эта ссылка рисунком SVG: приложение читает его камерой.
pub fn drawing(url: &str) -> Result<String> {
    let code = QrCode::new(url).map_err(Error::internal)?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    // В странице объявление XML лишнее.
    Ok(svg.split_once("?>").map_or(svg.clone(), |(_, drawing)| drawing.to_owned()))
}
