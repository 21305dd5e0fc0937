//! Папка `deploy/` не расходится с программой: метрики доски и тревог есть, настройки контейнеров знакомы.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kernel::Platform;
use kernel::settings::Sources;
use megashop::apps;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect(path)
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Имена, которые начинаются так.
fn names_in(text: &str, start: &str) -> BTreeSet<String> {
    let found = text.match_indices(start).filter(|(at, _)| !text[..*at].ends_with(is_name));
    found.map(|(at, _)| text[at..].chars().take_while(|c| is_name(*c)).collect()).collect()
}

/// Имена метрик в исходниках: первая строка в `counter!("…"`, `gauge!("…"`, `histogram!("…"`.
fn emitted(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            emitted(&entry, found);
        } else if entry.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&entry).expect("a source");
            for kind in ["counter!(\"", "gauge!(\"", "histogram!(\""] {
                let after = text.match_indices(kind).map(|(at, kind)| &text[at + kind.len()..]);
                found.extend(after.map(|rest| rest.chars().take_while(|c| is_name(*c)).collect::<String>()));
            }
        }
    }
}

#[test]
fn every_metric_on_the_board_and_in_the_alerts_is_emitted() {
    let mut known = BTreeSet::new();
    for folder in ["framework", "server", "apps"] {
        emitted(&root().join(folder), &mut known);
    }
    let board = read("deploy/grafana/dashboards/megashop.json");
    serde_json::from_str::<serde_json::Value>(&board).expect("the board is JSON");
    let used = board + &read("deploy/prometheus/alerts.yml");
    let mut names = names_in(&used, "megashop_");
    names.extend(names_in(&used, "net_"));
    assert!(names.len() > 10, "the board shows almost nothing: {names:?}");
    let plain = |name: &str| {
        let ends = ["_bucket", "_count", "_sum"];
        ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned()
    };
    let unknown: Vec<_> = names.iter().filter(|name| !known.contains(&plain(name))).collect();
    assert!(unknown.is_empty(), "nobody emits {unknown:?}");
}

#[test]
fn every_setting_of_the_containers_is_known() {
    let settings = Platform::settings(&apps::all(), &Sources { environment: false, ..Sources::default() });
    let settings = settings.expect("defaults");
    let used =
        read("deploy/compose.yml") + &read("deploy/Dockerfile") + &read("deploy/systemd/megashop-worker@.service");
    let names = names_in(&used, "MEGASHOP_");
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        let key = name.trim_start_matches("MEGASHOP_").replace("__", ".").to_lowercase();
        assert!(settings.value(&key).is_some(), "{name}: there is no setting {key}");
    }
}
