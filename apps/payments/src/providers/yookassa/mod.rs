//! ЮKassa, API v3: перенаправление на её страницу, одна или две стадии, возвраты, чеки 54-ФЗ.
//!
//! Уведомления не подписаны: принимаются только из её сетей и только зовут перечитать платёж.

mod api;
mod networks;
mod receipt;
mod wire;

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{Ctx, Timestamp};
use serde_json::{Value, json};

use super::{
    Answer, CreateRequest, Notice, Provider, ProviderError, RawNotification, RefundRequest, Remote, RemoteOperation,
    SettlementRequest,
};
use crate::settings::PaymentSettings;
use api::Api;
use networks::Network;
use wire::{Amount, List, Notification, Operation, Payment, Shop};

pub const CODE: &str = "yookassa";

/// Ключ от повторов она помнит сутки; после этого повтор сделал бы второе, поэтому сначала ищем сделанное.
const KEY_HOURS: i64 = 23;

/// Страниц списка, в котором ищем свой платёж (по сто).
const MAX_PAGES: usize = 50;

pub struct YooKassa;

#[async_trait]
impl Provider for YooKassa {
    fn code(&self) -> &'static str {
        CODE
    }

    fn issues_receipts(&self, ctx: &Ctx) -> bool {
        ctx.section::<PaymentSettings>().yookassa.receipts
    }

    /// Отменяется только удержанное; неоплаченное отменится само, когда кончится срок её страницы.
    fn cancels_pending(&self) -> bool {
        false
    }

    async fn check(&self, ctx: &Ctx) -> anyhow::Result<String> {
        let api = Api::new(ctx);
        for network in &api.settings().trusted_networks {
            anyhow::ensure!(
                Network::parse(network).is_some(),
                "payments.yookassa.trusted_networks: `{network}` is not a network"
            );
        }
        let shop: Shop = api.get("/me", &[]).await?;
        let found = shop.account_id.as_deref().unwrap_or("?");
        anyhow::ensure!(found == api.settings().shop_id, "yookassa answers for shop {found}");
        anyhow::ensure!(shop.status.as_deref() != Some("disabled"), "yookassa: shop {found} is disabled");
        Ok(format!("yookassa accepts the keys of shop {found}{}", if shop.test { " (test shop)" } else { "" }))
    }

    async fn create(&self, ctx: &Ctx, request: &CreateRequest) -> Answer<Remote> {
        let api = Api::new(ctx);
        if is_stale(ctx, request.created_at)
            && let Some(known) = find_payment(&api, request).await?
        {
            return Ok(known.into_remote(&api));
        }
        match api.post::<Payment>("/payments", &request.idempotence_key, &payment_body(&api, request)).await {
            Ok(payment) => Ok(payment.into_remote(&api)),
            Err(refusal) if api::is_key_reused(&refusal) => match find_payment(&api, request).await? {
                Some(known) => Ok(known.into_remote(&api)),
                None => Err(ProviderError::Unavailable(refusal.to_string())),
            },
            Err(error) => Err(error),
        }
    }

    async fn status(&self, ctx: &Ctx, id: &str) -> Answer<Remote> {
        let api = Api::new(ctx);
        Ok(api.get::<Payment>(&format!("/payments/{id}"), &[]).await?.into_remote(&api))
    }

    async fn started_since(&self, ctx: &Ctx, since: Timestamp) -> Answer<Vec<Remote>> {
        let api = Api::new(ctx);
        let mut all = Vec::new();
        walk(&api, since, |payment| {
            all.push(payment.into_remote(&api));
            None::<()>
        })
        .await?;
        Ok(all)
    }

    /// Чек, переданный при создании, уходит вместе со списанием.
    async fn capture(&self, ctx: &Ctx, id: &str, key: &str) -> Answer<Remote> {
        let api = Api::new(ctx);
        Ok(api.post::<Payment>(&format!("/payments/{id}/capture"), key, &json!({})).await?.into_remote(&api))
    }

    async fn cancel(&self, ctx: &Ctx, id: &str, key: &str) -> Answer<Remote> {
        let api = Api::new(ctx);
        Ok(api.post::<Payment>(&format!("/payments/{id}/cancel"), key, &json!({})).await?.into_remote(&api))
    }

    async fn refund(&self, ctx: &Ctx, request: &RefundRequest) -> Answer<RemoteOperation> {
        let api = Api::new(ctx);
        if is_stale(ctx, request.created_at)
            && let Some(known) = find_refund(&api, request).await?
        {
            return Ok(known.into());
        }
        match api.post::<Operation>("/refunds", &request.idempotence_key, &refund_body(&api, request)).await {
            Ok(refund) => Ok(refund.into()),
            Err(refusal) if api::is_key_reused(&refusal) => match find_refund(&api, request).await? {
                Some(known) => Ok(known.into()),
                None => Err(ProviderError::Unavailable(refusal.to_string())),
            },
            Err(error) => Err(error),
        }
    }

    async fn refund_status(&self, ctx: &Ctx, id: &str) -> Answer<RemoteOperation> {
        Ok(Api::new(ctx).get::<Operation>(&format!("/refunds/{id}"), &[]).await?.into())
    }

    async fn settle(&self, ctx: &Ctx, request: &SettlementRequest) -> Answer<RemoteOperation> {
        let api = Api::new(ctx);
        let receipt = receipt::settlement(api.settings(), request);
        Ok(api.post::<Operation>("/receipts", &request.idempotence_key, &receipt).await?.into())
    }

    async fn settlement_status(&self, ctx: &Ctx, id: &str) -> Answer<RemoteOperation> {
        Ok(Api::new(ctx).get::<Operation>(&format!("/receipts/{id}"), &[]).await?.into())
    }

    /// Своего номера у события нет: повтор узнаётся по событию, предмету и состоянию.
    fn read_notification(&self, raw: &RawNotification) -> Result<Notice, String> {
        let Notification { event, object } = serde_json::from_slice(&raw.body).map_err(|error| error.to_string())?;
        let event_id = format!("{event}:{}:{}", object.id, object.status);
        // Уведомление о возврате называет и платёж.
        Ok(Notice { event_id, provider_payment_id: object.payment_id.unwrap_or(object.id) })
    }

    fn is_authentic(&self, ctx: &Ctx, raw: &RawNotification) -> bool {
        let settings = ctx.section::<PaymentSettings>();
        let mut networks = settings.yookassa.trusted_networks.iter().filter_map(|network| Network::parse(network));
        raw.client_ip.is_some_and(|ip| networks.any(|network| network.contains(ip)))
    }
}

fn is_stale(ctx: &Ctx, created_at: Timestamp) -> bool {
    ctx.now().naive_utc() - created_at > TimeDelta::hours(KEY_HOURS)
}

fn payment_body(api: &Api<'_>, request: &CreateRequest) -> Value {
    let mut metadata: serde_json::Map<String, Value> =
        request.metadata.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    metadata.insert(wire::REFERENCE.to_owned(), request.reference.to_string().into());
    let mut body = json!({
        "amount": Amount::of(request.amount, &request.currency),
        "capture": !request.two_stage,
        "confirmation": {"type": "redirect", "return_url": request.return_url},
        "description": request.description,
        "metadata": metadata,
    });
    if let Some(receipt) = &request.receipt {
        body["receipt"] = receipt::of(api.settings(), receipt, &request.currency);
    }
    body
}

fn refund_body(api: &Api<'_>, request: &RefundRequest) -> Value {
    let mut body = json!({
        "payment_id": request.provider_payment_id,
        "amount": Amount::of(request.amount, &request.currency),
        "description": refund_description(request),
    });
    if let Some(receipt) = &request.receipt {
        body["receipt"] = receipt::of(api.settings(), receipt, &request.currency);
    }
    body
}

/// По этим словам узнаётся свой возврат: других пометок у возврата нет.
fn refund_description(request: &RefundRequest) -> String {
    let text = format!("{}{}", refund_mark(request), request.reason);
    text.trim_end().chars().take(250).collect()
}

fn refund_mark(request: &RefundRequest) -> String {
    format!("Возврат № {}. ", request.refund_id)
}

/// Свой платёж, заведённый раньше, если он есть: ключ от повторов уже не поможет.
async fn find_payment(api: &Api<'_>, request: &CreateRequest) -> Answer<Option<Payment>> {
    let since = request.created_at - TimeDelta::hours(1);
    walk(api, since, |payment| (payment.reference() == Some(request.reference)).then_some(payment)).await
}

/// Перебирает платежи, заведённые с этого момента, пока `found` не найдёт нужного.
async fn walk<T>(
    api: &Api<'_>,
    since: Timestamp,
    mut found: impl FnMut(Payment) -> Option<T> + Send,
) -> Answer<Option<T>> {
    let since = since.and_utc().to_rfc3339();
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let mut query = vec![("created_at.gte", since.as_str()), ("limit", "100")];
        if let Some(cursor) = &cursor {
            query.push(("cursor", cursor.as_str()));
        }
        let page: List<Payment> = api.get("/payments", &query).await?;
        if let Some(found) = page.items.into_iter().find_map(&mut found) {
            return Ok(Some(found));
        }
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(None),
        }
    }
    // Столько платежей за это время не просмотреть: пусть решает следующий раз или человек, но второго платежа не будет.
    Err(ProviderError::Unavailable("too many payments to look through".to_owned()))
}

async fn find_refund(api: &Api<'_>, request: &RefundRequest) -> Answer<Option<Operation>> {
    let query = [("payment_id", request.provider_payment_id.as_str()), ("limit", "100")];
    let page: List<Operation> = api.get("/refunds", &query).await?;
    let mark = refund_mark(request);
    let is_own =
        |refund: &Operation| refund.description.as_deref().is_some_and(|text| format!("{text} ").starts_with(&mark));
    Ok(page.items.into_iter().find(is_own))
}
