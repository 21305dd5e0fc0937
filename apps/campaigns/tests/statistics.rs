//! Воронка и выгрузки.

use chrono::TimeDelta;
use serde_json::json;

use crate::shop::{self, attach, complete, start, view};

#[tokio::test]
async fn the_funnel_counts_each_day_of_the_shop() {
    let app = shop::with_assets(2).await;
    let visitor = app.anon();
    start(&visitor).await;
    let looked = start(&visitor).await;
    view(&visitor, &looked, "asset-1").await;
    let (session, _) = complete(&visitor, 2).await;
    attach(&visitor, &session, "anna@example.ru").await;
    while app.run_jobs().await > 0 {}
    // 21:00 UTC — уже завтра в Москве.
    app.advance(TimeDelta::hours(12));
    complete(&visitor, 2).await;
    let staff = shop::staff(&app).await;
    let found = staff.get("/api/v1/campaigns/1/statistics").await.expect(200).json();
    let zero = json!({"revenue": 0, "discount": 0, "codes_used": 0});
    let day = |day: &str, sessions, viewers, completed, emails, codes_sent| {
        let mut row = zero.clone();
        for (key, value) in [
            ("sessions", sessions),
            ("viewers", viewers),
            ("completed", completed),
            ("emails", emails),
            ("codes_sent", codes_sent),
        ] {
            row[key] = json!(value);
        }
        if !day.is_empty() {
            row["day"] = json!(day);
        }
        row
    };
    assert_eq!(found["days"], json!([day("2026-03-02", 3, 2, 1, 1, 1), day("2026-03-03", 1, 1, 1, 0, 0)]));
    assert_eq!(found["total"], day("", 4, 3, 2, 1, 1));
    assert_eq!((&found["start_date"], &found["end_date"]), (&json!("2026-02-02"), &json!("2026-03-03")));
    assert_eq!(
        found["assets"],
        json!([
            {"slug": "asset-1", "name": "asset-1", "views_today": 1, "first_views": 3, "views_all_time": 3},
            {"slug": "asset-2", "name": "asset-2", "views_today": 1, "first_views": 2, "views_all_time": 2},
        ])
    );
    assert_eq!((&found["best_asset"]["slug"], &found["views_today"]), (&json!("asset-1"), &json!(2)));
    let one =
        staff.get("/api/v1/campaigns/1/statistics?start_date=2026-03-03&end_date=2026-03-03").await.expect(200).json();
    assert_eq!(one["total"], day("", 1, 1, 1, 0, 0));
    for query in ["start_date=2026-03-04&end_date=2026-03-03", "start_date=2024-01-01&end_date=2026-03-03"] {
        staff.get(&format!("/api/v1/campaigns/1/statistics?{query}")).await.invalid("end_date");
    }
    app.close().await;
}

#[tokio::test]
async fn exports_hold_no_formulas() {
    let app = shop::with_assets(1).await;
    let visitor = app.anon();
    let (session, code) = complete(&visitor, 1).await;
    attach(&visitor, &session, "=cmd@example.ru").await;
    while app.run_jobs().await > 0 {}
    let staff = shop::staff(&app).await;
    let file = staff.get("/api/v1/campaigns/1/codes/export?bom=false").await.expect(200);
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"codes_default_20260302.csv\""));
    let text = file.text();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("Код,Сеанс,Почта,Выдан,Отправлен,Использован,Выручка,Скидка"));
    assert_eq!(
        lines.next(),
        Some(format!("{code},{session},'=cmd@example.ru,2026-03-02 09:00:00,2026-03-02 09:00:00,,,").as_str())
    );
    let funnel = staff.get("/api/v1/campaigns/1/statistics/export").await.expect(200).text();
    assert!(funnel.starts_with('\u{feff}') && funnel.contains("2026-03-02,1,1,1,1,1,0,"), "{funnel}");
    app.close().await;
}
