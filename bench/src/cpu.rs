//! Процессорное время и память процессов из `/proc`: приложение и все процессы его базы.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Тиков `/proc/PID/stat` в секунде: на Linux `USER_HZ` всегда 100.
const TICKS: u64 = 100;

/// Чьё время считать.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    pub app: u32,
    /// Главный процесс сервера базы; у SQLite его нет.
    pub database: Option<u32>,
}

impl Meter {
    /// Сколько процессора эти процессы истратили с начала своей жизни.
    pub fn spent(&self) -> Result<Duration> {
        let app = Stat::read(self.app)?;
        let database = self.database.map_or(Ok(0), server_ticks)?;
        let ticks = app.own + database;
        Ok(Duration::from_millis(ticks * 1000 / TICKS))
    }
}

/// Сервер базы с детьми: живые считаются сами, ушедшие — в счёте родителя.
fn server_ticks(main: u32) -> Result<u64> {
    let parent = Stat::read(main)?;
    let mut ticks = parent.own + parent.gone_children;
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // Процесс мог уйти между списком и чтением: тогда его время уже у родителя.
        if let Ok(stat) = Stat::read(pid)
            && stat.parent == main
        {
            ticks += stat.own;
        }
    }
    Ok(ticks)
}

struct Stat {
    parent: u32,
    own: u64,
    gone_children: u64,
}

impl Stat {
    fn read(pid: u32) -> Result<Stat> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // Имя программы в скобках может содержать что угодно; поля считаются после последней скобки.
        let (_, fields) = text.rsplit_once(") ").context("a strange /proc/PID/stat")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let number =
            |index: usize| -> Result<u64> { Ok(fields.get(index).context("a short /proc/PID/stat")?.parse()?) };
        Ok(Stat {
            parent: u32::try_from(number(1)?)?,
            own: number(11)? + number(12)?,
            gone_children: number(13)? + number(14)?,
        })
    }
}

/// Память процесса, мегабайт: `VmRSS` — сейчас, `VmHWM` — наибольшая за жизнь. `None` — процесс уже ушёл.
pub fn memory(pid: u32, field: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Своя память процесса. Страницы файла базы, отображённые в память (SQLite), принадлежат системе: она отдаст их, кому нужнее.
pub fn own_memory(pid: u32) -> f64 {
    memory(pid, "RssAnon").unwrap_or_default()
}

/// Наибольшая своя память за остаток жизни процесса.
pub async fn peak_memory(pid: u32) -> f64 {
    let mut peak: f64 = 0.0;
    while let Some(now) = memory(pid, "RssAnon") {
        peak = peak.max(now);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    peak
}
