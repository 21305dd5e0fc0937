//! `docs/openapi.json` — договор с авторами витрин: его изменение видно в правке.

use megashop::aliases::ALIASES;
use megashop::boot;
use megashop::cli::Common;

use crate::snapshot::assert_current;

#[tokio::test]
async fn the_committed_openapi_is_current() {
    let platform = boot::describe(&Common::default()).await.expect("the program describes itself");
    let document = platform.mount(ALIASES).openapi.to_pretty_json().expect("OpenAPI is JSON");
    assert_current("docs/openapi.json", &(document + "\n"));
}
