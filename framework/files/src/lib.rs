#![doc = include_str!("../README.md")]

mod gltf;
mod images;
mod inspect;
mod key;
mod kind;
mod links;
mod markup;
mod media;
mod refusal;
mod storage;
mod usdz;

pub use images::{Thumbnail, WIDTHS, thumbnails};
pub use inspect::{Detected, Rules, inspect};
pub use key::Key;
pub use kind::{Family, Kind};
pub use links::{Disposition, LinkError, LinkQuery, LinkSigner, MAX_LINK_TTL};
pub use refusal::Refusal;
pub use storage::{Reading, S3Config, Stat, Storage, StorageConfig, StorageError};
