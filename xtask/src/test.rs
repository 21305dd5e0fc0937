//! `cargo xtask test`: всё, что эта машина может проверить, с перечнем пропущенного и причинами.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::report::{Outcome, Report, require_all};
use crate::{manifests, probe, shell};

/// База, на которой прогоняются HTTP-тесты.
struct Engine {
    /// Значение `MEGASHOP_TEST_DB`.
    name: &'static str,
    /// У SQLite сервера нет.
    server: Option<Server>,
}

struct Server {
    /// Переменная с адресом; заданная владельцем машины важнее найденного.
    variable: &'static str,
    /// Ищет сервер на обычном месте; ошибка — причина пропуска.
    find: fn() -> Result<String, String>,
}

const ENGINES: [Engine; 3] = [
    Engine { name: "sqlite", server: None },
    Engine { name: "postgres", server: Some(Server { variable: "MEGASHOP_TEST_POSTGRES_URL", find: probe::postgres }) },
    Engine { name: "mysql", server: Some(Server { variable: "MEGASHOP_TEST_MYSQL_URL", find: probe::mysql }) },
];

/// Столько молчат только зависшие тесты: самый долгий идёт минуту.
const SILENCE: Duration = Duration::from_secs(300);

pub fn run(package: Option<&str>) -> Result<()> {
    let mut report = Report::default();
    add_steps(&mut report, package)?;
    report.finish()
}

/// Добавляет шаги тестов в общую ведомость (ими же кончается `cargo xtask ci`).
pub fn add_steps(report: &mut Report, package: Option<&str>) -> Result<()> {
    let package = package.map(package_name).transpose()?;
    report.step("build of tests", || build(package.as_deref()));
    for engine in &ENGINES {
        report.step(&format!("tests on {}", engine.name), || test_on(engine, package.as_deref()));
    }
    if package.is_none() {
        report.step("browser tests", crate::browser::purchase);
    }
    if package.is_none() && shell::root().join("studio/package.json").is_file() {
        report.step("studio tests", studio);
    }
    Ok(())
}

/// Отдельно от прогонов, чтобы их тишина значила одно — зависший тест.
fn build(package: Option<&str>) -> Result<Outcome> {
    shell::run(cargo_test(package).arg("--no-run"))?;
    Ok(Outcome::Done("built".to_owned()))
}

fn cargo_test(package: Option<&str>) -> Command {
    let mut cargo = shell::cargo();
    cargo.arg("test");
    match package {
        Some(package) => cargo.args(["--package", package]),
        None => cargo.arg("--workspace"),
    };
    cargo
}

fn test_on(engine: &Engine, package: Option<&str>) -> Result<Outcome> {
    let mut cargo = cargo_test(package);
    cargo.arg("--no-fail-fast").env("MEGASHOP_TEST_DB", engine.name);
    if let Some(server) = &engine.server
        && env::var_os(server.variable).is_none()
    {
        match (server.find)() {
            Ok(url) => cargo.env(server.variable, url),
            Err(why) => return Ok(Outcome::Skipped(why)),
        };
    }
    count_tests(&mut cargo)
}

/// Выполняет `cargo test`, показывая вывод, и складывает строки «test result: …».
fn count_tests(cargo: &mut Command) -> Result<Outcome> {
    if require_all() {
        own_group(cargo);
    }
    let mut child = cargo.stdout(Stdio::piped()).spawn().context("cannot start cargo test")?;
    let lines = lines_of(child.stdout.take().context("no output of cargo test")?);
    let (mut passed, mut failed, mut ignored) = (0, 0, 0);
    loop {
        let line = match lines.recv_timeout(SILENCE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if require_all() => {
                kill_group(&mut child);
                return Ok(Outcome::Failed(format!(
                    "a test hangs: silence for {} s after {passed} passed",
                    SILENCE.as_secs()
                )));
            }
            Err(RecvTimeoutError::Timeout) => continue,
        };
        println!("{line}");
        if line.starts_with("test result: ") {
            passed += number_before(&line, " passed");
            failed += number_before(&line, " failed");
            ignored += number_before(&line, " ignored");
        }
    }
    let counts = match ignored {
        0 => format!("{passed} passed"),
        _ => format!("{passed} passed, {ignored} ignored"),
    };
    match child.wait()?.success() {
        true => Ok(Outcome::Done(counts)),
        false if failed == 0 => Ok(Outcome::Failed(format!("{counts}; cargo test itself failed, see above"))),
        false => Ok(Outcome::Failed(format!("{failed} failed, {counts}"))),
    }
}

/// Строки вывода, которых можно ждать со сроком.
fn lines_of(stdout: ChildStdout) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}

/// Своя группа процессов, чтобы снять и cargo, и зависший под ним тест. Человек снимает их сам, Ctrl-C.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

fn kill_group(child: &mut Child) {
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-9", "--", &group]).status();
    let _ = child.wait();
}

fn number_before(line: &str, word: &str) -> u64 {
    let Some((head, _)) = line.split_once(word) else {
        return 0;
    };
    head.rsplit(' ').next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn studio() -> Result<Outcome> {
    let studio = shell::root().join("studio");
    if let Err(error) = Command::new("npm").arg("--version").output() {
        return Ok(Outcome::Skipped(format!("npm does not start ({error}); install Node.js")));
    }
    shell::run(Command::new("npm").args(["ci", "--no-fund", "--no-audit"]).current_dir(&studio))?;
    shell::run(Command::new("npm").arg("test").current_dir(&studio))?;
    Ok(Outcome::Done("passed".to_owned()))
}

/// `orders` → `megashop-orders`; полное имя пакета тоже годится.
fn package_name(word: &str) -> Result<String> {
    let members = manifests::members()?;
    let found = members.into_iter().find(|member| member.name == word || member.package == word);
    Ok(found.map_or_else(|| word.to_owned(), |member| member.package))
}
