//! Что мы сообщаем другим.

use kernel::{Event, Subject};
use serde::{Deserialize, Serialize};

use crate::models::Status;

/// Вид предмета «волна».
pub const WAVE: &str = "preorders.wave";

/// Последнее место последней волны занято: товар ждёт новых волн.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SoldOut {
    pub product_id: i64,
}

/// Волна перешла в другое состояние.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WaveMoved {
    pub wave_id: i64,
    pub product_id: i64,
    pub wave_number: i32,
    pub from: Status,
    pub to: Status,
    /// Слова сотрудника покупателям.
    pub message: String,
}

/// Срок набора вышел, а «шьём от» не набралось.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BelowMinimum {
    pub wave_id: i64,
    pub product_id: i64,
    pub current_count: i64,
}

/// Человеку из листа ожидания отложены места.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeatOffered {
    pub waiting_id: i64,
    pub product_id: i64,
    pub user_id: i64,
}

impl Event for SoldOut {
    const NAME: &'static str = "preorders.sold_out";

    fn subject(&self) -> Subject {
        Subject::new("catalog.product", self.product_id)
    }
}

impl Event for WaveMoved {
    const NAME: &'static str = "preorders.wave_moved";

    fn subject(&self) -> Subject {
        Subject::new(WAVE, self.wave_id)
    }
}

impl Event for BelowMinimum {
    const NAME: &'static str = "preorders.below_minimum";

    fn subject(&self) -> Subject {
        Subject::new(WAVE, self.wave_id)
    }
}

impl Event for SeatOffered {
    const NAME: &'static str = "preorders.seat_offered";

    fn subject(&self) -> Subject {
        Subject::new("catalog.product", self.product_id)
    }
}
