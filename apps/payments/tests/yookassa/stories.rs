//! Случайные истории против поддельной ЮKassa: оплата, отказ, отмена, уведомления, возвраты, обрывы в любом порядке. Итог — её.

use std::time::Duration;

use chrono::TimeDelta;
use payments::models::{Status, payment};
use payments::services;
use testkit::TestApp;

use super::fake::{FakeYooKassa, Trouble};
use super::{notify, receipt, refund, shop, terms};
use crate::support::*;

const TROUBLES: [Trouble; 5] = [
    Trouble::LostAnswer,
    Trouble::DoneBut500,
    Trouble::ServerError,
    Trouble::TooManyRequests,
    Trouble::Slow(Duration::from_millis(1)),
];

/// Имя платежа у неё, если она о нём знает, — по нашей ссылке, а не по ответу, который мог потеряться.
fn there(fake: &FakeYooKassa, payment: &payment::Model) -> Option<String> {
    let reference = payment.public_id.to_string();
    let known = fake.payments().into_iter().find(|known| known["metadata"]["payment"] == reference.as_str())?;
    known["id"].as_str().map(str::to_owned)
}

async fn step(app: &TestApp, fake: &FakeYooKassa, payment: &payment::Model) -> String {
    let random = app.ctx.random();
    let id = there(fake, payment);
    match (random.below(10), id) {
        (0 | 1, Some(id)) => format!("pay {}", fake.pay(&id)),
        (2, Some(id)) => {
            let pending = fake.payment(&id)["status"] == "pending";
            if pending {
                fake.decline(&id, "general_decline");
            }
            format!("decline {pending}")
        }
        (3, _) => {
            cancel_for(app, payment).await;
            "cancel".into()
        }
        (4, _) => format!("sync {}", services::sync(&app.ctx, payment.id).await.is_ok()),
        (5, _) => {
            let minutes = random.below(40);
            app.advance(TimeDelta::minutes(minutes.into()));
            format!("wait {minutes}")
        }
        (6, _) => {
            let kopecks = 1 + i64::from(random.below(100_000));
            format!("refund {kopecks} {}", refund(app, payment.id, kopecks, &random.token()).await.is_ok())
        }
        (7, _) => {
            let trouble = TROUBLES[random.below(5) as usize];
            fake.trouble(vec![trouble; 1 + random.below(2) as usize]);
            format!("{trouble:?}")
        }
        (8, Some(id)) => {
            for _ in 0..=random.below(2) {
                notify(app, &fake.notification(&id)).await.expect(200);
            }
            "notify".into()
        }
        _ => format!("jobs {}", app.run_jobs().await),
    }
}

#[tokio::test]
async fn random_stories_end_where_the_gateway_is() {
    let (app, fake) = shop().await;
    for number in 0..30 {
        let payment = create(&app, terms(&app, receipt())).await.expect("create");
        let mut story = Vec::new();
        for _ in 0..9 {
            story.push(step(&app, &fake, &payment).await);
        }
        fake.no_trouble();
        for _ in 0..8 {
            // Её страница живёт час: неоплаченное отменяется само.
            if let Some(id) = there(&fake, &payment).filter(|id| fake.payment(id)["status"] == "pending") {
                fake.decline(&id, "expired_on_confirmation");
            }
            app.advance(TimeDelta::minutes(20));
            app.run_jobs().await;
        }
        check(&app, &fake, &payment, &format!("story {number}: {}", story.join("; "))).await;
    }
    app.close().await;
}

async fn check(app: &TestApp, fake: &FakeYooKassa, payment: &payment::Model, story: &str) {
    let row = load(app, payment.id).await;
    let own = fake.payments().into_iter().filter(|known| known["metadata"]["payment"] == payment.public_id.to_string());
    let own: Vec<_> = own.collect();
    assert!(own.len() <= 1, "{story}: one intent, one payment there");
    assert!(row.refunded <= row.captured && row.captured <= row.amount, "{story}: {row:?}");
    assert_eq!(events(app, SUCCEEDED, payment.id).await.len(), usize::from(row.status == Status::Succeeded), "{story}");
    let expected = match own.first() {
        Some(there) if there["status"] == "succeeded" => Status::Succeeded,
        _ => Status::Cancelled,
    };
    assert_eq!(row.status, expected, "{story}: {row:?}");
    assert_eq!(row.next_check_at, None, "{story}: settled");
    if let Some(there) = own.first() {
        assert_eq!(there["refunded_amount"]["value"], row.refunded.to_string(), "{story}");
    }
}
