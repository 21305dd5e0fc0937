//! Отказы этого приложения; слова к ним — в `texts/`.

use kernel::Error;

pub const NOT_FOUND: &str = "%app%.not_found";

pub fn already_there(title: &str) -> Error {
    Error::refused("%app%.already_there").with("title", title)
}
