//! Из чего приложение складывает свою админку (`src/admin.rs`).

mod action;
mod document;
mod extras;
mod field;
mod filter;
mod model;
mod page;

pub(crate) use action::Run;
pub use action::{Action, Inside};
pub(crate) use action::{Along, Create, Prepare, Preview};
pub use document::Document;
pub(crate) use document::DocumentKind;
pub(crate) use extras::Names;
pub use extras::{Entry, Figures, Panel, PanelOf, Pass, People, Row, Table, Tile, Viewer};
pub use field::Field;
pub(crate) use field::{FieldKind, Options};
pub use filter::Filter;
pub(crate) use filter::FilterKind;
pub use model::{Model, Screen};
pub use page::{Block, Page, PageForm, SettingsOf};
