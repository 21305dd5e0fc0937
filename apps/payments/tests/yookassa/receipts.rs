//! Чеки 54-ФЗ: второй чек при передаче, ставки, адресаты, предел строк — и арифметика на случайных корзинах.

use kernel::{Money, Work};
use payments::models::{ReceiptStatus, settlement_receipt};
use payments::permissions::VIEW_PAYMENT;
use payments::receipts::*;
use payments::{queries, services};
use serde_json::{Value, json};
use testkit::TestApp;

use super::fake::Trouble;
use super::{paid, paid_with, prepaid, receipt, refund, shop, shop_with, started_with};
use crate::support::*;

/// Товар передан покупателю.
pub async fn hand_over(app: &TestApp, payment_id: i64) {
    let settle = async move |work: &mut Work| services::settle_prepayment(work, payment_id).await;
    app.ctx.atomic(&ACTOR, settle).await.expect("settle");
    app.run_jobs().await;
}

async fn settlement(app: &TestApp, payment_id: i64) -> settlement_receipt::Model {
    queries::settlement_of(app.ctx.db_fresh(), payment_id).await.expect("read").expect("second receipt")
}

fn field(items: &Value, name: &str) -> Vec<Value> {
    items.as_array().expect("items").iter().map(|item| item[name].clone()).collect()
}

/// Предзаказ: при оплате — предоплата, при передаче — полный расчёт и зачёт, ровно один раз.
#[tokio::test]
async fn a_prepaid_line_gets_its_second_receipt_once() {
    let (app, fake) = shop().await;
    let (payment, id) = paid_with(&app, &fake, prepaid()).await;
    let first = fake.payment(&id);
    assert_eq!(field(&first["receipt"]["items"], "payment_mode"), ["full_prepayment", "full_payment"]);
    assert_eq!(field(&first["receipt"]["items"], "vat_code"), [12, 1], "prepayment is taxed by the extracted rate");

    fake.trouble([Trouble::LostAnswer]);
    hand_over(&app, payment.id).await;
    hand_over(&app, payment.id).await;
    live(&app, 2).await;
    let receipts = fake.receipts();
    assert_eq!(receipts.len(), 1, "{receipts:?}");
    let second = &receipts[0];
    assert_eq!(
        (&second["type"], &second["payment_id"], &second["send"]),
        (&json!("payment"), &json!(id), &json!(true))
    );
    assert_eq!(second["items"].as_array().map(Vec::len), Some(1), "only what was prepaid");
    assert_eq!(
        (field(&second["items"], "payment_mode"), field(&second["items"], "vat_code")),
        (vec![json!("full_payment")], vec![json!(11)])
    );
    let settled = json!([{"type": "prepayment", "amount": {"value": "800.00", "currency": "RUB"}}]);
    assert_eq!((&second["settlements"], &second["customer"]["email"]), (&settled, &json!("anna@example.ru")));
    let row = settlement(&app, payment.id).await;
    assert_eq!((row.status, row.provider_receipt_id.as_deref()), (ReceiptStatus::Succeeded, second["id"].as_str()));

    let staff = app.anon().bearer(&accounts::factories::staff(&app.ctx, &[VIEW_PAYMENT]).await.token);
    let seen = staff.get(&format!("/api/v1/payments/{}", payment.id)).await.expect(200).json();
    assert_eq!(
        (&seen["settlement_receipt"]["status"], &seen["settlement_receipt"]["amount"]),
        (&json!("succeeded"), &json!(800))
    );
    app.close().await;
}

/// Возвращённое до передачи во второй чек не входит; без предоплаты второго чека нет.
#[tokio::test]
async fn the_second_receipt_holds_what_was_really_handed_over() {
    let (app, fake) = shop().await;
    let (part, _) = paid_with(&app, &fake, prepaid()).await;
    refund(&app, part.id, 50_000, "r").await.expect("half");
    app.run_jobs().await;
    hand_over(&app, part.id).await;
    let receipts = fake.receipts();
    assert_eq!(
        (field(&receipts[0]["items"], "quantity"), field(&receipts[0]["items"], "amount")),
        (vec![json!(1)], vec![json!({"value": "400.00", "currency": "RUB"})])
    );

    let (all, _) = paid_with(&app, &fake, prepaid()).await;
    refund(&app, all.id, 100_000, "r").await.expect("all");
    app.run_jobs().await;
    let (plain, _) = paid(&app, &fake).await;
    for id in [all.id, plain.id] {
        hand_over(&app, id).await;
        assert!(queries::settlement_of(app.ctx.db_fresh(), id).await.expect("read").is_none());
    }
    assert_eq!(fake.receipts().len(), 1);
    app.close().await;
}

/// Чек регистрируется не сразу; не зарегистрирован — человек должен знать.
#[tokio::test]
async fn a_receipt_is_followed_until_it_is_registered() {
    let (app, fake) = shop().await;
    fake.slow_receipts();
    let (good, _) = paid_with(&app, &fake, prepaid()).await;
    let (bad, _) = paid_with(&app, &fake, prepaid()).await;
    hand_over(&app, good.id).await;
    hand_over(&app, bad.id).await;
    live(&app, 11).await;
    assert_eq!(settlement(&app, good.id).await.status, ReceiptStatus::Pending);
    for (payment, status) in [(&good, "succeeded"), (&bad, "canceled")] {
        fake.settle_receipt(&settlement(&app, payment.id).await.provider_receipt_id.expect("id"), status);
    }
    live(&app, 11).await;
    assert_eq!(settlement(&app, good.id).await.status, ReceiptStatus::Succeeded);
    assert_eq!(settlement(&app, bad.id).await.status, ReceiptStatus::Failed);
    assert_eq!(events(&app, ATTENTION, bad.id).await[0]["reason"], "receipt_failed");
    assert!(events(&app, ATTENTION, good.id).await.is_empty());
    assert_paid_once(&app, bad.id).await;
    app.close().await;
}

/// Чек самого платежа: пока регистрируется — спрашиваем, не вышел — зовём человека; платёж оплачен в любом случае.
#[tokio::test]
async fn the_receipt_of_a_payment_is_watched() {
    let (app, fake) = shop().await;
    for (end, is_called) in [("succeeded", false), ("canceled", true)] {
        let (payment, id) = started_with(&app, receipt()).await;
        fake.pay(&id);
        fake.edit(&id, |payment| payment["receipt_registration"] = json!("pending"));
        live(&app, 4).await;
        assert_paid_once(&app, payment.id).await;
        fake.edit(&id, |payment| payment["receipt_registration"] = json!(end));
        live(&app, 31).await;
        assert_eq!(events(&app, ATTENTION, payment.id).await.len(), usize::from(is_called), "{end}");
        assert_paid_once(&app, payment.id).await;
    }
    let (payment, id) = started_with(&app, receipt()).await;
    fake.pay(&id);
    fake.edit(&id, |payment| payment["receipt_registration"] = json!("pending"));
    live(&app, 4).await;
    for _ in 0..4 {
        app.advance(chrono::TimeDelta::days(1));
        app.run_jobs().await;
    }
    assert_eq!(events(&app, ATTENTION, payment.id).await[0]["reason"], "receipt_failed", "three days is too long");
    app.run_jobs().await;
    app.close().await;
}

/// Покупателя без адресов заменяет адрес магазина; система налогообложения и ставки — из настройки.
#[tokio::test]
async fn settings_fill_what_the_order_does_not_say() {
    let settings = "[payments.yookassa]\nvat_code = 11\ntax_system_code = 2\nextracted_prepayment_vat = false\n";
    let (app, fake) = shop_with(settings).await;
    let mut nameless = prepaid();
    (nameless.email, nameless.phone) = (None, None);
    let rates = [0, 5, 7, 10, 20, 22];
    nameless.lines = rates.map(|rate| ReceiptLine { vat_rate: Some(rate), ..nameless.lines[0].clone() }).to_vec();
    nameless.lines.push(ReceiptLine { vat_rate: None, ..nameless.lines[0].clone() });
    let (_, id) = started_with(&app, nameless.clone()).await;
    let there = fake.payment(&id);
    assert_eq!(there["receipt"]["customer"], json!({"email": "shop@example.ru"}));
    assert_eq!(there["receipt"]["tax_system_code"], 2);
    assert_eq!(field(&there["receipt"]["items"], "vat_code"), [2, 7, 8, 3, 4, 11, 11]);
    app.close().await;

    let (app, fake) = shop().await;
    let (_, id) = started_with(&app, nameless).await;
    assert_eq!(field(&fake.payment(&id)["receipt"]["items"], "vat_code"), [2, 9, 10, 5, 6, 12, 1]);
    app.close().await;
}

/// Строк больше, чем принимает касса: лишние однородные складываются, сумма та же.
#[tokio::test]
async fn a_long_receipt_is_folded_to_a_hundred_lines() {
    let (app, fake) = shop().await;
    let line = |n: i64| ReceiptLine {
        vat_rate: Some(if n % 2 == 0 { 10 } else { 22 }),
        ..ReceiptLine::new(
            &format!("Деталь {n}, {}", "я".repeat(200)),
            3,
            Money::minor(10_000 + n),
            PaymentSubject::Goods,
        )
    };
    let long = Receipt { lines: (0..200).map(line).collect(), ..receipt() };
    let (_, id) = started_with(&app, long).await;
    let items = fake.payment(&id)["receipt"]["items"].clone();
    let items = items.as_array().expect("items");
    assert_eq!(items.len(), 100);
    let rest: Vec<_> = items.iter().filter(|item| item["description"] == "Прочие товары заказа").collect();
    assert_eq!(rest.len(), 2, "one of each rate");
    app.close().await;
}

/// Личное стирается, книги остаются: следующий чек уйдёт магазину.
#[tokio::test]
async fn erased_customers_leave_receipts_without_their_addresses() {
    let (app, fake) = shop().await;
    let (payment, _) = paid(&app, &fake).await;
    let subject = payment.subject();
    let forget = async move |work: &mut Work| services::forget_customers(work, std::slice::from_ref(&subject)).await;
    app.ctx.atomic(&ACTOR, forget).await.expect("forget");
    let row = load(&app, payment.id).await;
    assert_eq!((row.customer_email, row.customer_phone, row.receipt_lines.is_some()), (None, None, true));
    refund(&app, payment.id, 100, "r").await.expect("refund");
    app.run_jobs().await;
    assert_eq!(fake.refunds()[0]["receipt"]["customer"], json!({"email": "shop@example.ru"}));
    app.close().await;
}

/// Быстрый повторяемый случай: splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % below) as i64
    }
}

/// Сто тысяч случайных чеков: строки кассы — ровно платёж, ни одной отрицательной; возвраты частями — ровно платёж и ни одной строки
/// больше проданной; второй чек — ровно то, что осталось.
#[test]
fn a_hundred_thousand_receipts_add_up_to_the_kopeck() {
    let mut dice = Dice(54);
    for case in 0..100_000 {
        let lines: Vec<ReceiptLine> = (0..1 + dice.roll(6)).map(|item| random_line(&mut dice, item)).collect();
        let total: Money = lines.iter().map(|line| line.amount).sum();
        assert_eq!(cash_sum(&lines, 100), total, "case {case}: {lines:?}");
        assert_eq!(cash_sum(&lines, 5), total, "case {case}: {lines:?}");
        give_back(&mut dice, &lines, total, case);
    }
}

fn random_line(dice: &mut Dice, item: i64) -> ReceiptLine {
    let quantity = 1 + dice.roll(9);
    let most = if dice.roll(2) == 0 { 50 } else { 5_000_000 };
    let amount = Money::minor(1 + dice.roll(most));
    ReceiptLine {
        item: Some(item),
        name: "строка".to_owned(),
        quantity,
        amount,
        vat_rate: [None, Some(10), Some(22)][dice.roll(3) as usize],
        subject: if dice.roll(4) == 0 { PaymentSubject::Service } else { PaymentSubject::Goods },
        mode: [PaymentMode::FullPayment, PaymentMode::FullPrepayment, PaymentMode::PartialPrepayment]
            [dice.roll(3) as usize],
    }
}

fn cash_sum(lines: &[ReceiptLine], limit: usize) -> Money {
    let priced = priced(lines, limit.max(12), "прочее");
    assert!(priced.len() <= limit.max(12) && priced.iter().all(|line| line.price > Money::ZERO && line.quantity > 0));
    priced.iter().map(|line| line.price.times(line.quantity).expect("fits")).sum()
}

fn give_back(dice: &mut Dice, lines: &[ReceiptLine], total: Money, case: usize) {
    let mut refunded: Vec<RefundPart> = Vec::new();
    let mut rest = total;
    for turn in 0..4 {
        let amount = if turn == 3 { rest } else { Money::minor(dice.roll(rest.to_minor() as u64 + 1)) };
        if amount.is_zero() {
            continue;
        }
        let chosen = dice.roll(lines.len() as u64) as usize;
        let before = left(lines, &refunded)[chosen];
        let named = Money::minor(dice.roll(amount.to_minor() as u64 + 1));
        let parts = refund_parts(lines, &refunded, amount, &[(chosen as i64, named)]);
        let given = parts.iter().find(|part| part.line == chosen).map_or(Money::ZERO, |part| part.part.amount);
        assert!(given >= named.min(before), "case {case}: the chosen line gets what was asked for it");
        let own: Vec<ReceiptLine> = parts.iter().map(|part| part.part.clone()).collect();
        assert_eq!(cash_sum(&own, 100), amount, "case {case}: {lines:?} {refunded:?}");
        refunded.extend(parts);
        rest -= amount;
        let left = left(lines, &refunded);
        assert!(left.iter().all(|amount| !amount.is_negative()), "case {case}: {left:?}");
        assert_eq!(left.iter().copied().sum::<Money>(), rest, "case {case}");
        let kept: Money = settlement_lines(lines, &refunded).iter().map(|line| line.amount).sum();
        let prepaid = lines.iter().zip(&left).filter(|(line, _)| line.mode.is_prepayment());
        assert_eq!(kept, prepaid.map(|(_, left)| *left).sum(), "case {case}");
    }
    assert!(rest.is_zero(), "case {case}: all parts are the whole payment");
}
