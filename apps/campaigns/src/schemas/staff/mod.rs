//! Что видит и присылает сотрудник.

mod assets;
mod campaigns;
mod reward;
mod sessions;
mod statistics;

pub use assets::*;
pub use campaigns::*;
pub use reward::Reward;
pub use sessions::*;
pub use statistics::*;

pub(super) fn check_slug(slug: &str, _: &()) -> garde::Result {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !slug.is_empty() && slug.chars().all(fits) { Ok(()) } else { Err(garde::Error::new("bad_format")) }
}

pub(super) fn check_slug_if_any(slug: &Option<String>, ctx: &()) -> garde::Result {
    slug.as_deref().map_or(Ok(()), |slug| check_slug(slug, ctx))
}
