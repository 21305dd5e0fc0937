//! Таблицы приложения.

pub mod city_price;
pub mod method;
pub mod pickup_point;

pub use city_price::Entity as CityPrice;
pub use method::{Entity as Method, Kind};
pub use pickup_point::Entity as PickupPoint;
