//! Слова для людей: `texts/ru.toml`, `texts/en.toml` приложений; ключ — код ошибки или имя письма без имени приложения.

use std::collections::HashMap;

use minijinja::Environment;
use minijinja::value::Serde;
use serde_json::Value;

/// Язык ответа.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    #[default]
    Ru,
    En,
}

impl Lang {
    /// По заголовку `Accept-Language`: английский, если он назван раньше русского.
    pub fn from_header(header: Option<&str>) -> Lang {
        let header = header.unwrap_or_default().to_ascii_lowercase();
        let position = |lang: &str| header.split(',').position(|part| part.trim().starts_with(lang));
        match (position("ru"), position("en")) {
            (None, Some(_)) => Lang::En,
            (Some(ru), Some(en)) if en < ru => Lang::En,
            _ => Lang::Ru,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Lang::Ru => "ru",
            Lang::En => "en",
        }
    }
}

/// Тексты одного приложения, как они лежат в файлах.
#[derive(Clone, Copy, Debug)]
pub struct TextSource {
    pub app: &'static str,
    pub ru: &'static str,
    pub en: &'static str,
}

/// Чем плох шаблон, написанный человеком.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFault {
    /// Строка, с единицы.
    pub line: usize,
    pub reason: String,
}

impl From<minijinja::Error> for TemplateFault {
    fn from(error: minijinja::Error) -> TemplateFault {
        let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        TemplateFault { line: error.line().unwrap_or(1), reason }
    }
}

/// Все тексты программы.
pub struct Texts {
    known: HashMap<(Lang, String), String>,
    templates: Environment<'static>,
}

impl Texts {
    /// Собирает тексты; ошибка называет файл.
    pub fn load(sources: &[TextSource]) -> anyhow::Result<Texts> {
        let mut known = HashMap::new();
        for source in sources {
            for (lang, text) in [(Lang::Ru, source.ru), (Lang::En, source.en)] {
                let table: toml::Table = toml::from_str(text)
                    .map_err(|e| anyhow::anyhow!("texts of {} ({}): {e}", source.app, lang.code()))?;
                flatten(source.app, &table, &mut |key, value| {
                    known.insert((lang, key), value);
                });
            }
        }
        let mut templates = Environment::new();
        templates.add_filter("plural", plural);
        templates.add_filter("money", money);
        Ok(Texts { known, templates })
    }

    /// Текст по ключу с подстановками. Нет ключа — `None`.
    pub fn find(&self, lang: Lang, key: &str, args: &impl serde::Serialize) -> Option<String> {
        let template = self.known.get(&(lang, key.to_owned()))?;
        if !template.contains('{') {
            return Some(template.clone());
        }
        match self.templates.render_str(template, Serde(args)) {
            Ok(text) => Some(text),
            Err(error) => {
                tracing::error!(text.key = key, %error, "text template failed");
                Some(template.clone())
            }
        }
    }

    /// Текст или сам ключ, если его забыли (тест `texts` этого не пропустит).
    pub fn get(&self, lang: Lang, key: &str, args: &impl serde::Serialize) -> String {
        self.find(lang, key, args).unwrap_or_else(|| key.to_owned())
    }

    /// Вшитый текст как есть, без подстановок.
    pub fn source(&self, lang: Lang, key: &str) -> Option<&str> {
        self.known.get(&(lang, key.to_owned())).map(String::as_str)
    }

    /// Чужой текст с подстановками; у имени на `.html` подставленное экранируется.
    pub fn render(&self, name: &str, source: &str, args: &impl serde::Serialize) -> Result<String, TemplateFault> {
        Ok(self.templates.render_named_str(name, source, Serde(args))?)
    }

    /// Какие подстановки названы в тексте.
    pub fn names_in(&self, source: &str) -> Result<Vec<String>, TemplateFault> {
        let mut names: Vec<String> =
            self.templates.template_from_str(source)?.undeclared_variables(false).into_iter().collect();
        names.sort();
        Ok(names)
    }

    /// Ключи, у которых нет пары на другом языке.
    pub fn unpaired(&self) -> Vec<String> {
        let other = |lang| if lang == Lang::Ru { Lang::En } else { Lang::Ru };
        let missing = self.known.keys().filter(|(lang, key)| !self.known.contains_key(&(other(*lang), key.clone())));
        missing.map(|(lang, key)| format!("{}: {key}", lang.code())).collect()
    }
}

fn flatten(prefix: &str, table: &toml::Table, put: &mut dyn FnMut(String, String)) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, put),
            toml::Value::String(text) => put(key, text.clone()),
            other => put(key, other.to_string()),
        }
    }
}

/// `{{ n|plural("штука", "штуки", "штук") }}` — русское согласование; для английского хватит двух форм.
fn plural(count: i64, one: String, few: String, many: Option<String>) -> String {
    let Some(many) = many else {
        return if count == 1 { one } else { few };
    };
    let (tens, units) = ((count % 100).abs(), (count % 10).abs());
    match units {
        _ if (11..=14).contains(&tens) => many,
        1 => one,
        2..=4 => few,
        _ => many,
    }
}

/// Число рублей из JSON → `12 990 ₽` с неразрывными пробелами.
fn money(roubles: f64) -> String {
    let kopecks = (roubles * 100.0).round() as i64;
    format_roubles(crate::Money::minor(kopecks))
}

/// `12 990 ₽`, `19,50 ₽`: для писем и страниц.
pub fn format_roubles(money: crate::Money) -> String {
    let kopecks = money.to_minor().unsigned_abs();
    let digits = (kopecks / 100).to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    let sign = if money.is_negative() { "−" } else { "" };
    match kopecks % 100 {
        0 => format!("{sign}{grouped}\u{a0}₽"),
        cents => format!("{sign}{grouped},{cents:02}\u{a0}₽"),
    }
}

/// Тело ошибки на данном языке.
pub fn describe(texts: &Texts, lang: Lang, error: &crate::Error) -> (String, Vec<Value>) {
    let detail = texts.get(lang, error.code, &error.args);
    let fields = error.fields.iter().map(|field| {
        let key = if field.code.contains('.') { field.code.clone() } else { format!("fields.{}", field.code) };
        serde_json::json!({"field": field.field, "code": field.code, "message": texts.get(lang, &key, &field.args)})
    });
    (detail, fields.collect())
}
