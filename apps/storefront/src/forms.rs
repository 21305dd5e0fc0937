//! Формы: разбор `application/x-www-form-urlencoded` и показ ошибок рядом с полями.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, RawForm, Request};
use kernel::texts::{Lang, describe};
use kernel::{Ctx, Error, Result};
use serde::Serialize;

/// Присланные поля. Повтор имени — побеждает последнее значение.
#[derive(Clone, Debug, Default)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Значение без пробелов по краям; нет поля — пустая строка.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    /// Ровно то, что прислали: для паролей.
    pub fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// То же, что [`Fields::get`], но пустое — `None`.
    pub fn filled(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// Целое число.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.get(name).parse().ok()
    }

    /// Параметры из адреса страницы.
    pub fn of_query(uri: &http::Uri) -> Result<Fields> {
        Fields::parse(uri.query().unwrap_or_default().as_bytes())
    }

    fn parse(bytes: &[u8]) -> Result<Fields> {
        let pairs = url::form_urlencoded::parse(bytes).into_owned();
        let fields: BTreeMap<String, String> = pairs.collect();
        // NUL не хранит PostgreSQL, а честный браузер его не пришлёт.
        match fields.values().any(|value| value.contains('\0')) {
            true => Err(Error::invalid_body()),
            false => Ok(Fields(fields)),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let RawForm(bytes) = RawForm::from_request(request, state).await.map_err(|_| Error::invalid_body())?;
        Fields::parse(&bytes)
    }
}

/// Форма на странице: что было введено и что не так.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Form {
    pub values: BTreeMap<String, String>,
    /// Поле → слова.
    pub errors: BTreeMap<String, String>,
    /// Поля с ошибками в порядке проверки: так их перечисляет сводка.
    pub order: Vec<String>,
    /// Беда не одного поля, а всей формы.
    pub problem: Option<String>,
    /// Номер попытки: повтор той же отправки не создаст второй заказ.
    pub attempt: String,
}

impl Form {
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Form {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// Присланное возвращается в поля как было; пароли — нет.
    pub fn keep(fields: &Fields) -> Form {
        let open = fields.0.iter().filter(|(name, _)| !name.contains("password"));
        Form { values: open.map(|(name, value)| (name.clone(), value.clone())).collect(), ..Form::default() }
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn error(&mut self, name: &str, text: impl Into<String>) {
        if self.errors.insert(name.to_owned(), text.into()).is_none() {
            self.order.push(name.to_owned());
        }
    }

    pub fn is_good(&self) -> bool {
        self.order.is_empty() && self.problem.is_none()
    }

    /// Отказ службы: известные поля подписываются, остальное идёт в сводку. `known` — поле службы → поле формы;
    /// `about` — поле формы, о котором весь отказ.
    pub fn refused(mut self, ctx: &Ctx, error: &Error, known: &[(&str, &str)], about: Option<&str>) -> Form {
        let (detail, fields) = describe(ctx.texts(), Lang::Ru, error);
        if let Some(about) = about {
            self.error(about, detail);
            return self;
        }
        for field in &fields {
            let name = field["field"].as_str().unwrap_or_default();
            let message = field["message"].as_str().unwrap_or_default();
            match known.iter().find(|(theirs, _)| *theirs == name) {
                Some((_, ours)) => self.error(ours, message),
                None => self.problem = Some(message.to_owned()),
            }
        }
        if self.is_good() {
            self.problem = Some(detail);
        }
        self
    }
}
