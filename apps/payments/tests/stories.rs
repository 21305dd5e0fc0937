//! Случайные истории: оплата, отказ, отмена, уведомления, сверка, возвраты в любом порядке с любыми неисправностями.

use chrono::TimeDelta;
use kernel::{Money, Work};
use payments::emulator::{CallFault, Fault, GatewayStatus};
use payments::models::{Status, payment};
use payments::{emulator, factories, services};
use testkit::TestApp;

use crate::support::*;

const FAULTS: [Fault; 7] = [
    Fault::Twice,
    Fault::Hundred,
    Fault::Never,
    Fault::Late,
    Fault::OutOfOrder,
    Fault::WrongAmount,
    Fault::OtherReference,
];

/// Один случайный шаг; отказы законны, важен только итог.
async fn step(app: &TestApp, payment: &payment::Model) -> String {
    let random = app.ctx.random();
    let choice = random.below(9);
    match choice {
        0 | 1 => {
            let faults: Vec<Fault> = FAULTS.into_iter().filter(|_| random.below(5) == 0).collect();
            let done = emulator::pay(&app.ctx, payment.public_id, &faults).await.is_ok();
            format!("pay {faults:?} {done}")
        }
        2 => format!("refuse {}", emulator::refuse(&app.ctx, payment.public_id).await.is_ok()),
        3 => {
            cancel_for(app, payment).await;
            "cancel".into()
        }
        4 => format!("sync {}", services::sync(&app.ctx, payment.id).await.is_ok()),
        5 => {
            let minutes = random.below(40);
            app.advance(TimeDelta::minutes(minutes.into()));
            format!("wait {minutes}")
        }
        6 => {
            let (id, roubles, key) = (payment.id, 1 + i64::from(random.below(1000)), random.token());
            let give = async move |work: &mut Work| {
                services::refund(work, id, &factories::new_refund(Money::rub(roubles), &key)).await
            };
            format!("refund {roubles} {}", app.ctx.atomic(&ACTOR, give).await.is_ok())
        }
        7 => {
            let fault = if random.below(2) == 0 { CallFault::LostAnswer } else { CallFault::ServerError };
            break_calls(app, fault, 1 + random.below(3) as i32).await;
            format!("break {fault:?}")
        }
        _ => format!("jobs {}", app.run_jobs().await),
    }
}

#[tokio::test]
async fn random_stories_end_where_the_gateway_is() {
    let app = shop().await;
    for number in 0..40 {
        let payment = factories::payment(&app.ctx).create().await;
        let mut story = Vec::new();
        for _ in 0..8 {
            story.push(step(&app, &payment).await);
        }
        break_calls(&app, CallFault::LostAnswer, 0).await;
        break_calls(&app, CallFault::ServerError, 0).await;
        for _ in 0..8 {
            app.advance(TimeDelta::minutes(20));
            app.run_jobs().await;
        }
        check(&app, &payment, &format!("story {number}: {}", story.join("; "))).await;
    }
    app.close().await;
}

async fn check(app: &TestApp, payment: &payment::Model, story: &str) {
    let row = load(app, payment.id).await;
    let successes = events(app, SUCCEEDED, payment.id).await.len();
    assert!(row.refunded <= row.captured && row.captured <= row.amount, "{story}: {row:?}");
    assert_eq!(successes, usize::from(row.status == Status::Succeeded), "{story}");
    let Some(there) = gateway(app, payment).await.pop() else {
        assert_eq!(row.status, Status::Cancelled, "{story}: {row:?}");
        return;
    };
    assert_eq!(there.refunded, row.refunded, "{story}");
    let is_doubtful = there.faults.contains("wrong_amount") || there.faults.contains("other_reference");
    let expected = match there.status {
        GatewayStatus::Succeeded if is_doubtful => Status::Attention,
        GatewayStatus::Succeeded => Status::Succeeded,
        GatewayStatus::Canceled => Status::Cancelled,
        other => panic!("{story}: still {other:?} at the gateway: {row:?}"),
    };
    assert_eq!(row.status, expected, "{story}: {row:?}");
    assert_eq!(row.next_check_at, None, "{story}: settled");
}
