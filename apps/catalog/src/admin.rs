//! Админка: товары, варианты, галерея, разделы, бренды.

mod media;
mod products;
mod shelves;
mod stock;
mod variants;

pub use products::products;
pub use shelves::{brands, categories};
pub use variants::variants;

pub use media::gallery;
