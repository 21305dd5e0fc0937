//! Второй фактор: завести, подтвердить, спросить при входе, выключить.
//!
//! Один код принимается однажды: шаг времени занимает условное UPDATE. Попытка занимается до сверки, поэтому перебор останавливает
//! счётчик, сколько бы запросов ни пришло разом.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use kernel::{Actor, Ctx, Error, OrNotFound, Result, Work};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::throttle;
use crate::events::SecondFactorChanged;
use crate::keys::Key;
use crate::models::{RecoveryCode, SecondFactor, Throttle, recovery_code, second_factor, user};
use crate::{errors, queries, totp};

/// Запасных кодов.
const RECOVERY_CODES: usize = 10;
/// Неверных кодов подряд.
const ATTEMPTS: i32 = 10;
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Знаки запасного кода: без похожих друг на друга.
const LETTERS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

pub async fn of(db: &impl ConnectionTrait, user_id: i64) -> Result<Option<second_factor::Model>> {
    Ok(SecondFactor::find_by_id(user_id).one(db).await?)
}

/// Спрашивается ли код при входе.
pub async fn is_on(db: &impl ConnectionTrait, user_id: i64) -> Result<bool> {
    Ok(of(db, user_id).await?.is_some_and(|factor| factor.confirmed_at.is_some()))
}

/// Начинает: соль готова, при входе ещё ничего не спрашивается. Повтор отдаёт ту же.
pub async fn begin(work: &mut Work, user_id: i64) -> Result<second_factor::Model> {
    let row = second_factor::ActiveModel {
        user_id: Set(user_id),
        salt: Set(work.ctx().random().token()),
        last_step: Set(0),
        confirmed_at: Set(None),
        created_at: Set(work.timestamp()),
    };
    SecondFactor::insert(row)
        .on_conflict_do_nothing_on([second_factor::Column::UserId])
        .exec_without_returning(work.db())
        .await?;
    let factor = of(work.db(), user_id).await?.or_not_found("accounts.user_not_found")?;
    match factor.confirmed_at {
        None => Ok(factor),
        Some(_) => Err(Error::refused("accounts.second_factor_on")),
    }
}

/// Что делают, предъявив код.
#[derive(Clone, Copy)]
enum Deed {
    Confirm,
    RenewCodes,
    Disable,
    LogIn,
}

/// Первый верный код включает второй фактор; ответ — запасные коды, их больше не показать.
pub async fn confirm(ctx: &Ctx, actor: &Actor, user_id: i64, code: &str) -> Result<Vec<String>> {
    attempt(ctx, actor, user_id, code, Deed::Confirm).await
}

/// Новые запасные коды вместо прежних; спрашивает код.
pub async fn renew_codes(ctx: &Ctx, actor: &Actor, user_id: i64, code: &str) -> Result<Vec<String>> {
    attempt(ctx, actor, user_id, code, Deed::RenewCodes).await
}

/// Выключает; спрашивает код — из приложения или запасной.
pub async fn disable(ctx: &Ctx, actor: &Actor, user_id: i64, code: &str) -> Result<()> {
    attempt(ctx, actor, user_id, code, Deed::Disable).await.map(|_| ())
}

/// Убирает без кода: потерявшему и телефон, и запасные коды — по просьбе администратора; стёртому и сменившему хозяина.
pub async fn forget(work: &mut Work, user_id: i64) -> Result<()> {
    let gone = SecondFactor::delete_by_id(user_id).exec(work.db()).await?;
    match gone.rows_affected {
        0 => Ok(()),
        _ => {
            work.touch([user_id]);
            work.emit(&SecondFactorChanged { user_id, is_on: false }).await
        }
    }
}

/// Второй шаг входа: у кого фактор не включён, того не спрашивают. Нет кода — отказ с полем `code`.
pub async fn require(ctx: &Ctx, user: &user::Model, given: Option<&str>) -> Result<()> {
    if !is_on(ctx.db_fresh(), user.id).await? {
        return Ok(());
    }
    let code = given.map(str::trim).filter(|code| !code.is_empty());
    let code = code.ok_or_else(errors::second_factor_required)?;
    attempt(ctx, &Actor::Anonymous, user.id, code, Deed::LogIn).await.map(|_| ())
}

/// Попытка: занята своей транзакцией (отказ её не вернёт), потом дело. Верный код прощает прежние промахи.
async fn attempt(ctx: &Ctx, actor: &Actor, user_id: i64, code: &str, deed: Deed) -> Result<Vec<String>> {
    ctx.atomic(actor, async move |work: &mut Work| {
        throttle::claim(work, &bucket(user_id), ATTEMPTS, WINDOW, "accounts.too_many_second_factors").await
    })
    .await?;
    let code = code.to_owned();
    let done = ctx
        .atomic(actor, async move |work: &mut Work| {
            let done = perform(work, user_id, &code, deed).await?;
            if done.is_some() {
                Throttle::delete_by_id(bucket(user_id)).exec(work.db()).await?;
            }
            Ok(done)
        })
        .await?;
    done.ok_or_else(errors::wrong_second_factor)
}

fn bucket(user_id: i64) -> String {
    format!("second-factor:{user_id}")
}

/// `None` — код не подошёл. Ответ — новые запасные коды, если дело их даёт.
async fn perform(work: &mut Work, user_id: i64, code: &str, deed: Deed) -> Result<Option<Vec<String>>> {
    if let Deed::Confirm = deed {
        return confirm_in(work, user_id, code).await;
    }
    if !take(work, user_id, code).await? {
        return Ok(None);
    }
    match deed {
        Deed::RenewCodes => new_recovery_codes(work, user_id).await.map(Some),
        Deed::Disable => forget(work, user_id).await.map(|()| Some(Vec::new())),
        Deed::Confirm | Deed::LogIn => Ok(Some(Vec::new())),
    }
}

async fn confirm_in(work: &mut Work, user_id: i64, code: &str) -> Result<Option<Vec<String>>> {
    let factor = of(work.db(), user_id).await?.or_not_found("accounts.second_factor_off")?;
    if factor.confirmed_at.is_some() {
        return Err(Error::refused("accounts.second_factor_on"));
    }
    if !take_step(work, &factor, code).await? {
        return Ok(None);
    }
    SecondFactor::update_many()
        .col_expr(second_factor::Column::ConfirmedAt, Expr::value(work.timestamp()))
        .filter(second_factor::Column::UserId.eq(user_id))
        .exec(work.db())
        .await?;
    work.touch([user_id]);
    work.emit(&SecondFactorChanged { user_id, is_on: true }).await?;
    new_recovery_codes(work, user_id).await.map(Some)
}

/// Принимает код из приложения или запасной — ровно один раз.
async fn take(work: &Work, user_id: i64, code: &str) -> Result<bool> {
    let Some(factor) = of(work.db(), user_id).await?.filter(|factor| factor.confirmed_at.is_some()) else {
        return Ok(false);
    };
    Ok(take_step(work, &factor, code).await? || take_recovery(work, user_id, code).await?)
}

/// Из двух одновременных предъявлений одного кода примут одно.
async fn take_step(work: &Work, factor: &second_factor::Model, code: &str) -> Result<bool> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let Some(step) = totp::step_of(work.ctx(), &factor.salt, &digits)? else { return Ok(false) };
    let taken = SecondFactor::update_many()
        .col_expr(second_factor::Column::LastStep, Expr::value(step))
        .filter(second_factor::Column::UserId.eq(factor.user_id))
        .filter(second_factor::Column::LastStep.lt(step))
        .exec(work.db())
        .await?;
    Ok(taken.rows_affected == 1)
}

async fn take_recovery(work: &Work, user_id: i64, code: &str) -> Result<bool> {
    let taken = RecoveryCode::update_many()
        .col_expr(recovery_code::Column::UsedAt, Expr::value(work.timestamp()))
        .filter(recovery_code::Column::UserId.eq(user_id))
        .filter(recovery_code::Column::CodeHash.eq(trace(work.ctx(), code)))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(work.db())
        .await?;
    Ok(taken.rows_affected == 1)
}

async fn new_recovery_codes(work: &mut Work, user_id: i64) -> Result<Vec<String>> {
    RecoveryCode::delete_many().filter(recovery_code::Column::UserId.eq(user_id)).exec(work.db()).await?;
    let mut codes = BTreeSet::new();
    while codes.len() < RECOVERY_CODES {
        codes.insert(new_code(work.ctx()));
    }
    let row = |code: &String| recovery_code::ActiveModel {
        user_id: Set(user_id),
        code_hash: Set(trace(work.ctx(), code)),
        used_at: Set(None),
    };
    RecoveryCode::insert_many(codes.iter().map(row)).exec_without_returning(work.db()).await?;
    Ok(codes.into_iter().collect())
}

/// `abcd-efgh-jkmn`: 59 случайных бит, перебору с его счётчиком не по силам.
fn new_code(ctx: &Ctx) -> String {
    let letter = || char::from(LETTERS[ctx.random().below(LETTERS.len() as u32) as usize]);
    let part = || (0..4).map(|_| letter()).collect::<String>();
    format!("{}-{}-{}", part(), part(), part())
}

/// След кода в базе: без ключа сервера код по нему не подобрать.
fn trace(ctx: &Ctx, code: &str) -> String {
    let plain: String = code.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    hex::encode(Key::new(ctx.secret("accounts.recovery_codes")).mac(&[&plain]))
}

/// Сколько запасных кодов осталось.
pub async fn codes_left(db: &impl ConnectionTrait, user_id: i64) -> Result<u64> {
    let unused = RecoveryCode::find().filter(recovery_code::Column::UserId.eq(user_id));
    Ok(unused.filter(recovery_code::Column::UsedAt.is_null()).count(db).await?)
}

/// Как человек узнает себя в приложении.
pub async fn account_name(db: &impl ConnectionTrait, user_id: i64) -> Result<String> {
    let user = queries::user_by_id(db, user_id).await?.or_not_found("accounts.user_not_found")?;
    Ok(user.email.or(user.phone).unwrap_or_else(|| user.public_id.to_string()))
}
