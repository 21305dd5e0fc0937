//! Чтение каталога. Покупателю отдаётся только видимое, и закупочных цен в его ответах нет.

mod counts;
mod facets;
mod listing;
mod product_out;
mod related;
mod scope;
mod sellable;
mod shelves;
mod stock;
mod tree;
mod wanted;

pub use facets::facets;
pub use listing::{find_page, list_products};
pub use product_out::{ProductAddress, find_detail, media_out, outs};
pub use related::{bought_together, favourites, recent_views, similar};
pub use scope::{AttributeFilter, Scope, Viewer};
pub use sellable::{Sellable, sellable};
pub use shelves::{
    attributes, brands, categories, category_out, category_tree, filled_categories, find_attribute, find_brand,
    find_category,
};
pub use stock::{ledger, stock_of};
pub use tree::Tree;
pub use wanted::{Wanted, known_sellable, sellable_for, variant_for};
