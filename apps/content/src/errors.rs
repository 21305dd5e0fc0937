//! Отказы приложения.

use kernel::Error;

pub const PAGE_NOT_FOUND: &str = "content.page_not_found";
pub const SPLASH_NOT_FOUND: &str = "content.splash_not_found";

/// Такой адрес занят другой страницей.
pub fn slug_taken(slug: &str) -> Error {
    Error::refused("content.slug_taken").with("slug", slug).field("slug", "bad_value")
}
