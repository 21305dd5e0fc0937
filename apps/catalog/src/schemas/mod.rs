//! Тела запросов и ответов. Имена полей — как у магазина-предшественника; лишние поля товара не замечаем: старые клиенты шлют своё.

mod filter;
mod patch;
mod product_in;
mod product_out;
mod product_patch;
pub mod rules;
mod shelves;
mod small;
mod stock;
mod variant_in;

pub use filter::{ProductFilter, Sort};
pub use patch::given;
pub use product_in::{AttributeInput, Dimensions, MediaIn, ProductIn, Scalar};
pub use product_out::{
    AttributeOfProduct, MediaOut, ProductDetail, ProductList, ProductOut, ProductShelf, ValueOut, VariantOut,
};
pub use product_patch::ProductPatch;
pub use shelves::{
    AttributeIn, AttributeList, AttributeOut, AttributePatch, BrandIn, BrandList, BrandOut, BrandPatch, CategoryIn,
    CategoryList, CategoryNode, CategoryOut, CategoryPatch, CategoryTree, ChoiceIn, ChoiceOut, ShelfRef,
};
pub use small::{
    AttributeFacet, BulkIn, BulkOut, BulkRow, BulkStatus, Facets, MediaList, MediaOrder, MediaPatch, PriceRange,
    ProductRef, RowField, RowProblem, ShelfFacet, ValueFacet, VariantList, VariantPatch,
};
pub use stock::{Ledger, MovementOut, StockIn, StockInKind, StockItemOut, StockOut, StockVariant};
pub use variant_in::{OwnSize, SizeIn, VariantIn};
