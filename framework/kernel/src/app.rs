//! Манифест приложения и сборка программы из манифестов.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

use futures::future::BoxFuture;
use megashop_net::HttpClient;
use sea_orm::{EntityName, EntityTrait, Iterable};
use tokio::sync::Notify;

use crate::access::{Authenticate, Permission};
use crate::cache::Cache;
use crate::clock::{Clock, Random};
use crate::ctx::{Ctx, Shared};
use crate::data::{Db, Migration, MigrationStep, Migrator};
use crate::events::Listener;
use crate::http::{Mounted, Routes, build};
use crate::jobs::{Job, Registry};
use crate::settings::{AppSettings, Section, Settings, Sources};
use crate::texts::{TextSource, Texts};

/// Проверка `megashop doctor`: возвращает найденные беды (пусто — всё сошлось).
pub type CheckFn = for<'a> fn(&'a Ctx) -> BoxFuture<'a, crate::Result<Vec<String>>>;

/// Именованная проверка.
#[derive(Clone, Copy)]
pub struct Check {
    pub name: &'static str,
    /// Проверка денег и остатков: входит в `doctor --money`.
    pub money: bool,
    pub run: CheckFn,
}

/// Таблица, как её описывает модель: для проверки дрейфа.
#[derive(Clone, Debug)]
pub struct TableInfo {
    pub name: String,
    pub columns: Vec<(String, bool)>,
}

/// Группа прав, которую приложение привозит с собой.
#[derive(Clone, Copy, Debug)]
pub struct GroupInfo {
    pub code: &'static str,
    pub title: &'static str,
    pub permissions: &'static [Permission],
}

/// Всё приложение на одном экране.
///
/// ```ignore
/// pub fn app() -> App {
///     App::new("orders", "Заказы")
///         .migrations(migrations::ALL)
///         .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
///         .permissions(permissions::ALL)
///         .routes(api::routes)
///         .listener::<listeners::MarkPaid>()
///         .every::<jobs::ExpireOrders>("* * * * *")
/// }
/// ```
pub struct App {
    pub name: &'static str,
    /// По-русски, для людей.
    pub title: &'static str,
    pub permissions: Vec<Permission>,
    pub groups: Vec<GroupInfo>,
    pub checks: Vec<Check>,
    pub tables: Vec<TableInfo>,
    pub sections: Vec<Section>,
    needs: &'static [&'static str],
    routes: Vec<fn(&Ctx) -> Routes>,
    start: Option<fn(&Ctx)>,
    migrations: &'static [Migration],
    texts: Option<TextSource>,
    jobs: Registry,
    authenticator: Option<Arc<dyn Authenticate>>,
    declared: Vec<Arc<dyn Any + Send + Sync>>,
}

impl App {
    pub fn new(name: &'static str, title: &'static str) -> App {
        App {
            name,
            title,
            permissions: Vec::new(),
            groups: Vec::new(),
            checks: Vec::new(),
            tables: Vec::new(),
            sections: Vec::new(),
            needs: &[],
            routes: Vec::new(),
            start: None,
            migrations: &[],
            texts: None,
            jobs: Registry::default(),
            authenticator: None,
            declared: Vec::new(),
        }
    }

    /// Без каких приложений это не работает: выключить их, оставив его, нельзя (`[apps]`). Кого оно лишь умеет звать, здесь не названо.
    pub fn needs(mut self, apps: &'static [&'static str]) -> App {
        self.needs = apps;
        self
    }

    /// Без маршрутов и расписаний; таблицы и начатые задачи остаются.
    fn switched_off(mut self) -> App {
        self.routes.clear();
        self.jobs.schedules.clear();
        self.start = None;
        self.declared.clear();
        self
    }

    /// Миграции по порядку.
    pub fn migrations(mut self, migrations: &'static [Migration]) -> App {
        self.migrations = migrations;
        self
    }

    /// Слова приложения: содержимое `texts/ru.toml` и `texts/en.toml`.
    pub fn texts(mut self, ru: &'static str, en: &'static str) -> App {
        self.texts = Some(TextSource { app: self.name, ru, en });
        self
    }

    pub fn permissions(mut self, permissions: &[Permission]) -> App {
        self.permissions.extend_from_slice(permissions);
        self
    }

    /// Группа прав по умолчанию.
    pub fn group(mut self, code: &'static str, title: &'static str, permissions: &'static [Permission]) -> App {
        self.groups.push(GroupInfo { code, title, permissions });
        self
    }

    pub fn routes(mut self, routes: fn(&Ctx) -> Routes) -> App {
        self.routes.push(routes);
        self
    }

    /// Выполняется при сборке программы, до первого запроса: поставить службу, которую ждёт тот, кто ниже (`ctx.provide`).
    pub fn start(mut self, start: fn(&Ctx)) -> App {
        self.start = Some(start);
        self
    }

    /// Объявление для того, кого ядро не знает (страницы админки): он найдёт его по типу, `ctx.declared::<T>()`.
    pub fn declare<T: Any + Send + Sync>(mut self, value: T) -> App {
        self.declared.push(Arc::new(value));
        self
    }

    /// Раздел настроек `[name]` с типом `T`.
    pub fn settings<T>(mut self, name: &'static str) -> App
    where
        T: serde::Serialize + serde::de::DeserializeOwned + Default + Send + Sync + 'static,
    {
        self.sections.push(Section::of::<T>(name));
        self
    }

    /// Модель таблицы: участвует в проверке дрейфа.
    pub fn table<E: EntityTrait + EntityName + Default>(mut self) -> App {
        use sea_orm::{ColumnTrait, Iden};
        let columns = E::Column::iter().map(|column| (column.to_string(), column.def().is_null()));
        self.tables.push(TableInfo { name: E::default().table_name().to_owned(), columns: columns.collect() });
        self
    }

    pub fn listener<L: Listener>(mut self) -> App {
        self.jobs.listener::<L>();
        self
    }

    pub fn job<J: Job>(mut self) -> App {
        self.jobs.job::<J>();
        self
    }

    /// Задача по расписанию cron (UTC).
    pub fn every<J: Job + Default>(mut self, cron: &'static str) -> App {
        self.jobs.every::<J>(cron);
        self
    }

    /// Проверка для `megashop doctor`.
    pub fn check(mut self, name: &'static str, run: CheckFn) -> App {
        self.checks.push(Check { name, money: false, run });
        self
    }

    /// Проверка денег или остатков: `megashop doctor --money`.
    pub fn money_check(mut self, name: &'static str, run: CheckFn) -> App {
        self.checks.push(Check { name, money: true, run });
        self
    }

    /// Кто узнаёт пользователей; в программе ровно один.
    pub fn authenticator(mut self, authenticator: impl Authenticate + 'static) -> App {
        self.authenticator = Some(Arc::new(authenticator));
        self
    }
}

const MIGRATIONS: &[Migration] = &[
    Migration::new("m0001_kernel", include_str!("../migrations/m0001_kernel.sql")),
    Migration::new("m0002_setting_overrides", include_str!("../migrations/m0002_setting_overrides.sql")),
];

/// Приложение самого ядра: таблицы задач и новостей, общие тексты, уборка.
pub fn kernel_app() -> App {
    App::new("kernel", "Ядро")
        .migrations(MIGRATIONS)
        .table::<crate::events::event_row::Entity>()
        .table::<crate::jobs::job_row::Entity>()
        .table::<crate::overrides::row::Entity>()
        .every::<PurgeIdempotencyKeys>("17 3 * * *")
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct PurgeIdempotencyKeys;

impl Job for PurgeIdempotencyKeys {
    const NAME: &'static str = "kernel.purge_idempotency_keys";

    async fn run(self, ctx: &Ctx) -> Result<(), crate::jobs::JobError> {
        crate::jobs::purge_idempotency_keys(ctx).await?;
        Ok(())
    }
}

/// Собранная программа: контекст, миграции, проверки, маршруты.
pub struct Platform {
    pub ctx: Ctx,
    pub migrator: Migrator,
    pub checks: Vec<Check>,
    pub permissions: Vec<Permission>,
    pub groups: Vec<GroupInfo>,
    pub tables: Vec<TableInfo>,
    pub titles: Vec<(&'static str, &'static str)>,
    routes: Vec<fn(&Ctx) -> Routes>,
}

/// Чем программа отличается в тестах.
#[derive(Default)]
pub struct Overrides {
    pub random_seed: Option<u64>,
}

impl Platform {
    /// Читает настройки для данных приложений.
    pub fn settings(apps: &[App], sources: &Sources) -> anyhow::Result<Settings> {
        let sections: Vec<Section> = apps.iter().flat_map(|app| app.sections.iter().copied()).collect();
        Settings::load(&sections, sources)
    }

    /// Миграции данных приложений, вместе с ядром.
    pub fn migrator_of(apps: &[App]) -> Migrator {
        let kernel = kernel_app();
        let mut steps = Vec::new();
        for app in std::iter::once(&kernel).chain(apps) {
            let named = |m: &Migration| MigrationStep { name: format!("{}/{}", app.name, m.name), sql: m.sql };
            steps.extend(app.migrations.iter().map(named));
        }
        Migrator { steps }
    }

    /// Собирает программу. Миграции не запускает: это решает тот, кто вызвал.
    pub fn assemble(
        apps: Vec<App>,
        settings: Settings,
        db: Db,
        secret: Vec<u8>,
        overrides: Overrides,
    ) -> anyhow::Result<Platform> {
        let migrator = Self::migrator_of(&apps);
        let mut jobs = Registry::default();
        let mut texts: Vec<TextSource> = kernel_texts()?;
        let mut platform = Parts::default();
        let mut authenticator = None;
        let mut starts: Vec<fn(&Ctx)> = Vec::new();
        let mut declared = Vec::new();
        let choice = &settings.kernel.apps;
        check_choice(&apps, choice)?;
        let apps = apps.into_iter().map(|app| if choice.is_on(app.name) { app } else { app.switched_off() });
        for app in std::iter::once(kernel_app()).chain(apps) {
            platform.titles.push((app.name, app.title));
            platform.checks.extend(app.checks);
            platform.permissions.extend(app.permissions);
            platform.groups.extend(app.groups);
            platform.tables.extend(app.tables);
            platform.routes.extend(app.routes);
            starts.extend(app.start);
            declared.extend(app.declared);
            texts.extend(app.texts);
            jobs.merge(app.jobs);
            if app.authenticator.is_some() && authenticator.is_some() {
                anyhow::bail!("two apps bring an authenticator");
            }
            authenticator = authenticator.or(app.authenticator);
        }
        let random = overrides.random_seed.map_or_else(Random::system, Random::seeded);
        let clock = Arc::new(Clock::default());
        let neighbours = Arc::default();
        let shared = Shared {
            db,
            ids: Default::default(),
            cache: Cache::new(&settings.kernel.cache, clock.clone(), Arc::clone(&neighbours)),
            settings,
            texts: Texts::load(&texts)?,
            clock,
            random,
            jobs,
            http: HttpClient::default(),
            wake: Notify::new(),
            neighbours,
            broker: OnceLock::new(),
            secret,
            authenticator,
            services: RwLock::new(HashMap::new()),
            declared,
        };
        let ctx = Ctx::new(Arc::new(shared));
        starts.iter().for_each(|start| start(&ctx));
        Ok(Platform {
            ctx,
            migrator,
            checks: platform.checks,
            permissions: platform.permissions,
            groups: platform.groups,
            tables: platform.tables,
            titles: platform.titles,
            routes: platform.routes,
        })
    }

    /// Собирает HTTP: маршруты, таблицу доступа, OpenAPI.
    pub fn mount(&self, aliases: &[(&str, &str)]) -> Mounted {
        let groups = self.routes.iter().map(|routes| routes(&self.ctx)).collect();
        build(&self.ctx, groups, aliases)
    }
}

#[derive(Default)]
struct Parts {
    checks: Vec<Check>,
    permissions: Vec<Permission>,
    groups: Vec<GroupInfo>,
    tables: Vec<TableInfo>,
    titles: Vec<(&'static str, &'static str)>,
    routes: Vec<fn(&Ctx) -> Routes>,
}

/// Названы настоящие приложения, и у каждого включённого включено всё, без чего оно не работает.
fn check_choice(apps: &[App], choice: &AppSettings) -> anyhow::Result<()> {
    for (key, names) in [("enabled", &choice.enabled), ("disabled", &choice.disabled)] {
        if let Some(unknown) = names.iter().find(|name| !apps.iter().any(|app| app.name == **name)) {
            anyhow::bail!("apps.{key}: there is no app `{unknown}`");
        }
    }
    for app in apps.iter().filter(|app| choice.is_on(app.name)) {
        if let Some(missing) = app.needs.iter().find(|name| !choice.is_on(name)) {
            anyhow::bail!("apps: `{}` does not work without `{missing}`: enable it or disable both", app.name);
        }
    }
    Ok(())
}

/// Тексты ядра разложены по разделам верхнего уровня: раздел файла — это «приложение».
fn kernel_texts() -> anyhow::Result<Vec<TextSource>> {
    Ok(vec![TextSource { app: "", ru: include_str!("../texts/ru.toml"), en: include_str!("../texts/en.toml") }])
}
