//! Адреса каталога и их доступ.

mod attributes;
mod brands;
mod categories;
mod media;
mod params;
mod personal;
mod products;
mod reading;
mod stock;
mod variants;

use kernel::http::Routes;
use kernel::{Access, Ctx};
use utoipa_axum::routes;

use crate::permissions::{ADD_PRODUCT, CHANGE_PRODUCT, CHANGE_STOCK, CHANGE_STRUCTURE, DELETE_PRODUCT, VIEW_STOCK};

const MIB: usize = 1024 * 1024;

/// Адреса контракта прощают лишние параметры: их шлют старые клиенты, а у списка имена `attr_*` заранее неизвестны.
pub fn routes(_: &Ctx) -> Routes {
    let change = Access::Staff(CHANGE_PRODUCT);
    let structure = Access::Staff(CHANGE_STRUCTURE);
    Routes::new("Каталог")
        .add(routes!(reading::list_products), Access::Visitor)
        .lenient()
        .add(routes!(products::create_product), Access::Staff(ADD_PRODUCT))
        .lenient()
        .add(routes!(reading::list_facets), Access::Visitor)
        .lenient()
        .add(routes!(reading::read_product_by_slug), Access::Visitor)
        .add(routes!(products::bulk_products), change)
        .body_limit(8 * MIB)
        .add(routes!(media::upload_images), change)
        .lenient()
        .body_limit(110 * MIB)
        .add(routes!(media::upload_preview_image), change)
        .lenient()
        .body_limit(21 * MIB)
        .add(routes!(reading::read_product), Access::Visitor)
        .lenient()
        .add(routes!(products::replace_product, products::patch_product), change)
        .lenient()
        .add(routes!(products::delete_product), Access::Staff(DELETE_PRODUCT))
        .lenient()
        .add(routes!(products::archive_product), change)
        .lenient()
        .add(routes!(reading::list_similar), Access::Visitor)
        .add(routes!(reading::list_bought_together), Access::Visitor)
        .add(routes!(variants::list_variants), Access::Visitor)
        .add(routes!(variants::create_variant), change)
        .add(routes!(variants::patch_variant, variants::delete_variant), change)
        .add(routes!(media::add_media), change)
        .add(routes!(media::upload_media), change)
        .body_limit(66 * MIB)
        .add(routes!(media::reorder_media), change)
        .add(routes!(media::patch_media, media::delete_media), change)
        .add(routes!(media::read_file), Access::Public)
        .lenient()
        .add(routes!(stock::read_stock), Access::Staff(VIEW_STOCK))
        .add(routes!(stock::change_stock), Access::Staff(CHANGE_STOCK))
        .add(routes!(stock::list_ledger), Access::Staff(VIEW_STOCK))
        .add(routes!(categories::list_categories), Access::Visitor)
        .add(routes!(categories::create_category), structure)
        .add(routes!(categories::read_category_tree), Access::Visitor)
        .add(routes!(categories::read_category_by_slug), Access::Visitor)
        .add(routes!(categories::read_category), Access::Visitor)
        .add(routes!(categories::replace_category, categories::patch_category, categories::delete_category), structure)
        .add(routes!(brands::list_brands), Access::Public)
        .add(routes!(brands::create_brand), structure)
        .add(routes!(brands::read_brand_by_slug), Access::Public)
        .add(routes!(brands::read_brand), Access::Public)
        .add(routes!(brands::replace_brand, brands::patch_brand, brands::delete_brand), structure)
        .add(routes!(attributes::list_attributes), Access::Public)
        .add(routes!(attributes::create_attribute), structure)
        .add(routes!(attributes::read_attribute), Access::Public)
        .add(routes!(attributes::patch_attribute, attributes::delete_attribute), structure)
        .add(routes!(personal::list_favorites, personal::add_favorite), Access::Customer)
        .add(routes!(personal::remove_favorite), Access::Customer)
        .add(routes!(personal::list_recent_views, personal::remember_view), Access::Customer)
}
