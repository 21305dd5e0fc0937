//! Настройки: `megashop.toml` < админка < окружение (`MEGASHOP_DATABASE__URL`) < флаги. Незнакомый ключ — ошибка с подсказкой.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use arc_swap::ArcSwap;
use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};
use ipnet::IpNet;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

/// `[server]`: адреса и пределы приёма.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// Где слушать.
    pub listen: String,
    /// Где отдавать метрики Prometheus; пусто — не отдавать.
    pub metrics_listen: String,
    /// Адрес магазина снаружи: из него строятся ссылки в письмах (никогда из заголовка Host). Пусто — `http://localhost:порт`.
    pub public_url: String,
    /// Папка данных: база SQLite, файлы, секреты.
    pub data_dir: PathBuf,
    /// С каких сайтов браузеру можно обращаться к API.
    pub cors_origins: Vec<String>,
    /// Адреса или сети доверенных прокси: только от них принимается X-Forwarded-For, и предел соединений с адреса им не мешает.
    pub trusted_proxies: Vec<Network>,
    /// Сдвиг времени магазина от UTC, минут: в нём показаны даты и считается «сегодня». По умолчанию Москва.
    pub utc_offset_minutes: i64,
    /// Сколько секунд даётся обработчику.
    pub request_timeout: u64,
    /// Сколько секунд при остановке дорабатывать принятое.
    pub shutdown_timeout: u64,
}

impl Default for ServerSettings {
    fn default() -> Self {
        ServerSettings {
            listen: "127.0.0.1:8000".into(),
            metrics_listen: "127.0.0.1:9464".into(),
            public_url: String::new(),
            data_dir: "data".into(),
            cors_origins: vec!["http://localhost:3000".into(), "http://localhost:8000".into()],
            trusted_proxies: Vec::new(),
            utc_offset_minutes: 180,
            request_timeout: 30,
            shutdown_timeout: 30,
        }
    }
}

/// `[database]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `sqlite:путь`, `postgres://…`, `mysql://…`; пусто — `sqlite:<data_dir>/megashop.sqlite3`.
    pub url: String,
    /// Реплики для чтения.
    pub replica_urls: Vec<String>,
    /// Соединений с сервером базы (или читателей SQLite).
    pub pool: u32,
    /// Сколько секунд ждать соединения, прежде чем ответить 503.
    pub acquire_timeout: u64,
    /// Простоявшее дольше стольких секунд соединение с сервером перед работой проверяется: о нём могли забыть брандмауэр и прокси.
    pub trusted_idle: u64,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        DatabaseSettings {
            url: String::new(),
            replica_urls: Vec::new(),
            pool: 16,
            acquire_timeout: 5,
            trusted_idle: 30,
        }
    }
}

/// `[cache]`: кэш готовых ответов каталога.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSettings {
    pub enabled: bool,
    /// Сколько мегабайт ответов держать.
    pub megabytes: u64,
    /// Через сколько миллисекунд станут видны изменения, сделанные другим процессом (с Redis — сразу).
    pub ttl_ms: u64,
    /// `redis://…` или `rediss://…`: общий кэш, общий предел частоты и вести между экземплярами; пусто — экземпляр один.
    pub url: Secret,
    /// Сколько миллисекунд ждать Redis, прежде чем обойтись без него.
    pub timeout_ms: u64,
}

impl Default for CacheSettings {
    fn default() -> Self {
        CacheSettings { enabled: true, megabytes: 32, ttl_ms: 1000, url: Secret::default(), timeout_ms: 50 }
    }
}

impl CacheSettings {
    /// Память делят поровну тела (`Cache`) и ответы, готовые к отправке (`http::ready`).
    pub(crate) fn half_bytes(&self) -> u64 {
        self.megabytes * 1024 * 1024 / 2
    }
}

/// `[jobs]`: фоновые задачи.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JobSettings {
    /// Выполнять задачи в этом же процессе.
    pub in_process: bool,
    /// Задачи стоят: исполнители ничего не берут и по расписанию не ставят. Так начинает магазин, восстановленный из копии.
    pub held: bool,
    /// Сколько задач разом.
    pub workers: usize,
    /// На сколько секунд задача закрепляется за исполнителем.
    pub lease: i64,
    /// Сколько попыток до «мёртвых».
    pub max_attempts: i32,
    /// `amqp://…` или `amqps://…`: RabbitMQ зовёт исполнителей других машин; пусто — они сами заглядывают в таблицу.
    pub broker: Secret,
    /// Очередь приглашений; у магазинов на одном RabbitMQ разные.
    pub queue: String,
}

impl Default for JobSettings {
    fn default() -> Self {
        JobSettings {
            in_process: true,
            held: false,
            workers: 4,
            lease: 60,
            max_attempts: 12,
            broker: Secret::default(),
            queue: "megashop.jobs".into(),
        }
    }
}

/// `[limits]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// Запросов в секунду с одного адреса или `off`.
    pub rate: Rate,
    /// Всплеск: сколько запросов можно сразу.
    pub burst: u32,
    /// Наибольшее тело обычного запроса, байт.
    pub body: usize,
    /// Наибольший загружаемый файл, байт.
    pub upload: usize,
    /// Соединений всего.
    pub connections: usize,
    /// Соединений с одного адреса.
    pub connections_per_ip: usize,
}

/// Сколько миллисекунд живёт готовый ответ, когда читают и с реплик.
const REPLICA_TTL_MS: u64 = 1000;

/// Предел частоты по умолчанию.
const DEFAULT_RATE: NonZeroU32 = NonZeroU32::new(100).unwrap();

impl Default for LimitSettings {
    fn default() -> Self {
        LimitSettings {
            rate: Rate::PerSecond(DEFAULT_RATE),
            burst: 300,
            body: 1 << 20,
            upload: 64 << 20,
            connections: 20_000,
            connections_per_ip: 500,
        }
    }
}

/// `[log]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// `json` или `text`; пусто — текст на терминале, иначе json.
    pub format: String,
    /// Фильтр уровня, например `info,sqlx=warn`.
    pub level: String,
    /// Куда слать ошибки: DSN Sentry или того, кто говорит на его языке (GlitchTip, Bugsink). Пусто — никуда.
    pub sentry_dsn: Secret,
    /// Как назвать там этот магазин.
    pub sentry_environment: String,
    /// Куда слать следы запросов и задач: сборщик OpenTelemetry, OTLP по HTTP (`http://127.0.0.1:4318`). Пусто — никуда.
    pub otlp_url: String,
    /// Какую долю следов слать, 0–1. Начатое у соседа с выбранным следом продолжается всегда.
    pub otlp_share: f64,
}

impl Default for LogSettings {
    fn default() -> Self {
        LogSettings {
            format: String::new(),
            level: "info,sqlx=warn,sea_orm=warn".into(),
            sentry_dsn: Secret::default(),
            sentry_environment: "production".into(),
            otlp_url: String::new(),
            otlp_share: 1.0,
        }
    }
}

/// `[apps]`: какие приложения включены. У выключенного не действуют маршруты и расписания; таблицы остаются, включить его можно в
/// любой день.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppSettings {
    /// Имена включённых; пусто — все. Этим набор выбирает свои приложения.
    pub enabled: Vec<String>,
    /// Имена выключенных, даже если набор их включил.
    pub disabled: Vec<String>,
}

impl AppSettings {
    pub fn is_on(&self, name: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|app| app == name);
        (self.enabled.is_empty() || named(&self.enabled)) && !named(&self.disabled)
    }
}

/// Разделы ядра.
#[derive(Clone, Debug, Default)]
pub struct KernelSettings {
    pub server: ServerSettings,
    pub database: DatabaseSettings,
    pub cache: CacheSettings,
    pub jobs: JobSettings,
    pub limits: LimitSettings,
    pub log: LogSettings,
    pub apps: AppSettings,
}

/// Разобранный раздел вместе с его типом.
type Parsed = (TypeId, Arc<dyn Any + Send + Sync>);

/// Описание одного раздела: имя, значения по умолчанию, разбор.
#[derive(Clone, Copy)]
pub struct Section {
    pub name: &'static str,
    defaults: fn() -> figment::value::Value,
    parse: fn(&Figment, &str) -> Result<Parsed, Box<figment::Error>>,
}

impl Section {
    /// Раздел с типом `T`. У `T` должны быть `#[serde(default, deny_unknown_fields)]`.
    pub fn of<T>(name: &'static str) -> Section
    where
        T: Serialize + DeserializeOwned + Default + Send + Sync + 'static,
    {
        Section { name, defaults: default_value::<T>, parse: parse_section::<T> }
    }
}

#[expect(clippy::expect_used, reason = "значения по умолчанию — наши, видно при старте")]
fn default_value<T: Serialize + Default>() -> figment::value::Value {
    figment::value::Value::serialize(T::default()).expect("settings defaults serialize")
}

fn parse_section<T>(figment: &Figment, name: &str) -> Result<Parsed, Box<figment::Error>>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let value: T = figment.extract_inner(name).map_err(|mut error| {
        // Путь ошибки начинается с раздела: без него «did you mean» не понять, где искать.
        error.path.insert(0, name.to_owned());
        Box::new(error)
    })?;
    Ok((TypeId::of::<T>(), Arc::new(value)))
}

fn kernel_sections() -> Vec<Section> {
    vec![
        Section::of::<ServerSettings>("server"),
        Section::of::<DatabaseSettings>("database"),
        Section::of::<CacheSettings>("cache"),
        Section::of::<JobSettings>("jobs"),
        Section::of::<LimitSettings>("limits"),
        Section::of::<LogSettings>("log"),
        Section::of::<AppSettings>("apps"),
    ]
}

/// Откуда читать настройки.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Файл; `None` — `megashop.toml` рядом, если он есть.
    pub file: Option<PathBuf>,
    /// Текст набора (preset), слабее файла.
    pub preset: Option<String>,
    /// Значения из флагов: `("server.listen", "127.0.0.1:9000")`, `("jobs.in_process", "false")`.
    pub flags: Vec<(String, String)>,
    /// Читать ли окружение `MEGASHOP_*` (тесты не читают).
    pub environment: bool,
}

/// Ключ или пароль. В отладочном выводе скрыт; в `config show` скрыт по имени настройки (см. [`mask`]).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(#[serde(deserialize_with = "text")] String);

impl Secret {
    /// Сам ключ: только чтобы предъявить его тому, чей он.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() { "\"\"" } else { "***" })
    }
}

/// Строка, которую в окружении и флагах пишут одними цифрами: там она читается числом.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Text {
        Number(u64),
        Words(String),
    }
    Ok(match Text::deserialize(deserializer)? {
        Text::Number(number) => number.to_string(),
        Text::Words(words) => words,
    })
}

/// Адрес или сеть: `10.0.0.2`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

impl Network {
    pub fn contains(&self, ip: &IpAddr) -> bool {
        self.0.contains(ip)
    }

    pub fn net(self) -> IpNet {
        self.0
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Network, String> {
        let network = text.parse().or_else(|_| text.parse().map(|ip: IpAddr| ip.to_canonical().into()));
        network.map(Network).map_err(|_| format!("`{text}` is neither an address nor a network like 10.0.0.0/8"))
    }
}

impl From<Network> for String {
    fn from(network: Network) -> String {
        let (addr, whole) = (network.0.addr(), network.0.prefix_len() == network.0.max_prefix_len());
        if whole { addr.to_string() } else { network.0.to_string() }
    }
}

/// Предел частоты: число или `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Text", into = "String")]
pub enum Rate {
    Off,
    PerSecond(NonZeroU32),
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Text(#[serde(deserialize_with = "text")] String);

impl TryFrom<Text> for Rate {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Rate, String> {
        if text == "off" {
            return Ok(Rate::Off);
        }
        text.parse().map(Rate::PerSecond).map_err(|_| format!("`{text}` is neither a number above zero nor `off`"))
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> String {
        match rate {
            Rate::Off => "off".to_owned(),
            Rate::PerSecond(rate) => rate.to_string(),
        }
    }
}

/// Прочитанные настройки всех разделов.
#[derive(Clone)]
pub struct Settings {
    pub kernel: KernelSettings,
    live: Arc<ArcSwap<Live>>,
    layers: Arc<Layers>,
}

/// Откуда настройки складываются: между файлом и окружением встают значения из админки (см. [`crate::overrides`]).
struct Layers {
    sections: Vec<Section>,
    below: Figment,
    above: Figment,
}

/// Действующие значения; сменяются целиком.
struct Live {
    parsed: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    figment: Figment,
}

/// Значения из админки: `orders.unpaid_ttl_minutes` → JSON.
pub type OwnValues = BTreeMap<String, serde_json::Value>;

/// Значение с именем источника: в `config show` видно, откуда оно.
struct Given<'a, T>(&'static str, &'a str, T);

impl<T: Serialize> Provider for Given<'_, T> {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.0)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Serialized::default(self.1, &self.2).data()
    }
}

impl Layers {
    /// Собирает и разбирает все разделы.
    fn read(&self, own: &OwnValues) -> Result<Live, Box<figment::Error>> {
        let figment =
            own.iter().fold(self.below.clone(), |figment, (key, value)| figment.merge(Given("admin", key, value)));
        let figment = figment.merge(&self.above);
        let parsed = self.sections.iter().map(|section| (section.parse)(&figment, section.name));
        Ok(Live { parsed: parsed.collect::<Result<_, _>>()?, figment })
    }
}

impl Settings {
    /// Собирает и проверяет настройки. Ошибка называет ключ, источник и ближайшее знакомое имя.
    pub fn load(app_sections: &[Section], sources: &Sources) -> anyhow::Result<Settings> {
        let mut sections = kernel_sections();
        sections.extend_from_slice(app_sections);
        let layers = Layers { below: gather(&sections, sources)?, above: forced(sources), sections };
        check_sections(&layers.below.clone().merge(&layers.above), &layers.sections)?;
        let live = layers.read(&OwnValues::new()).map_err(|error| explain(*error))?;
        let mut settings = Settings {
            kernel: KernelSettings::default(),
            live: Arc::new(ArcSwap::from_pointee(live)),
            layers: Arc::new(layers),
        };
        settings.kernel = KernelSettings {
            server: settings.get::<ServerSettings>().as_ref().clone(),
            database: settings.get::<DatabaseSettings>().as_ref().clone(),
            cache: settings.get::<CacheSettings>().as_ref().clone(),
            jobs: settings.get::<JobSettings>().as_ref().clone(),
            limits: settings.get::<LimitSettings>().as_ref().clone(),
            log: settings.get::<LogSettings>().as_ref().clone(),
            apps: settings.get::<AppSettings>().as_ref().clone(),
        };
        let server = &mut settings.kernel.server;
        if server.public_url.is_empty() {
            let port = server.listen.rsplit(':').next().unwrap_or("8000");
            server.public_url = format!("http://localhost:{port}");
        }
        if !settings.kernel.database.replica_urls.is_empty() {
            // Прочитанное с отставшей реплики не застревает: за секунду она догонит, и ответ составят заново.
            let cache = &mut settings.kernel.cache;
            cache.ttl_ms = cache.ttl_ms.min(REPLICA_TTL_MS);
        }
        Ok(settings)
    }

    /// Раздел приложения. Тип должен быть объявлен в его манифесте.
    #[expect(clippy::panic, reason = "раздел не объявлен в манифесте — ошибка программиста, видна при старте")]
    pub fn get<T: Send + Sync + 'static>(&self) -> Arc<T> {
        match self.live.load().parsed.get(&TypeId::of::<T>()).cloned().map(|any| any.downcast::<T>()) {
            Some(Ok(section)) => section,
            _ => panic!("settings section {} is not declared in any App", std::any::type_name::<T>()),
        }
    }

    /// Применяет значения из админки вместо прежних; негодное не меняет ничего.
    pub fn apply(&self, own: &OwnValues) -> anyhow::Result<()> {
        self.live.store(Arc::new(self.layers.read(own).map_err(|error| explain(*error))?));
        Ok(())
    }

    /// Прошли бы эти значения те же проверки, что и файл.
    pub fn accepts(&self, own: &OwnValues) -> bool {
        self.layers.read(own).is_ok()
    }

    /// Действующее значение ключа.
    pub fn value(&self, key: &str) -> Option<serde_json::Value> {
        let live = self.live.load();
        live.figment.find_value(key).ok().and_then(|value| serde_json::to_value(value).ok())
    }

    /// Чем ключ задан сильнее админки: окружением или флагом.
    pub fn forced_by(&self, key: &str) -> Option<String> {
        self.layers.above.find_value(key).ok()?;
        Some(self.layers.above.find_metadata(key).map_or_else(|| "flag".to_owned(), |source| source.name.to_string()))
    }

    /// Папка данных.
    pub fn data_dir(&self) -> &Path {
        &self.kernel.server.data_dir
    }

    /// Адрес базы с учётом значения по умолчанию.
    pub fn database_url(&self) -> String {
        match self.kernel.database.url.as_str() {
            "" => format!("sqlite:{}", self.data_dir().join("megashop.sqlite3").display()),
            url => url.to_owned(),
        }
    }

    /// Все значения с источником, секреты скрыты: для `megashop config show`.
    pub fn show(&self) -> Vec<(String, String, String)> {
        let (mut rows, live) = (Vec::new(), self.live.load());
        for section in &self.layers.sections {
            if let Ok(value) = live.figment.find_value(section.name) {
                flatten(&live.figment, section.name, &value, &mut rows);
            }
        }
        rows
    }
}

fn flatten(figment: &Figment, path: &str, value: &figment::value::Value, rows: &mut Vec<(String, String, String)>) {
    if let figment::value::Value::Dict(_, dict) = value {
        // Сначала простые, потом вложенные: раздел TOML называют один раз.
        let (nested, plain): (Vec<_>, Vec<_>) = dict.iter().partition(|(_, inner)| inner.as_dict().is_some());
        for (key, inner) in plain.into_iter().chain(nested) {
            flatten(figment, &format!("{path}.{key}"), inner, rows);
        }
        return;
    }
    let text = serde_json::to_string(value).unwrap_or_default();
    let source = figment.find_metadata(path).map_or("default".to_owned(), |m| m.name.to_string());
    rows.push((path.to_owned(), mask(path, &text), source));
}

/// Секреты в выводе скрыты; пароль внутри URL — тоже.
fn mask(path: &str, text: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    let secret = ["password", "secret", "token", "key", "api_id"].iter().any(|mark| last.contains(mark))
        && !last.contains("ttl")
        && !last.contains("length");
    if secret && text != "\"\"" {
        return "\"***\"".into();
    }
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}://***{}", &text[..scheme], &text[at..]),
        _ => text.to_owned(),
    }
}

fn gather(sections: &[Section], sources: &Sources) -> anyhow::Result<Figment> {
    let mut figment = Figment::new();
    for section in sections {
        figment = figment.merge(Given("default", section.name, (section.defaults)()));
    }
    if let Some(preset) = &sources.preset {
        figment = figment.merge(Toml::string(preset));
    }
    match &sources.file {
        Some(file) if !file.exists() => bail!("config file {} not found", file.display()),
        Some(file) => figment = figment.merge(Toml::file(file)),
        None => figment = figment.merge(Toml::file("megashop.toml")),
    }
    Ok(figment)
}

/// Окружение и флаги: сильнее файла и админки.
fn forced(sources: &Sources) -> Figment {
    let mut figment = Figment::new();
    if sources.environment {
        figment = figment.merge(
            Env::prefixed("MEGASHOP_")
                .ignore(&["test_db", "test_postgres_url", "test_mysql_url", "test_amqp_url", "require_all"])
                .split("__"),
        );
    }
    for (key, value) in &sources.flags {
        figment = figment.merge(Given("flag", key, typed(value)));
    }
    figment
}

/// Значение флага — как в окружении: `false` и `15` — не строки; в кавычках — строка.
fn typed(text: &str) -> figment::value::Value {
    text.parse().unwrap_or_else(|never: std::convert::Infallible| match never {})
}

fn check_sections(figment: &Figment, sections: &[Section]) -> anyhow::Result<()> {
    let all: BTreeMap<String, figment::value::Value> =
        figment.extract().map_err(explain).context("cannot read config")?;
    for name in all.keys() {
        if !sections.iter().any(|s| s.name == name) {
            let known: Vec<&str> = sections.iter().map(|s| s.name).collect();
            bail!("unknown config section `{name}`{}", nearest(name, &known));
        }
    }
    Ok(())
}

fn explain(error: figment::Error) -> anyhow::Error {
    use figment::error::Kind;
    let path = error.path.join(".");
    let source = error.metadata.as_ref().map(|m| format!(" (from {})", m.name)).unwrap_or_default();
    match &error.kind {
        Kind::UnknownField(field, known) => {
            anyhow::anyhow!("unknown config key `{path}.{field}`{}", nearest(field, known))
        }
        kind => anyhow::anyhow!("config key `{path}`{source}: {kind}"),
    }
}

fn nearest(word: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, candidate)| format!(", did you mean `{candidate}`?"))
        .unwrap_or_default()
}
