//! Раздел настроек `[integrations]`.

use serde::{Deserialize, Serialize};

/// Как понимать виды цен учётной системы. Сравниваются ид и название вида, регистр не важен.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportSettings {
    /// Розничные, по убыванию важности. Если не подошёл ни один, берётся первая цена предложения.
    pub retail_price_types: Vec<String>,
    /// Старая (зачёркнутая) цена.
    pub old_price_types: Vec<String>,
}

impl Default for ImportSettings {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            retail_price_types: list(&["Розничная", "Розничная цена"]),
            old_price_types: list(&["Старая", "Старая цена"]),
        }
    }
}
