//! Ссылка отписки: подписана, входа не требует, отзывает согласие на рекламу в одном канале.

use kernel::Ctx;
use ring::hmac;

use crate::models::message::Channel;

/// Знаков подписи: 128 бит.
const SIGN: usize = 32;

fn key(ctx: &Ctx) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &ctx.secret("notifications.unsubscribe"))
}

fn sign(ctx: &Ctx, about: &str) -> String {
    let mut text = hex::encode(hmac::sign(&key(ctx), about.as_bytes()));
    text.truncate(SIGN);
    text
}

pub fn link(ctx: &Ctx, user_id: i64, channel: Channel) -> String {
    let site = ctx.settings().kernel.server.public_url.trim_end_matches('/');
    let about = format!("{user_id}-{}", channel.code());
    format!("{site}/api/v1/unsubscribe/{about}-{}", sign(ctx, &about))
}

/// Кого и от чего отписать; `None` — подпись не наша.
pub fn read(ctx: &Ctx, token: &str) -> Option<(i64, Channel)> {
    let (about, signature) = token.rsplit_once('-')?;
    let is_genuine: bool = subtle::ConstantTimeEq::ct_eq(sign(ctx, about).as_bytes(), signature.as_bytes()).into();
    let (user_id, code) = about.split_once('-').filter(|_| is_genuine)?;
    Some((user_id.parse().ok()?, Channel::ALL.into_iter().find(|channel| channel.code() == code)?))
}
