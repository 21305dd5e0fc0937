//! Свой второй фактор: завести по рисунку, подтвердить, сменить запасные коды, выключить.

use admin::{Block, Field, Input, Page, PageForm, Tone};
use kernel::{Access, Actor, Ctx, Lang, Result, Work};

use crate::security::lacks_second_factor;
use crate::services::second_factor as factor;
use crate::totp;

pub(super) const URL: &str = "/admin/account/second-factor";

pub fn second_factor() -> Page {
    let code = || {
        Field::text("code", ("Код из приложения", "Code from the app"))
            .required()
            .hint(("Или запасной код.", "Or a recovery code."))
    };
    let first = Field::text("code", ("Шесть цифр из приложения", "Six digits from the app")).required();
    Page::new(
        "account/second-factor",
        ("Мой второй фактор", "My second factor"),
        Access::Customer,
        |ctx, actor| Box::pin(show(ctx, actor)),
    )
    .form(PageForm::new("begin", ("Завести", "Set up"), |ctx, actor, _| Box::pin(begin(ctx, actor))))
    .form(
        PageForm::new("confirm", ("Включить", "Turn on"), |ctx, actor, input| {
            Box::pin(confirm(ctx, actor, input))
        })
        .fields([first]),
    )
    .form(
        PageForm::new("codes", ("Новые запасные коды", "New recovery codes"), |ctx, actor, input| {
            Box::pin(renew(ctx, actor, input))
        })
        .fields([code()]),
    )
    .form(
        PageForm::new("disable", ("Выключить", "Turn off"), |ctx, actor, input| {
            Box::pin(disable(ctx, actor, input))
        })
        .fields([code()])
        .danger(),
    )
}

fn say(ctx: &Ctx, words: admin::Words) -> String {
    if ctx.lang() == Lang::En { words.1.to_owned() } else { words.0.to_owned() }
}

async fn show(ctx: &Ctx, actor: &Actor) -> Result<Vec<Block>> {
    let user_id = actor.require_user()?;
    let mut blocks = Vec::new();
    if lacks_second_factor(ctx, user_id).await? {
        let must = (
            "Владелец требует второй фактор: пока его нет, прав сотрудника тоже нет.",
            "The owner requires a second factor: without it you have no staff rights.",
        );
        blocks.push(Block::Note(Tone::Wait, say(ctx, must)));
    }
    match factor::of(ctx.db_fresh(), user_id).await? {
        None => {
            let about = (
                "Вместе с паролем при входе спрашивается код из приложения (Яндекс Ключ, Google Authenticator, FreeOTP и любое другое). Украденного пароля тогда мало.",
                "Besides the password, logging in asks for a code from an authenticator app. A stolen password is then not enough.",
            );
            blocks.extend([Block::Text(say(ctx, about)), Block::Form("begin")]);
        }
        Some(row) if row.confirmed_at.is_none() => {
            let url = totp::url(ctx, &row.salt, &factor::account_name(ctx.db_fresh(), user_id).await?)?;
            let scan = (
                "Наведите камеру приложения на рисунок или впишите в него ключ, потом введите код, который оно покажет.",
                "Scan the picture with the app or type the key, then enter the code it shows.",
            );
            blocks.push(Block::Text(say(ctx, scan)));
            blocks.push(Block::Drawing(totp::drawing(&url)?));
            blocks.push(Block::Codes(vec![totp::secret_text(ctx, &row.salt)]));
            blocks.push(Block::Form("confirm"));
        }
        Some(_) => {
            let left = factor::codes_left(ctx.db_fresh(), user_id).await?;
            let on =
                ("Второй фактор включён. Запасных кодов осталось: ", "The second factor is on. Recovery codes left: ");
            blocks.push(Block::Note(Tone::Good, format!("{}{left}.", say(ctx, on))));
            blocks.extend([Block::Form("codes"), Block::Form("disable")]);
        }
    }
    Ok(blocks)
}

async fn begin(ctx: &Ctx, actor: &Actor) -> Result<Vec<Block>> {
    let user_id = actor.require_user()?;
    ctx.atomic(actor, async move |work: &mut Work| factor::begin(work, user_id).await).await?;
    Ok(Vec::new())
}

/// Коды показываются один раз: в базе только их следы.
fn shown(ctx: &Ctx, codes: Vec<String>) -> Vec<Block> {
    let keep = (
        "Второй фактор включён. Запишите запасные коды: каждый заменит код из приложения один раз. Больше они не покажутся.",
        "The second factor is on. Write the recovery codes down: each replaces the app's code once. They are not shown again.",
    );
    vec![Block::Note(Tone::Wait, say(ctx, keep)), Block::Codes(codes), Block::Link(("Готово", "Done"), URL.to_owned())]
}

async fn confirm(ctx: &Ctx, actor: &Actor, input: Input) -> Result<Vec<Block>> {
    let user_id = actor.require_user()?;
    let codes = factor::confirm(ctx, actor, user_id, input.text("code")).await?;
    Ok(shown(ctx, codes))
}

async fn renew(ctx: &Ctx, actor: &Actor, input: Input) -> Result<Vec<Block>> {
    let codes = factor::renew_codes(ctx, actor, actor.require_user()?, input.text("code")).await?;
    Ok(shown(ctx, codes))
}

async fn disable(ctx: &Ctx, actor: &Actor, input: Input) -> Result<Vec<Block>> {
    let user_id = actor.require_user()?;
    factor::disable(ctx, actor, user_id, input.text("code")).await?;
    Ok(Vec::new())
}
