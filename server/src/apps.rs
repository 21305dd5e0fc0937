//! Единственный список приложений. Порядок — снизу вверх: кто ниже, того можно звать; в этом же порядке идут миграции.

use kernel::App;

pub fn all() -> Vec<App> {
    vec![
        admin::app(),
        notifications::app(),
        accounts::app(),
        delivery::app(),
        payments::app(),
        catalog::app(),
        content::app(),
        promos::app(),
        preorders::app(),
        cart::app(),
        campaigns::app(),
        orders::app(),
        analytics::app(),
        integrations::app(),
        storefront::app(),
        crate::system::app(),
    ]
}
