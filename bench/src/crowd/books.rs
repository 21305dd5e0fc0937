//! Сверка толпы: что сказано посетителям, что в базе и что в почте — одно и то же.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use super::ASSETS;
use super::visitor::Visitor;
use crate::database::Database;
use crate::fleet::Fleet;
use crate::http::Call;
use crate::sink::{self, Sink};

/// Награда кампании.
pub const PERCENT: i64 = 15;
pub const MIN_SUM: i64 = 100;

pub async fn check(visitors: &[Visitor], database: &Database, sink: &Sink, fleet: &Fleet, admin: &str) -> Result<()> {
    check_codes(visitors, database).await.context("codes")?;
    check_letters(visitors, sink).context("letters")?;
    check_views(visitors, database, fleet, admin).await.context("views")
}

/// Столько же разных кодов, сколько сеансов; каждый — промокод с условиями кампании и достался своему.
async fn check_codes(visitors: &[Visitor], database: &Database) -> Result<()> {
    let sessions = visitors.len() as i64;
    let told: BTreeMap<String, &str> =
        visitors.iter().map(|visitor| Ok((visitor.email(), visitor.code()?))).collect::<Result<_>>()?;
    let different: BTreeSet<&str> = told.values().copied().collect();
    ensure!(different.len() == visitors.len(), "{} different codes of {sessions}", different.len());
    let rows = database.pairs("SELECT email, code FROM campaign_codes").await?;
    ensure!(rows.len() == visitors.len(), "{} rows of codes", rows.len());
    for (email, code) in &rows {
        ensure!(told.get(email) == Some(&code.as_str()), "{email} has {code}, was told {:?}", told.get(email));
    }
    let counts = [
        (
            "promos with the rule of the campaign",
            format!(
                "SELECT COUNT(*) FROM campaign_codes c JOIN promo_codes p ON p.id = c.promo_id AND p.code = c.code \
             WHERE p.discount_percent = {} AND p.min_sum = {} AND p.max_uses = 1 AND p.current_uses = 0 AND p.is_active",
                PERCENT * 100,
                MIN_SUM * 100
            ),
        ),
        (
            "completed sessions with their own e-mail",
            "SELECT COUNT(*) FROM campaign_codes c \
             JOIN campaign_sessions s ON s.id = c.session_id AND s.user_id = c.user_id AND s.pending_email = c.email \
             WHERE s.completed_at IS NOT NULL AND c.letters = 1 AND c.sent_at IS NOT NULL"
                .to_owned(),
        ),
        ("messages sent", "SELECT COUNT(*) FROM messages WHERE status = 'sent'".to_owned()),
        ("people", "SELECT COUNT(*) FROM campaign_users WHERE total_score = 100".to_owned()),
    ];
    for (what, sql) in counts {
        let count = database.number(&sql).await?;
        ensure!(count == sessions, "{what}: {count} of {sessions}");
    }
    let promos = database.number("SELECT COUNT(*) FROM promo_codes").await?;
    ensure!(promos == sessions, "{promos} promos for {sessions} codes");
    Ok(())
}

/// Каждому одно письмо, и в обеих его частях — его код и никакого другого.
fn check_letters(visitors: &[Visitor], sink: &Sink) -> Result<()> {
    let letters = sink.letters();
    ensure!(letters.len() == visitors.len(), "{} addresses", letters.len());
    for visitor in visitors {
        let own = letters.get(&visitor.email()).map(Vec::as_slice).unwrap_or_default();
        ensure!(own.len() == 1, "{}: {} letters", visitor.email(), own.len());
        let words = sink::words(&own[0]);
        let code = visitor.code()?;
        let (mine, all) = (words.matches(code).count(), words.matches("PROMO-").count());
        ensure!((mine, all) == (2, 2), "{}: its code {mine} times, any code {all} times", visitor.email());
    }
    Ok(())
}

/// Засчитано ровно то, что просмотрено, — в таблице, в сводке и в статистике.
async fn check_views(visitors: &[Visitor], database: &Database, fleet: &Fleet, admin: &str) -> Result<()> {
    let views: usize = visitors.iter().map(|visitor| visitor.views).sum();
    let firsts = visitors.len() * ASSETS;
    let sums = [
        ("views", views, "SELECT COUNT(*) FROM campaign_view_events WHERE event_type = 'viewed_asset'"),
        ("awards", firsts, "SELECT COUNT(*) FROM campaign_view_events WHERE event_type = 'first_view_awarded'"),
        ("progress", firsts, "SELECT COUNT(*) FROM campaign_progress"),
        ("codes issued", visitors.len(), "SELECT COUNT(*) FROM campaign_view_events WHERE event_type = 'promo_issued'"),
        ("codes sent", visitors.len(), "SELECT COUNT(*) FROM campaign_view_events WHERE event_type = 'promo_sent'"),
    ];
    for (what, owed, sql) in sums {
        let count = database.number(sql).await?;
        ensure!(count == owed as i64, "{what}: {count} in the table, {owed} by the visitors");
    }
    let mut client = fleet.servers[0].client();
    let stats = client.send(&Call::get("/stats/")).await?.json()?;
    ensure!(stats["views_all_time"] == views, "{stats}, viewed {views}");
    let statistics = client.send(&Call::get("/api/v1/campaigns/1/statistics").by(admin)).await?.json()?;
    let total = &statistics["total"];
    for step in ["viewers", "completed", "emails", "codes_sent"] {
        ensure!(total[step] == visitors.len(), "{step} in {total}");
    }
    ensure!(statistics["views_all_time"] == views, "views_all_time in {statistics}");
    Ok(())
}
