//! Адреса: читают все, пишут сотрудники.

mod pages;
mod splash;

use kernel::http::Routes;
use kernel::{Access, Ctx};
use utoipa_axum::routes;

use crate::permissions::{CHANGE_PAGE, CHANGE_SPLASH};

/// Старые клиенты шлют лишние поля: здесь их не замечают.
pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Содержание")
        .add(routes!(pages::list_pages), Access::Visitor)
        .lenient()
        .add(routes!(pages::create_page), Access::Staff(CHANGE_PAGE))
        .lenient()
        .add(routes!(pages::read_page), Access::Visitor)
        .lenient()
        .add(routes!(pages::replace_page, pages::patch_page, pages::delete_page), Access::Staff(CHANGE_PAGE))
        .lenient()
        .add(routes!(splash::list_splashes, splash::create_splash), Access::Staff(CHANGE_SPLASH))
        .lenient()
        .add(routes!(splash::read_random_splash), Access::Public)
        .lenient()
        .add(
            routes!(splash::read_splash, splash::replace_splash, splash::patch_splash, splash::delete_splash),
            Access::Staff(CHANGE_SPLASH),
        )
        .lenient()
}
