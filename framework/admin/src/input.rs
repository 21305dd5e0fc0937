//! Присланная форма → значения для схемы приложения.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Multipart, RawForm, Request};
use bytes::Bytes;
use chrono::{NaiveDateTime, TimeDelta};
use http::header::CONTENT_TYPE;
use kernel::{Actor, Error, Kind, Result};
use serde_json::{Map, Value};

use crate::declare::{Field, FieldKind};

/// Значения формы: только объявленные поля, в виде, который понимает схема приложения (`kernel::http::parse_value`).
#[derive(Clone, Debug, Default)]
pub struct Input {
    pub values: Map<String, Value>,
    pub files: Vec<File>,
}

/// Присланный файл.
#[derive(Clone, Debug)]
pub struct File {
    pub field: String,
    pub name: String,
    pub bytes: Bytes,
}

impl Input {
    /// Всё вместе, для `parse_value`; поле `reward.min_sum` — часть объекта `reward`.
    pub fn value(&self) -> Value {
        let mut all = Map::new();
        for (name, value) in &self.values {
            match name.split_once('.') {
                Some((whole, part)) => {
                    let whole = all.entry(whole).or_insert_with(|| Value::Object(Map::new()));
                    whole[part] = value.clone();
                }
                None => _ = all.insert(name.clone(), value.clone()),
            }
        }
        Value::Object(all)
    }

    /// Разобрать и проверить схемой приложения: отказы встанут у полей.
    pub fn parse<T: serde::de::DeserializeOwned + garde::Validate<Context = ()>>(&self) -> Result<T> {
        kernel::http::parse_value(&self.value())
    }

    /// Номер выбранного объекта.
    pub fn id(&self, name: &str) -> Result<i64> {
        self.values.get(name).and_then(Value::as_i64).ok_or_else(|| Error::invalid(name, "required"))
    }

    /// Номера: выбранные или в новом порядке.
    pub fn ids(&self, name: &str) -> Vec<i64> {
        self.values.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.values.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// Без этого поля.
    pub fn without(mut self, name: &str) -> Input {
        self.values.remove(name);
        self
    }

    /// Строка; нет поля — пустая.
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Дописать то, чего в форме нет: номер владельца.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Input {
        self.values.insert(name.to_owned(), value.into());
        self
    }
}

/// Форма, как её прислал браузер.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    pub fields: BTreeMap<String, Vec<String>>,
    files: Vec<File>,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let form = match kind.starts_with("multipart/form-data") {
            true => Form::multipart(request, state).await?,
            false => {
                let RawForm(bytes) = RawForm::from_request(request, state).await.map_err(|_| Error::invalid_body())?;
                Form::pairs(url::form_urlencoded::parse(&bytes).into_owned())
            }
        };
        // NUL не хранит PostgreSQL, а честный браузер его не пришлёт.
        let broken = form.fields.values().flatten().any(|value| value.contains('\0'));
        if broken { Err(Error::invalid_body()) } else { Ok(form) }
    }
}

impl Form {
    pub fn pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Form {
        let mut form = Form::default();
        for (name, value) in pairs {
            form.fields.entry(name).or_default().push(value);
        }
        form
    }

    async fn multipart<S: Send + Sync>(request: Request, state: &S) -> Result<Form> {
        let broken = |_| Error::invalid_body();
        let mut parts = Multipart::from_request(request, state).await.map_err(|_| Error::invalid_body())?;
        let mut form = Form::default();
        while let Some(part) = parts.next_field().await.map_err(too_large)? {
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(file) => {
                    let bytes = part.bytes().await.map_err(too_large)?;
                    if !bytes.is_empty() {
                        form.files.push(File { field: name, name: file, bytes });
                    }
                }
                None => form.fields.entry(name).or_default().push(part.text().await.map_err(broken)?),
            }
        }
        Ok(form)
    }

    /// Последнее значение без пробелов по краям; нет — пустая строка.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).and_then(|values| values.last()).map_or("", |value| value.trim())
    }

    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Отмеченные номера.
    pub fn ids(&self, name: &str) -> Vec<i64> {
        self.fields.get(name).into_iter().flatten().filter_map(|id| id.trim().parse().ok()).collect()
    }

    /// Номера по присланным местам; место не названо — в конец.
    fn order(&self, name: &str) -> Vec<i64> {
        let places = self.fields.get(&format!("{name}__place")).map(Vec::as_slice).unwrap_or_default();
        let place = |n: usize| places.get(n).and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(i64::MAX);
        let mut placed: Vec<(i64, i64)> =
            self.ids(name).into_iter().enumerate().map(|(n, id)| (place(n), id)).collect();
        placed.sort_by_key(|(place, _)| *place);
        placed.into_iter().map(|(_, id)| id).collect()
    }

    /// Непонятное число уходит как есть: отказ скажет схема.
    fn quantities(&self, name: &str) -> Value {
        let counts = self.fields.get(&format!("{name}__count")).map(Vec::as_slice).unwrap_or_default();
        let named = self.ids(name).into_iter().zip(counts).filter(|(_, count)| !matches!(count.trim(), "" | "0"));
        named.map(|(id, count)| serde_json::json!({"id": id, "quantity": whole(count.trim())})).collect()
    }

    /// Значения полей, на которые у человека есть право.
    pub fn input(&self, fields: &[Field], actor: &Actor, offset: TimeDelta) -> Input {
        let mut input = Input { files: self.files.clone(), ..Input::default() };
        for field in fields.iter().filter(|field| field.needs.is_none_or(|needs| actor.can(needs))) {
            if let Some(value) = self.value(field, offset) {
                input.values.insert(field.name.to_owned(), value);
            }
        }
        input
    }

    fn value(&self, field: &Field, offset: TimeDelta) -> Option<Value> {
        let text = self.get(field.name);
        let all = || self.fields.get(field.name).cloned().unwrap_or_default();
        match field.kind {
            FieldKind::Files => return None,
            FieldKind::Flag => return Some(Value::Bool(self.has(field.name))),
            FieldKind::Choices(_) | FieldKind::ManyOptions(_) | FieldKind::GroupedOptions(_) => {
                return Some(all().into());
            }
            FieldKind::PickMany(_) => return Some(all().iter().filter_map(|id| id.parse::<i64>().ok()).collect()),
            FieldKind::Quantities(_) => return Some(self.quantities(field.name)),
            FieldKind::Order(_) => return Some(self.order(field.name).into()),
            FieldKind::Lines => {
                return Some(text.lines().map(str::trim).filter(|line| !line.is_empty()).collect());
            }
            _ => {}
        }
        if matches!(field.kind, FieldKind::Secret) {
            return (!text.is_empty()).then(|| text.into());
        }
        if text.is_empty() {
            let is_text = matches!(field.kind, FieldKind::Text | FieldKind::Area(_));
            return if field.nullable { Some(Value::Null) } else { is_text.then(|| Value::from("")) };
        }
        Some(match field.kind {
            FieldKind::Number | FieldKind::Pick(_) => whole(text),
            FieldKind::Money => money(text).into(),
            FieldKind::Moment => moment(text, offset).into(),
            FieldKind::Area(_) => text.replace("\r\n", "\n").into(),
            _ => text.into(),
        })
    }
}

fn too_large(error: axum::extract::multipart::MultipartError) -> Error {
    match error.status().as_u16() {
        413 => Error::new(Kind::TooLarge, "request.too_large"),
        _ => Error::invalid_body(),
    }
}

/// Не число — уходит как есть: отказ с полем скажет схема.
fn whole(text: &str) -> Value {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits.parse::<i64>().map_or_else(|_| text.into(), Value::from)
}

/// `12 990,50` → `12990.50`.
fn money(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '₽').map(|c| if c == ',' { '.' } else { c }).collect()
}

/// Время магазина → UTC.
fn moment(text: &str, offset: TimeDelta) -> String {
    match NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M") {
        Ok(local) => (local - offset).and_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        Err(_) => text.to_owned(),
    }
}

/// Значение схемы → то, что стоит в поле: одна строка или несколько.
pub(crate) fn in_field(field: &Field, value: &Value, offset: TimeDelta) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    match (field.kind, value) {
        (_, Value::Null) | (FieldKind::Secret, _) => Vec::new(),
        (FieldKind::Flag, value) => {
            value.as_bool().filter(|yes| *yes).map(|_| vec!["on".to_owned()]).unwrap_or_default()
        }
        (FieldKind::Lines, Value::Array(lines)) => {
            vec![lines.iter().map(one).collect::<Vec<_>>().join("\n")]
        }
        (FieldKind::Moment, Value::String(text)) => vec![local(text, offset)],
        (FieldKind::Quantities(_), Value::Array(items)) => {
            items.iter().map(|item| format!("№ {} × {}", one(&item["id"]), one(&item["quantity"]))).collect()
        }
        (_, Value::Array(items)) => items.iter().map(one).collect(),
        (_, value) => vec![one(value)],
    }
}

/// UTC → время магазина для поля `datetime-local`.
fn local(text: &str, offset: TimeDelta) -> String {
    match chrono::DateTime::parse_from_rfc3339(text) {
        Ok(at) => (at.naive_utc() + offset).format("%Y-%m-%dT%H:%M").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// Одно и то же ли значение: числа и деньги сравниваются как их покажет поле, списки — без порядка.
pub(crate) fn same(field: &Field, a: &Value, b: &Value, offset: TimeDelta) -> bool {
    let mut shown = [in_field(field, a, offset), in_field(field, b, offset)];
    if matches!(field.kind, FieldKind::Money) {
        shown
            .iter_mut()
            .flatten()
            .for_each(|text| *text = text.parse::<kernel::Money>().map_or(text.clone(), |m| m.to_string()));
    }
    let trimmed = |list: &Vec<String>| {
        let mut list: Vec<String> =
            list.iter().map(|text| text.trim().replace("\r\n", "\n")).filter(|t| !t.is_empty()).collect();
        list.sort();
        list
    };
    trimmed(&shown[0]) == trimmed(&shown[1])
}
