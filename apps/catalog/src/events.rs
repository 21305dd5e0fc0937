//! Новости каталога.

use kernel::{Event, Subject};
use serde::{Deserialize, Serialize};

/// Что случилось с товаром.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Created,
    Updated,
    Deleted,
}

/// Карточку товара завели, изменили или удалили. Движения остатка сюда не входят: у них свой журнал.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProductChanged {
    pub product_id: i64,
    pub change: Change,
}

impl Event for ProductChanged {
    const NAME: &'static str = "catalog.product_changed";

    fn subject(&self) -> Subject {
        Subject::new("catalog.product", self.product_id)
    }
}
