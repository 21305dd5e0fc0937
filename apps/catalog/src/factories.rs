//! Готовые товары для тестов этого и соседних приложений: `factories::product(&ctx).price(2500).stock(3).create().await`.

use kernel::{Actor, Ctx, Money, Work};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::models::{inventory_item, product, variant};
use crate::schemas::{OwnSize, ProductIn, SizeIn};
use crate::services;

/// Товар с одним вариантом, ценой 1000 рублей и остатком 10.
pub fn product(ctx: &Ctx) -> ProductFactory {
    let code = ctx.random().token()[..12].to_owned();
    let input = ProductIn {
        name: format!("Товар {code}"),
        article: format!("T-{code}"),
        price: Money::rub(1000),
        stock_count: 10,
        ..Default::default()
    };
    ProductFactory { ctx: ctx.clone(), input }
}

pub struct ProductFactory {
    ctx: Ctx,
    pub input: ProductIn,
}

/// Созданный товар с вариантами по порядку и складскими позициями.
#[derive(Clone, Debug)]
pub struct Made {
    pub product: product::Model,
    pub variants: Vec<variant::Model>,
    pub items: Vec<inventory_item::Model>,
}

impl ProductFactory {
    /// Цена в целых рублях.
    pub fn price(mut self, roubles: i64) -> Self {
        self.input.price = Money::rub(roubles);
        self
    }

    /// Общий остаток.
    pub fn stock(mut self, count: i64) -> Self {
        self.input.stock_count = count;
        self
    }

    /// Размеры с общим остатком.
    pub fn sizes(mut self, sizes: &[&str]) -> Self {
        self.input.sizes = sizes.iter().map(|size| SizeIn::Name((*size).to_owned())).collect();
        self
    }

    /// Размеры, у каждого свой остаток.
    pub fn size_stock(mut self, sizes: &[(&str, i64)]) -> Self {
        let own = |(size, stock): &(&str, i64)| {
            SizeIn::Own(OwnSize { size: (*size).to_owned(), stock_count: Some(*stock), price: None })
        };
        self.input.sizes = sizes.iter().map(own).collect();
        self
    }

    /// Любое другое поле.
    pub fn with(mut self, change: impl FnOnce(&mut ProductIn)) -> Self {
        change(&mut self.input);
        self
    }

    #[expect(clippy::expect_used, reason = "фабрика нужна тестам и демонстрации: беда видна сразу")]
    pub async fn create(self) -> Made {
        let input = self.input;
        let made = self.ctx.atomic(&Actor::System("factory"), async move |work: &mut Work| {
            let product = services::create_product(work, input.clone()).await?;
            let variants = variant::Entity::find()
                .filter(variant::Column::ProductId.eq(product.id))
                .order_by_asc(variant::Column::Position)
                .all(work.db())
                .await?;
            let items = inventory_item::Entity::find()
                .filter(inventory_item::Column::ProductId.eq(product.id))
                .order_by_asc(inventory_item::Column::Id)
                .all(work.db())
                .await?;
            Ok(Made { product, variants, items })
        });
        made.await.expect("the product is created")
    }
}
