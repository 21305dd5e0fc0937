//! Шаг «browser tests»: настоящий Chromium покупает в показном магазине, проходит AR-кампанию и ведёт магазин в админке (`tests/browser`).

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::report::{Outcome, Report};
use crate::shell;

/// Где искать браузер, если `MEGASHOP_CHROMIUM` не сказала.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Сценарии по порядку, на одном магазине.
const SCRIPTS: [&str; 6] =
    ["purchase.mjs", "campaign.mjs", "admin.mjs", "admin_more.mjs", "admin_import.mjs", "admin_letters.mjs"];

/// Что проигрывает магазин с набором lctar: страница прежней системы.
const OLD_FRONT: &str = "old_front.mjs";

/// Магазин загружает показные товары и начинает слушать за это время даже на занятой машине.
const START: Duration = Duration::from_secs(120);

/// `cargo xtask test browser`: только этот шаг.
pub fn run() -> Result<()> {
    let mut report = Report::default();
    report.step("browser tests", purchase);
    report.finish()
}

pub fn purchase() -> Result<Outcome> {
    let Some(chromium) = chromium() else {
        return Ok(Outcome::Skipped("no Chromium in PATH; install it or set MEGASHOP_CHROMIUM".to_owned()));
    };
    if let Err(error) = Command::new("npm").arg("--version").output() {
        return Ok(Outcome::Skipped(format!("npm does not start ({error}); install Node.js")));
    }
    // Внутри папки сборки: снимки остаются посмотреть, а в рабочей копии ничего не появляется.
    let folder = shell::target_dir().join("browser-tests");
    install(&folder)?;
    let shots = folder.join("screenshots");
    let play = |shop: &Shop, script: &str| {
        shell::run(Command::new("node").arg(folder.join(script)).arg(&shop.url).arg(&shots).arg(&chromium))
    };
    let shop = Shop::open(&folder, &[])?;
    SCRIPTS.iter().try_for_each(|script| play(&shop, script))?;
    drop(shop);
    play(&Shop::open(&folder, &["--preset", "lctar"])?, OLD_FRONT)?;
    Ok(Outcome::Done(format!("passed, screenshots in {}", shots.display())))
}

fn chromium() -> Option<PathBuf> {
    let given = env::var_os("MEGASHOP_CHROMIUM").map(PathBuf::from);
    let paths = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&paths).flat_map(|dir| NAMES.map(|name| dir.join(name))).find(|path| path.is_file());
    given.or(found)
}

/// Сценарии и playwright-core из `package-lock.json`; своего браузера он не скачивает.
fn install(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    for name in ["package.json", "package-lock.json", "stage.mjs", OLD_FRONT].into_iter().chain(SCRIPTS) {
        std::fs::copy(shell::root().join("tests/browser").join(name), folder.join(name))
            .with_context(|| format!("tests/browser/{name}"))?;
    }
    shell::run(Command::new("npm").args(["ci", "--no-fund", "--no-audit"]).current_dir(folder))
}

/// Запущенный показной магазин; закрывается вместе со значением.
struct Shop {
    process: Child,
    url: String,
}

impl Shop {
    /// Каждый раз с чистыми данными и на свободном порту.
    fn open(folder: &Path, flags: &[&str]) -> Result<Shop> {
        // С теми же частями, что и тесты: иначе зависимости собирались бы второй раз.
        shell::run(shell::cargo().args(["build", "--workspace", "--tests", "--bin", "megashop"]))?;
        let data = folder.join("shop");
        if data.exists() {
            std::fs::remove_dir_all(&data)?;
        }
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let log = std::fs::File::create(folder.join("shop.log"))?;
        let process = Command::new(shell::target_dir().join("debug").join(format!("megashop{EXE_SUFFIX}")))
            .args(["demo", "--listen", &address, "--data-dir"])
            .arg(&data)
            .args(flags)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("cannot start megashop")?;
        let mut shop = Shop { process, url: format!("http://{address}") };
        shop.wait(&address).with_context(|| format!("see {}", folder.join("shop.log").display()))?;
        Ok(shop)
    }

    fn wait(&mut self, address: &str) -> Result<()> {
        let until = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.process.try_wait()? {
                bail!("the demo shop ended with {status}");
            }
            if Instant::now() > until {
                bail!("the demo shop does not listen on {address} after {} s", START.as_secs());
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
