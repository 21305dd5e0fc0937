//! Числа дня на главной.

use chrono::TimeDelta;
use preorders::factories::{add_wave, preorder, wave_in};
use preorders::schemas::WaveIn;

use crate::shop::*;
use crate::stories::paid_order;

/// Задаток — в день, когда пришёл он, остаток — когда пришёл остаток.
#[tokio::test]
async fn money_counts_on_the_day_it_came() {
    let app = open().await;
    let me = administrator(&app).await;
    let hoodie = preorder(&app.ctx, 0, 0).await;
    add_wave(&app.ctx, WaveIn { deposit_percent: Some(30), ..wave_in(hoodie.product.id, 5) }).await;
    let order = paid_order(&app, &hoodie).await;
    let today = me.get("/admin").await.expect(200);
    shows(&today, "<strong class=\"tile-value\">1</strong>");
    shows(&today, "<strong class=\"tile-value\">600 ₽</strong>");
    app.advance(TimeDelta::days(1));
    // За день пропуск вышел.
    let me = administrator(&app).await;
    me.done(&format!("/admin/orders/order/{}/balance", order.id), &[]).await;
    let tomorrow = me.get("/admin").await.expect(200);
    shows(&tomorrow, "<strong class=\"tile-value\">0</strong>");
    shows(&tomorrow, "<strong class=\"tile-value\">1 400 ₽</strong>");
    shows(&tomorrow, "<title>60000</title>");
    shows(&tomorrow, "<title>140000</title>");
    close(app).await;
}
