//! Командная строка: разбор и выбор команды.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use kernel::settings::Sources;

use crate::{boot, commands, presets, serve};

/// Магазин одной программой: товары, заказы, оплата, предзаказы, курсы, кампании.
#[derive(Parser)]
#[command(name = "megashop", version, about, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// Флаги, которые понимает каждая команда.
#[derive(Args, Clone, Debug, Default)]
pub struct Common {
    /// Файл настроек (по умолчанию megashop.toml в текущей папке, если он есть)
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Папка данных: база SQLite, файлы, секреты
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Набор настроек: istok, dwc, megashop, lctar, ustat
    #[arg(long, global = true, value_name = "NAME")]
    pub preset: Option<String>,
    /// Где слушать, например 127.0.0.1:8000
    #[arg(long, global = true, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Любая настройка: --set orders.number_prefix=DWC
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Запустить магазин
    Serve,
    /// Показать магазин: готовые товары, входы, оплата понарошку
    Demo,
    /// Загрузить каталог: CommerceML (1С), CSV, JSONL; файл, папка или zip
    Import {
        path: PathBuf,
        /// Показать, что изменится, и ничего не записать
        #[arg(long)]
        dry_run: bool,
        /// Итог в JSON
        #[arg(long)]
        json: bool,
    },
    /// Выполнять только фоновые задачи
    Worker,
    /// Привести схему базы к этой версии программы
    Migrate {
        /// Только показать, чего не хватает
        #[arg(long)]
        dry_run: bool,
    },
    /// Проверить данные: деньги, остатки, задачи
    Doctor {
        /// Только деньги и остатки
        #[arg(long)]
        money: bool,
        /// Ответ в JSON
        #[arg(long)]
        json: bool,
    },
    /// Копия магазина одним файлом: база, файлы, настройки из админки и секрет; магазин в это время торгует
    Backup {
        #[command(subcommand)]
        command: Option<BackupCommand>,
        /// Куда положить (по умолчанию backups/megashop-<время>.zip в папке данных)
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Поднять магазин из копии в пустой базе; его задачи стоят, пока их не пустит jobs release
    Restore {
        file: PathBuf,
        /// Заменить secret.key папки данных, если он другой
        #[arg(long)]
        force: bool,
    },
    /// Перенести базу в другую, пустую: SQLite, PostgreSQL или MariaDB
    Copy {
        /// Адрес новой базы: sqlite:путь, postgres://…, mysql://…
        #[arg(long, value_name = "URL")]
        to: String,
    },
    /// Таблица маршрутов: метод, адрес, доступ
    Routes,
    /// Документ OpenAPI 3.1
    Openapi,
    /// Чужие библиотеки в программе и их лицензии
    Licenses,
    /// Настройки
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Администраторы
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Фоновые задачи
    #[command(subcommand)]
    Jobs(JobsCommand),
}

#[derive(Subcommand)]
pub enum BackupCommand {
    /// Поднять копию во временной базе, сверить отпечатки и выполнить проверки doctor
    Verify { file: PathBuf },
}

#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Прочитать настройки и проверить всё, на что они указывают
    Check,
    /// Показать все значения и откуда они взялись (секреты скрыты)
    Show,
    /// Напечатать файл настроек со значениями по умолчанию
    Init,
}

#[derive(Subcommand)]
pub enum AdminCommand {
    /// Завести администратора
    Create {
        #[arg(long)]
        phone: Option<String>,
        #[arg(long)]
        email: Option<String>,
        /// Прочитать пароль из стандартного ввода
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Subcommand)]
pub enum JobsCommand {
    /// Показать ожидающие и мёртвые задачи
    List,
    /// Вернуть задачу в очередь
    Retry { id: i64 },
    /// Удалить задачу
    Drop { id: i64 },
    /// Остановить все задачи: исполнители ничего не берут
    Hold,
    /// Сверить платежи с провайдером и пустить задачи, которые стоят после восстановления
    Release {
        /// Не сверять: провайдера больше нет
        #[arg(long)]
        unchecked: bool,
    },
}

impl Common {
    /// Откуда читать настройки с учётом флагов.
    pub fn sources(&self) -> anyhow::Result<Sources> {
        let mut flags = Vec::new();
        if let Some(dir) = &self.data_dir {
            flags.push(("server.data_dir".to_owned(), quoted(&dir.display().to_string())));
        }
        if let Some(listen) = &self.listen {
            flags.push(("server.listen".to_owned(), quoted(listen)));
        }
        for pair in &self.set {
            let Some((key, value)) = pair.split_once('=') else {
                anyhow::bail!("--set {pair}: expected KEY=VALUE");
            };
            flags.push((key.to_owned(), value.to_owned()));
        }
        let preset = self.preset.as_deref().map(presets::find).transpose()?.map(str::to_owned);
        Ok(Sources { file: self.config.clone(), preset, flags, environment: true })
    }
}

/// Строка, на что бы она ни была похожа: папку могли назвать и числом.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Выполняет команду.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let common = cli.common;
    match cli.command {
        Command::Serve => serve::run(boot::start(&common).await?).await,
        Command::Demo => commands::demo::run(&common).await,
        Command::Import { path, dry_run, json } => commands::import::run(&common, &path, dry_run, json).await,
        Command::Worker => serve::worker(boot::start(&common).await?).await,
        Command::Migrate { dry_run } => commands::migrate::run(&common, dry_run).await,
        Command::Doctor { money, json } => commands::doctor::run(&common, money, json).await,
        Command::Backup { command: None, to } => commands::backup::make(&common, to).await,
        Command::Backup { command: Some(BackupCommand::Verify { file }), .. } => {
            commands::backup::verify(&common, &file).await
        }
        Command::Restore { file, force } => commands::restore::run(&common, &file, force).await,
        Command::Copy { to } => commands::copy::run(&common, &to).await,
        Command::Routes => commands::describe::routes(&common).await,
        Command::Openapi => commands::describe::openapi(&common).await,
        Command::Licenses => commands::describe::licenses(),
        Command::Config(ConfigCommand::Check) => commands::config::check(&common).await,
        Command::Config(ConfigCommand::Show) => commands::config::show(&common),
        Command::Config(ConfigCommand::Init) => commands::config::init(),
        Command::Admin(AdminCommand::Create { phone, email, password_stdin }) => {
            commands::admin::create(&common, phone, email, password_stdin).await
        }
        Command::Jobs(command) => commands::jobs::run(&common, command).await,
    }
}
