//! Фоновые задачи.

use kernel::{Actor, Ctx, Job, JobError, Work};
use serde::{Deserialize, Serialize};

use crate::services;

/// Завести платёж у провайдера. Доделывает и то, что оборвал отказ процесса.
#[derive(Debug, Serialize, Deserialize)]
pub struct RegisterPayment {
    pub payment_id: i64,
}

impl Job for RegisterPayment {
    const NAME: &'static str = "payments.register_payment";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        services::sync(ctx, self.payment_id).await?;
        Ok(())
    }
}

/// Свести платёж с провайдером. Молчание провайдера — не неудача: следующий раз уже назначен сверкой.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckPayment {
    pub payment_id: i64,
}

impl Job for CheckPayment {
    const NAME: &'static str = "payments.check_payment";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        match services::sync(ctx, self.payment_id).await {
            Err(error) if services::is_outage(&error) => {
                tracing::warn!(payment.id = self.payment_id, %error, "payment check is put off");
                Ok(())
            }
            result => Ok(result.map(|_| ())?),
        }
    }
}

/// Перечитать платёж, о котором уведомили.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProcessNotification {
    pub notification_id: i64,
}

impl Job for ProcessNotification {
    const NAME: &'static str = "payments.process_notification";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        Ok(services::process_notification(ctx, self.notification_id).await?)
    }
}

/// Выполнить обещанный возврат.
#[derive(Debug, Serialize, Deserialize)]
pub struct PerformRefund {
    pub refund_id: i64,
}

impl Job for PerformRefund {
    const NAME: &'static str = "payments.perform_refund";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        Ok(services::perform_refund(ctx, self.refund_id).await?)
    }
}

/// Узнать, вышел ли чек возврата.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckRefundReceipt {
    pub refund_id: i64,
}

impl Job for CheckRefundReceipt {
    const NAME: &'static str = "payments.check_refund_receipt";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        Ok(services::check_refund_receipt(ctx, self.refund_id).await?)
    }
}

/// Выдать второй чек.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendReceipt {
    pub receipt_id: i64,
}

impl Job for SendReceipt {
    const NAME: &'static str = "payments.send_receipt";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        Ok(services::send_receipt(ctx, self.receipt_id).await?)
    }
}

/// Сверка, каждую минуту.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Reconcile;

impl Job for Reconcile {
    const NAME: &'static str = "payments.reconcile";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let batch = async move |work: &mut Work| services::schedule_checks(work).await;
        while ctx.atomic(&Actor::System("payments"), batch).await? > 0 {}
        Ok(())
    }
}

/// Уборка принятых уведомлений, раз в сутки.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct PurgeNotifications;

impl Job for PurgeNotifications {
    const NAME: &'static str = "payments.purge_notifications";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let purge = async move |work: &mut Work| services::purge_notifications(work).await;
        ctx.atomic(&Actor::System("payments"), purge).await?;
        Ok(())
    }
}
