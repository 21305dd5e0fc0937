//! Готовые платежи для тестов и демонстрации: названо только то, что важно.

use kernel::{Actor, Ctx, Money, RUB, Subject, Work};
use uuid::Uuid;

use crate::models::payment;
use crate::providers::cash;
use crate::receipts::Receipt;
use crate::services::{self, NewPayment, NewRefund};

/// Заготовка платежа.
pub struct PaymentFactory<'a> {
    ctx: &'a Ctx,
    new: NewPayment,
}

/// Платёж на 1 000 ₽ за свой собственный предмет, гостевой, с провайдером из настройки.
pub fn payment(ctx: &Ctx) -> PaymentFactory<'_> {
    let new = NewPayment {
        subject: Subject::new("tests.thing", Uuid::from_bytes(ctx.random().bytes())),
        subject_number: None,
        amount: Money::rub(1000),
        currency: RUB.to_owned(),
        description: "Заказ".to_owned(),
        user_id: None,
        provider: None,
        return_url: "http://localhost:8000/thanks".to_owned(),
        receipt: None,
        parts: Vec::new(),
    };
    PaymentFactory { ctx, new }
}

/// Просьба вернуть деньги: без доли и выбранных строк.
pub fn new_refund(amount: Money, key: &str) -> NewRefund {
    NewRefund { amount, reason: "брак".to_owned(), key: key.to_owned(), part: None, items: Vec::new() }
}

impl PaymentFactory<'_> {
    pub fn amount(mut self, amount: Money) -> Self {
        self.new.amount = amount;
        self
    }

    pub fn subject(mut self, subject: Subject) -> Self {
        self.new.subject = subject;
        self
    }

    pub fn user(mut self, user_id: i64) -> Self {
        self.new.user_id = Some(user_id);
        self
    }

    pub fn cash(mut self) -> Self {
        self.new.provider = Some(cash::CODE.to_owned());
        self
    }

    /// С чеком; сумма платежа — его сумма.
    pub fn receipt(mut self, receipt: Receipt) -> Self {
        self.new.amount = receipt.sum();
        self.new.receipt = Some(receipt);
        self
    }

    /// Условия, какими их примет `services::create`.
    pub fn terms(self) -> NewPayment {
        self.new
    }

    /// Записывает намерение.
    #[expect(clippy::expect_used, reason = "заготовка действительна сама по себе; беда видна в тесте")]
    pub async fn create(self) -> payment::Model {
        let new = self.new;
        let create = async move |work: &mut Work| services::create(work, &new).await;
        self.ctx.atomic(&Actor::System("factory"), create).await.expect("create a payment")
    }

    /// Оплаченный наличными.
    #[expect(clippy::expect_used, reason = "заготовка действительна сама по себе; беда видна в тесте")]
    pub async fn paid(self) -> payment::Model {
        let ctx = self.ctx;
        let id = self.cash().create().await.id;
        let pay = async move |work: &mut Work| services::mark_cash_received(work, id).await;
        ctx.atomic(&Actor::System("factory"), pay).await.expect("pay in cash")
    }
}
