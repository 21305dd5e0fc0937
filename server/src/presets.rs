//! Наборы: какие приложения включены и как настроены для пяти видов магазина. Слабее файла настроек.

const PRESETS: &[(&str, &str)] = &[
    ("istok", include_str!("../presets/istok.toml")),
    ("dwc", include_str!("../presets/dwc.toml")),
    ("megashop", include_str!("../presets/megashop.toml")),
    ("lctar", include_str!("../presets/lctar.toml")),
    ("ustat", include_str!("../presets/ustat.toml")),
];

/// Все наборы: имя и текст.
pub fn all() -> &'static [(&'static str, &'static str)] {
    PRESETS
}

/// Текст набора по имени.
pub fn find(name: &str) -> anyhow::Result<&'static str> {
    let known = PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    known.ok_or_else(|| {
        let names: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
        anyhow::anyhow!("unknown preset `{name}`, expected one of {}", names.join(", "))
    })
}
