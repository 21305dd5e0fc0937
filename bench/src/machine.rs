//! На чём меряли: без этого цифры ничего не значат.

use std::fs;

pub fn describe() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = field(&cpuinfo, "model name");
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes: f64 = field(&meminfo, "MemTotal").trim_end_matches("kB").trim().parse().unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let busy = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split(' ').next().unwrap_or("?");
    format!(
        "{cores} × {model}, {:.0} GB, Linux {}; load average before the run {busy}",
        kilobytes / 1024.0 / 1024.0,
        kernel.trim()
    )
}

/// Настоящие часы: для голых запросов, у которых нет `Ctx`.
#[expect(clippy::disallowed_methods, reason = "замеру нужны настоящие часы, а двигать их незачем")]
pub fn now() -> chrono::NaiveDateTime {
    chrono::Utc::now().naive_utc()
}

/// Случайное зерно: его печатают, чтобы прогон можно было повторить.
pub fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}

fn field<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or("");
    line.split_once(':').map_or("", |(_, value)| value.trim())
}
