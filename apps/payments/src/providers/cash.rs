//! Наличные: кассу видит только сотрудник, он и отмечает приём и возврат.

use async_trait::async_trait;
use kernel::Ctx;

use super::{
    Answer, CreateRequest, Notice, Provider, ProviderError, RawNotification, RefundRequest, Remote, RemoteOperation,
};

pub const CODE: &str = "cash";

pub struct Cash;

fn no_gateway() -> ProviderError {
    ProviderError::refused("not_supported", "cash has no gateway")
}

#[async_trait]
impl Provider for Cash {
    fn code(&self) -> &'static str {
        CODE
    }

    fn is_online(&self) -> bool {
        false
    }

    async fn create(&self, _: &Ctx, _: &CreateRequest) -> Answer<Remote> {
        Err(no_gateway())
    }

    async fn status(&self, _: &Ctx, _: &str) -> Answer<Remote> {
        Err(no_gateway())
    }

    async fn capture(&self, _: &Ctx, _: &str, _: &str) -> Answer<Remote> {
        Err(no_gateway())
    }

    async fn cancel(&self, _: &Ctx, _: &str, _: &str) -> Answer<Remote> {
        Err(no_gateway())
    }

    /// Деньги отдаёт из кассы тот, кто записал возврат.
    async fn refund(&self, _: &Ctx, request: &RefundRequest) -> Answer<RemoteOperation> {
        Ok(RemoteOperation::done(request.idempotence_key.clone()))
    }

    async fn refund_status(&self, _: &Ctx, id: &str) -> Answer<RemoteOperation> {
        Ok(RemoteOperation::done(id.to_owned()))
    }

    fn read_notification(&self, _: &RawNotification) -> Result<Notice, String> {
        Err("cash sends no notifications".into())
    }

    fn is_authentic(&self, _: &Ctx, _: &RawNotification) -> bool {
        false
    }
}
