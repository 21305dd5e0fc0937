//! Серверная сторона эмулятора. Каждое дело — одна его транзакция, как у чужого сервера.

use kernel::{Ctx, Money, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ConnectionTrait, NotSet, Set};

use super::faults::{self, CallFault, Fault};
use super::models::{GatewayStatus, emulator_fault, emulator_payment, emulator_refund};
use super::notify;
use crate::errors;
use crate::providers::{CreateRequest, RefundRequest};

pub(super) type Row = emulator_payment::Model;

/// Портит ближайшие `times` вызовов магазина.
pub async fn plan_fault(work: &mut Work, fault: CallFault, times: i32) -> Result<()> {
    faults::ensure_allowed(work.ctx())?;
    emulator_fault::Entity::delete_by_id(fault.name().to_owned()).exec(work.db()).await?;
    let row = emulator_fault::ActiveModel { fault: Set(fault.name().to_owned()), remaining: Set(times.clamp(0, 1000)) };
    emulator_fault::Entity::insert(row).exec_without_returning(work.db()).await?;
    Ok(())
}

/// Испорчен ли этот вызов; испорченный вычитается из заказанных.
pub(super) async fn is_broken(ctx: &Ctx, fault: CallFault) -> Result<bool> {
    if faults::ensure_allowed(ctx).is_err() {
        return Ok(false);
    }
    let taken = emulator_fault::Entity::update_many()
        .col_expr(emulator_fault::Column::Remaining, Expr::col(emulator_fault::Column::Remaining).sub(1))
        .filter(emulator_fault::Column::Fault.eq(fault.name()))
        .filter(emulator_fault::Column::Remaining.gte(1))
        .exec(&ctx.db_handle().write)
        .await?;
    Ok(taken.rows_affected == 1)
}

pub(super) async fn by_id(db: &impl ConnectionTrait, gateway_id: &str) -> Result<Option<Row>> {
    let named = emulator_payment::Entity::find().filter(emulator_payment::Column::GatewayId.eq(gateway_id));
    Ok(named.one(db).await?)
}

/// Заводит платёж; тот же ключ находит заведённый.
pub(super) async fn create(work: &mut Work, request: &CreateRequest) -> Result<Row> {
    let row = emulator_payment::ActiveModel {
        id: NotSet,
        gateway_id: Set(format!("emu_{}", work.ctx().random().token())),
        idempotence_key: Set(request.idempotence_key.clone()),
        reference: Set(request.reference),
        status: Set(GatewayStatus::Pending),
        reason: Set(None),
        amount: Set(request.amount),
        refunded: Set(Money::ZERO),
        currency: Set(request.currency.clone()),
        is_two_stage: Set(request.two_stage),
        faults: Set(String::new()),
        expires_at: Set(request.expires_at),
        paid_at: Set(None),
        created_at: Set(work.timestamp()),
    };
    emulator_payment::Entity::insert(row)
        .on_conflict_do_nothing_on([emulator_payment::Column::IdempotenceKey])
        .exec_without_returning(work.db())
        .await?;
    let kept = emulator_payment::Entity::find()
        .filter(emulator_payment::Column::IdempotenceKey.eq(request.idempotence_key.as_str()));
    kept.one(work.db()).await?.or_not_found(errors::NOT_FOUND)
}

/// Переводит из `from` в `to`; `false` — платёж уже не там. Спор оплаты с отменой решается здесь.
async fn turn(work: &Work, id: i64, from: &[GatewayStatus], to: GatewayStatus, reason: Option<&str>) -> Result<bool> {
    let mut update = emulator_payment::Entity::update_many()
        .col_expr(emulator_payment::Column::Status, Expr::value(to))
        .col_expr(emulator_payment::Column::Reason, Expr::value(reason.map(str::to_owned)))
        .filter(emulator_payment::Column::Id.eq(id))
        .filter(emulator_payment::Column::Status.is_in(from.iter().copied()));
    if matches!(to, GatewayStatus::Succeeded | GatewayStatus::WaitingForCapture) {
        update = update.col_expr(emulator_payment::Column::PaidAt, Expr::value(work.timestamp()));
    }
    Ok(update.exec(work.db()).await?.rows_affected == 1)
}

/// Время оплаты вышло — платёж отменяется сам.
pub(super) async fn expire(work: &mut Work, row: &Row) -> Result<()> {
    let is_late = row.expires_at.is_some_and(|at| at <= work.timestamp());
    if is_late {
        turn(work, row.id, &[GatewayStatus::Pending], GatewayStatus::Canceled, Some("expired_on_confirmation")).await?;
    }
    Ok(())
}

/// Покупатель платит. Второе нажатие безвредно.
pub(super) async fn pay(work: &mut Work, gateway_id: &str, faults: &[Fault]) -> Result<()> {
    let row = load(work, gateway_id).await?;
    expire(work, &row).await?;
    let to = if row.is_two_stage { GatewayStatus::WaitingForCapture } else { GatewayStatus::Succeeded };
    if !turn(work, row.id, &[GatewayStatus::Pending], to, None).await? {
        let now = load(work, gateway_id).await?;
        let is_paid = matches!(now.status, GatewayStatus::WaitingForCapture | GatewayStatus::Succeeded);
        return if is_paid { Ok(()) } else { Err(errors::emulator_closed()) };
    }
    emulator_payment::Entity::update_many()
        .col_expr(emulator_payment::Column::Faults, Expr::value(Fault::join(faults)))
        .filter(emulator_payment::Column::Id.eq(row.id))
        .exec(work.db())
        .await?;
    notify::enqueue(work, gateway_id, faults).await
}

/// Банк отказывает покупателю.
pub(super) async fn refuse(work: &mut Work, gateway_id: &str) -> Result<()> {
    let row = load(work, gateway_id).await?;
    if turn(work, row.id, &[GatewayStatus::Pending], GatewayStatus::Canceled, Some("general_decline")).await? {
        return notify::enqueue(work, gateway_id, &[]).await;
    }
    let now = load(work, gateway_id).await?;
    if now.status == GatewayStatus::Canceled { Ok(()) } else { Err(errors::emulator_closed()) }
}

/// Магазин списывает удержанное; `false` — нечего.
pub(super) async fn capture(work: &mut Work, gateway_id: &str) -> Result<bool> {
    let row = load(work, gateway_id).await?;
    if turn(work, row.id, &[GatewayStatus::WaitingForCapture], GatewayStatus::Succeeded, None).await? {
        notify::enqueue(work, gateway_id, &[]).await?;
        return Ok(true);
    }
    Ok(load(work, gateway_id).await?.status == GatewayStatus::Succeeded)
}

/// Магазин отменяет; `false` — поздно, оплачено.
pub(super) async fn cancel(work: &mut Work, gateway_id: &str) -> Result<bool> {
    let row = load(work, gateway_id).await?;
    let live = [GatewayStatus::Pending, GatewayStatus::WaitingForCapture];
    if turn(work, row.id, &live, GatewayStatus::Canceled, Some("canceled_by_merchant")).await? {
        return Ok(true);
    }
    Ok(load(work, gateway_id).await?.status == GatewayStatus::Canceled)
}

/// Магазин возвращает деньги; `None` — больше, чем было. Тот же ключ — тот же возврат.
pub(super) async fn refund(work: &mut Work, request: &RefundRequest) -> Result<Option<String>> {
    let payment = load(work, &request.provider_payment_id).await?;
    let same = emulator_refund::Column::IdempotenceKey.eq(request.idempotence_key.as_str());
    if let Some(known) = emulator_refund::Entity::find().filter(same).one(work.db()).await? {
        return Ok(Some(known.gateway_id));
    }
    if !take_back(work, payment.id, request.amount).await? {
        return Ok(None);
    }
    let gateway_id = format!("emu_r_{}", work.ctx().random().token());
    let row = emulator_refund::ActiveModel {
        id: NotSet,
        gateway_id: Set(gateway_id.clone()),
        idempotence_key: Set(request.idempotence_key.clone()),
        emulator_payment_id: Set(payment.id),
        amount: Set(request.amount),
        created_at: Set(work.timestamp()),
    };
    // Параллельный близнец упрётся в UNIQUE и откатится весь, вместе с вычетом.
    emulator_refund::Entity::insert(row).exec_without_returning(work.db()).await?;
    Ok(Some(gateway_id))
}

async fn take_back(work: &Work, id: i64, amount: Money) -> Result<bool> {
    let refunded = || Expr::col(emulator_payment::Column::Refunded).add(amount);
    let taken = emulator_payment::Entity::update_many()
        .col_expr(emulator_payment::Column::Refunded, refunded())
        .filter(emulator_payment::Column::Id.eq(id))
        .filter(emulator_payment::Column::Status.eq(GatewayStatus::Succeeded))
        .filter(refunded().lte(Expr::col(emulator_payment::Column::Amount)))
        .exec(work.db())
        .await?;
    Ok(taken.rows_affected == 1)
}

pub(super) async fn has_refund(db: &impl ConnectionTrait, gateway_id: &str) -> Result<bool> {
    let named = emulator_refund::Entity::find().filter(emulator_refund::Column::GatewayId.eq(gateway_id));
    Ok(named.one(db).await?.is_some())
}

async fn load(work: &Work, gateway_id: &str) -> Result<Row> {
    by_id(work.db(), gateway_id).await?.or_not_found(errors::NOT_FOUND)
}
