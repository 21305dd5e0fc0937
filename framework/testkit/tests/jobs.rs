use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use kernel::{Actor, Work, jobs};
use megashop_testkit::TestApp;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::notes::{self, Crowd};

const DEADLINE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_listener_acts_once_and_its_job_disappears() {
    let app = TestApp::new(vec![notes::app()]).await;
    let id =
        app.anon().post("/api/v1/notes/", json!({"title": "раз", "price": 1})).await.expect(201).json()["id"].clone();
    assert_eq!(app.run_jobs().await, 1);
    assert_eq!(app.run_jobs().await, 0);
    assert_eq!(app.anon().get(&format!("/api/v1/notes/{id}")).await.json()["stock"], 1);
    app.close().await;
}

#[tokio::test]
async fn a_failing_job_is_retried_and_a_hopeless_one_waits_for_a_person() {
    let app = TestApp::new(vec![notes::app()]).await;
    put(&app, false).await;
    assert_eq!(app.run_jobs().await, 1);
    let job = jobs::list(&app.ctx, 10).await.expect("list").remove(0);
    assert_eq!((job.status.as_str(), job.attempts), (jobs::WAITING, 1));
    assert!(job.run_at > app.ctx.now().naive_utc(), "retry is postponed");
    jobs::drop_job(&app.ctx, job.id).await.expect("drop");

    put(&app, true).await;
    assert_eq!(app.run_jobs().await, 1);
    let dead = jobs::list(&app.ctx, 10).await.expect("list").remove(0);
    assert_eq!(dead.status, jobs::DEAD);
    jobs::retry(&app.ctx, dead.id).await.expect("retry");
    assert_eq!(jobs::count(&app.ctx).await.expect("count").waiting, 1);
    jobs::drop_job(&app.ctx, dead.id).await.expect("drop");
    app.close().await;
}

/// Отложенное само собой ждёт своего часа, а не ближайшего повтора, и попыток на это не тратит.
#[tokio::test]
async fn a_patient_job_waits_for_its_hour_without_spending_attempts() {
    let app = TestApp::new(vec![notes::app()]).await;
    let job = notes::Patient { till: app.ctx.now() + TimeDelta::minutes(50) };
    let put = async move |work: &mut Work| work.enqueue(&job).await;
    app.ctx.atomic(&Actor::System("test"), put).await.expect("enqueue");
    assert_eq!((app.run_jobs().await, app.run_jobs().await), (1, 0));
    let job = jobs::list(&app.ctx, 10).await.expect("list").remove(0);
    assert_eq!((job.status.as_str(), job.attempts, job.last_error), (jobs::WAITING, 0, None));
    assert_eq!(job.run_at, app.ctx.now().naive_utc() + TimeDelta::minutes(50));
    app.advance(TimeDelta::minutes(50));
    assert_eq!(app.run_jobs().await, 1);
    assert!(jobs::list(&app.ctx, 10).await.expect("list").is_empty());
    app.close().await;
}

async fn put(app: &TestApp, hopeless: bool) {
    let job = notes::Fail { hopeless };
    app.ctx
        .atomic(&Actor::System("test"), async move |work: &mut Work| work.enqueue(&job).await)
        .await
        .expect("enqueue");
}

#[tokio::test]
async fn a_schedule_fires_once_an_hour() {
    let app = TestApp::new(vec![notes::app()]).await;
    assert_eq!(app.run_jobs().await, 0);
    app.advance(TimeDelta::minutes(61));
    assert_eq!(app.run_jobs().await, 1);
    assert_eq!(app.run_jobs().await, 0);
    assert_eq!(app.anon().get("/api/v1/notes/").await.json()["total"], 1);
    app.close().await;
}

#[tokio::test]
async fn a_rolled_back_transaction_leaves_neither_event_nor_job() {
    let app = TestApp::new(vec![notes::app()]).await;
    let failed: kernel::Result<()> = app
        .ctx
        .atomic(&Actor::System("test"), async move |work: &mut Work| {
            work.emit(&notes::NoteAdded { note_id: 1 }).await?;
            Err(kernel::Error::refused("notes.failed"))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(app.run_jobs().await, 0);
    app.close().await;
}

#[tokio::test]
async fn lag_is_the_age_of_the_oldest_due_job_nobody_holds() {
    let app = TestApp::new(vec![notes::app()]).await;
    assert_eq!(jobs::lag(&app.ctx).await.expect("lag"), TimeDelta::zero());
    put(&app, false).await;
    app.advance(TimeDelta::seconds(7));
    put(&app, false).await;
    assert_eq!(jobs::lag(&app.ctx).await.expect("lag"), TimeDelta::seconds(7));
    // Обе не удались и ждут своего часа: опоздания нет.
    assert_eq!(app.run_jobs().await, 2);
    assert_eq!(jobs::lag(&app.ctx).await.expect("lag"), TimeDelta::zero());
    for job in jobs::list(&app.ctx, 10).await.expect("list") {
        jobs::drop_job(&app.ctx, job.id).await.expect("drop");
    }
    app.close().await;
}

/// Столько посетителей пришло разом: много больше, чем соединений с базой.
const CROWD: usize = 80;

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_visitors_does_not_keep_the_jobs_waiting() {
    let app = TestApp::new(vec![notes::app()]).await;
    app.ctx.provide(Crowd { entered: AtomicUsize::new(0), open: Semaphore::new(0) });
    put(&app, true).await;
    let crowd = app.ctx.service::<Crowd>();
    let visits: Vec<_> = (0..CROWD)
        .map(|_| {
            let visitor = app.anon();
            tokio::spawn(async move { visitor.post("/api/v1/notes/hold", json!({})).await.expect(200) })
        })
        .collect();
    let all_entered = async {
        while crowd.entered.load(Ordering::SeqCst) < CROWD {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, all_entered).await.expect("everybody has come");
    // Уходят по одному. К базе впереди задачи не больше двоих, и она выполнена, пока не ушла и половина.
    let half_left = async {
        for _ in 0..CROWD / 2 {
            crowd.open.add_permits(1);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        done = app.run_jobs() => assert_eq!(done, 1),
        () = half_left => panic!("the job waits for the crowd"),
    }
    crowd.open.add_permits(CROWD);
    for visit in visits {
        visit.await.expect("visit");
    }
    let dead = jobs::list(&app.ctx, 10).await.expect("list").remove(0);
    jobs::drop_job(&app.ctx, dead.id).await.expect("drop");
    app.close().await;
}
