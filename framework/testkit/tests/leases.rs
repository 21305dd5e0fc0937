//! Срок задачи перехватили, пока она шла.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use kernel::jobs::{self, job_row};
use kernel::{Actor, Work};
use megashop_testkit::TestApp;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::span;

use crate::notes::{self, Gate, Wait};

#[tokio::test]
async fn a_job_whose_lease_was_lost_runs_on_to_its_end() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let app = TestApp::with_settings(vec![notes::app()], "[jobs]\nlease = 3").await;
    app.ctx.provide(Gate::default());
    let gate = app.ctx.service::<Gate>();
    app.ctx
        .atomic(&Actor::System("test"), async move |work: &mut Work| work.enqueue(&Wait).await)
        .await
        .expect("enqueue");
    let ctx = app.ctx.clone();
    let worker = tokio::spawn(async move { jobs::run_due(&ctx).await.expect("run") });
    gate.begun.notified().await;
    steal(&app, "thief").await;
    // Исполнитель узнаёт о пропаже сам, продлевая срок.
    log.lost.notified().await;
    gate.open.notify_one();
    worker.await.expect("worker");
    assert!(gate.finished.load(Ordering::SeqCst), "the job was dropped half-way");
    let left = jobs::list(&app.ctx, 10).await.expect("list").remove(0);
    assert_eq!(left.locked_by.as_deref(), Some("thief"), "the row belongs to whoever took it over");
    jobs::drop_job(&app.ctx, left.id).await.expect("drop");
    app.close().await;
}

async fn steal(app: &TestApp, thief: &str) {
    let until = (app.ctx.now() + chrono::TimeDelta::hours(1)).naive_utc();
    let stolen = job_row::Entity::update_many()
        .col_expr(job_row::Column::LockedBy, Expr::value(thief))
        .col_expr(job_row::Column::LockedUntil, Expr::value(until))
        .exec(&app.ctx.db_handle().write)
        .await
        .expect("steal");
    assert_eq!(stolen.rows_affected, 1);
}

/// Журнал, который ждёт одной записи: «срок потерян».
#[derive(Clone, Default)]
struct Log {
    lost: Arc<Notify>,
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().ends_with("jobs::worker")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        if message.0.contains("lease was lost") {
            self.lost.notify_one();
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
