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

/// Имена переменных `${NAME…}` или `{$NAME…}`.
fn variables(text: &str, open: &str) -> BTreeSet<String> {
    let after = text.match_indices(open).map(|(at, _)| &text[at + open.len()..]);
    after.map(|rest| rest.chars().take_while(|c| is_name(*c)).collect()).collect()
}

/// Что в файле стоит после этих слов до конца строки.
fn value<'a>(text: &'a str, before: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix(before));
    line.unwrap_or_else(|| panic!("there is no {before:?}")).trim()
}

fn is_service(compose: &str, name: &str) -> bool {
    compose.contains(&format!("\n  {name}:"))
}

#[test]
fn the_example_names_every_variable_the_containers_need() {
    let compose = read("deploy/compose.yml");
    let example = read("deploy/compose.env.example");
    let offered = example.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let offered: BTreeSet<_> = offered.map(|(name, _)| name.to_owned()).collect();
    assert_eq!(variables(&compose, "${"), offered);
    let caddy = value(compose.split("\n  caddy:").nth(1).expect("caddy"), "environment:");
    for name in variables(&read("deploy/Caddyfile"), "{$") {
        assert!(caddy.contains(&format!("{name}:")), "Caddy does not get {name}");
    }
}

#[test]
fn balancer_and_monitoring_know_every_instance() {
    let compose = read("deploy/compose.yml");
    let caddyfile = read("deploy/Caddyfile");
    let prometheus = read("deploy/prometheus/prometheus.yml");
    for name in ["shop-1", "shop-2"] {
        assert!(is_service(&compose, name), "{name}");
        assert!(caddyfile.contains(&format!("{name}:8000")), "Caddy does not know {name}");
    }
    for name in ["shop-1", "shop-2", "worker-1", "worker-2"] {
        assert!(is_service(&compose, name), "{name}");
        assert!(prometheus.contains(&format!("{name}:9464")), "Prometheus does not know {name}");
    }
    // Упавшего ждут, а не отвечают 502.
    assert!(caddyfile.contains("lb_try_duration"));
    // Без имени в TLS (адрес из цифр) сертификат выбирает это.
    assert!(caddyfile.contains("default_sni {$SITE}"));
}

#[test]
fn the_trusted_proxy_is_caddy_and_nobody_can_take_its_address() {
    let compose = read("deploy/compose.yml");
    let trusted = value(&compose, "MEGASHOP_SERVER__TRUSTED_PROXIES:");
    let address = trusted.trim_matches(|c: char| !c.is_ascii_digit());
    assert!(compose.contains(&format!("ipv4_address: {address} ")), "{address} is not the address of Caddy");
    assert!(address.starts_with("172.30.0.") && compose.contains("ip_range: 172.30.0.128/25"));
    let last: u8 = address.rsplit('.').next().and_then(|last| last.parse().ok()).expect("an address");
    assert!(last < 128, "{address} may be given to another container");
}

#[test]
fn whoever_stops_the_shop_waits_longer_than_it_finishes() {
    let settings = Platform::settings(&apps::all(), &Sources { environment: false, ..Sources::default() });
    let needed = settings.expect("defaults").kernel.server.shutdown_timeout;
    let given = |text: &str| text.trim_end_matches('s').parse::<u64>().expect(text);
    let compose = read("deploy/compose.yml");
    assert!(given(value(&compose, "stop_grace_period:")) > needed);
    for unit in ["megashop", "megashop-worker@"] {
        let unit = read(&format!("deploy/systemd/{unit}.service"));
        assert!(given(value(&unit, "TimeoutStopSec=")) > needed);
    }
}

#[test]
fn secrets_and_old_builds_stay_out_of_the_image_and_of_git() {
    let ignored = |file: &str| read(file).lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let from_image = ignored(".dockerignore");
    for line in [".git", "target", "data", "**/*.env", "**/*.sqlite*", "**/node_modules"] {
        assert!(from_image.contains(line), ".dockerignore lets {line} in");
    }
    let from_git = ignored(".gitignore");
    for line in [".env", "/deploy/shop.env", "/deploy/data.tar", "*.dump"] {
        assert!(from_git.contains(line), ".gitignore lets {line} in");
    }
}
