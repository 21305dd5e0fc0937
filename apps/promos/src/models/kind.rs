//! Вид покупки: на какие из них действует код.

use catalog::models::product::{OrderType, ProductKind};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Вид покупки. Предзаказ — отдельный вид, что бы ни предзаказывали; остальное — вид товара.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
#[schema(as = PromoKind)]
pub enum Kind {
    #[sea_orm(string_value = "goods")]
    Goods,
    #[sea_orm(string_value = "preorder")]
    Preorder,
    #[sea_orm(string_value = "digital")]
    Digital,
    #[sea_orm(string_value = "course")]
    Course,
    #[sea_orm(string_value = "service")]
    Service,
}

impl Kind {
    pub fn of(kind: ProductKind, order_type: OrderType) -> Kind {
        match (order_type, kind) {
            (OrderType::Preorder | OrderType::Waiting, _) => Kind::Preorder,
            (OrderType::Order, ProductKind::Goods) => Kind::Goods,
            (OrderType::Order, ProductKind::Digital) => Kind::Digital,
            (OrderType::Order, ProductKind::Course) => Kind::Course,
            (OrderType::Order, ProductKind::Service) => Kind::Service,
        }
    }

    /// Как виды лежат в столбце: словами через пробел.
    pub fn join(kinds: &[Kind]) -> String {
        let words: Vec<String> = kinds.iter().map(ActiveEnum::to_value).collect();
        words.join(" ")
    }

    /// Обратно из столбца.
    pub fn split(words: &str) -> Vec<Kind> {
        words.split_whitespace().filter_map(|word| Kind::try_from_value(&word.to_owned()).ok()).collect()
    }
}
