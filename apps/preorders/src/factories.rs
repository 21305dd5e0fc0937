//! Готовые предзаказы для тестов и демонстрации.

use catalog::factories::{Made, product};
use catalog::models::product::OrderType;
use kernel::{Actor, Ctx, Work};

use crate::models::wave;
use crate::schemas::WaveIn;
use crate::{queries, services};

/// Товар, который продаётся волнами: столько волн по стольку мест.
pub async fn preorder(ctx: &Ctx, waves: i64, capacity: i64) -> Made {
    let blank = product(ctx).stock(0).with(|input| {
        input.order_type = OrderType::Preorder;
        input.preorder_waves_total = waves;
        input.preorder_wave_capacity = capacity;
    });
    blank.create().await
}

/// Ещё одна волна: названо только важное.
pub fn wave_in(product_id: i64, capacity: i64) -> WaveIn {
    WaveIn {
        product_id,
        capacity,
        price: None,
        deposit_percent: None,
        min_count: None,
        closes_at: None,
        ships_at: None,
    }
}

/// Заводит волну.
#[expect(clippy::expect_used, reason = "заготовки нужны тестам и загрузке демонстрации: там падение уместно")]
pub async fn add_wave(ctx: &Ctx, input: WaveIn) -> wave::Model {
    let added =
        ctx.atomic(&Actor::System("factory"), async move |work: &mut Work| services::create_wave(work, &input).await);
    added.await.expect("the wave is created")
}

/// Волны товара, прочитанные заново.
#[expect(clippy::expect_used, reason = "заготовки нужны тестам и загрузке демонстрации: там падение уместно")]
pub async fn waves(ctx: &Ctx, product_id: i64) -> Vec<wave::Model> {
    queries::waves_of(ctx.db_fresh(), product_id).await.expect("waves")
}
