//! Негодные настройки названы до того, как что-нибудь сделано.

use crate::program::Program;

#[test]
fn a_wrong_address_of_a_neighbour_stops_the_start_before_the_schema_changes() {
    for (setting, word) in [("cache.url=http://redis", "cache.url"), ("jobs.broker=redis://rabbit", "jobs.broker")] {
        let program = Program::new();
        let ended = program.run(&["worker", "--set", setting], &[]);
        assert!(!ended.succeeded && ended.text.contains(word), "{}", ended.text);
        let check = program.run(&["migrate", "--dry-run"], &[]).text;
        let waiting = |text: &str| text.lines().filter(|line| line.contains("accounts")).count();
        assert!(waiting(&check) > 0, "the schema was changed: {check}");
    }
}

#[test]
fn a_wrong_address_of_the_collector_is_named() {
    let ended = Program::new().run(&["config", "check", "--set", "log.otlp_url=collector"], &[]);
    assert!(!ended.succeeded && ended.text.contains("log.otlp_url: "), "{}", ended.text);
}

#[test]
fn a_wrong_limit_or_proxy_is_named_instead_of_being_forgotten() {
    let check = |setting: &str| Program::new().run(&["config", "check", "--set", setting], &[]);
    for (setting, name) in [
        ("limits.rate=many", "limits.rate"),
        ("limits.rate=0", "limits.rate"),
        ("server.trusted_proxies=[\"proxy\"]", "server.trusted_proxies"),
    ] {
        let ended = check(setting);
        assert!(!ended.succeeded && ended.text.contains(name), "{setting}: {}", ended.text);
    }
    for setting in ["limits.rate=50", "limits.rate=off", "server.trusted_proxies=[\"10.0.0.2\", \"fd00::/8\"]"] {
        let ended = check(setting);
        assert!(ended.succeeded, "{setting}: {}", ended.text);
    }
}
