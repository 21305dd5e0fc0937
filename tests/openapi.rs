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

/// Число отчёта без определения — повод для спора: оно написано рядом с полем.
#[tokio::test]
async fn each_number_of_the_reports_is_defined() {
    let platform = boot::describe(&Common::default()).await.expect("the program describes itself");
    let document = platform.mount(ALIASES).openapi.to_json().expect("OpenAPI is JSON");
    let document: serde_json::Value = serde_json::from_str(&document).expect("JSON");
    let reports = [
        "Period",
        "SalesReport",
        "PreordersReport",
        "WaveCount",
        "CustomersReport",
        "PromoCodesReport",
        "PromoCodeUse",
    ];
    for report in reports {
        let fields = document["components"]["schemas"][report]["properties"].as_object();
        for (name, field) in fields.unwrap_or_else(|| panic!("no {report}")) {
            assert!(field["description"].is_string(), "{report}.{name} has no definition: {field}");
        }
    }
}
