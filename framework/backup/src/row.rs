//! Строка таблицы вне движка: массив JSON. Она же — запись в файле копии и то, из чего считается отпечаток таблицы.

use anyhow::{Context, Result, anyhow, bail};
use chrono::NaiveDateTime;
use sea_orm::prelude::Uuid;
use sea_orm::{QueryResult, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::schema::{Kind, Table};

/// Микросекунды: точнее базы не хранят.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%.6f";

/// Значения в порядке столбцов и они же одной строкой JSON.
#[derive(Clone, Debug)]
pub struct Row {
    pub cells: Vec<Value>,
    pub line: Vec<u8>,
}

impl Row {
    /// Из ответа базы, где столбцы идут в порядке таблицы.
    pub fn read(table: &Table, found: &QueryResult) -> Result<Row> {
        let cells = table.columns.iter().enumerate().map(|(place, column)| {
            read_cell(column.kind, found, place).with_context(|| format!("{}.{}", table.name, column.name))
        });
        let cells = cells.collect::<Result<Vec<_>>>()?;
        let line = cells.iter().map(to_json).collect::<Result<Vec<Json>>>()?;
        Ok(Row { line: serde_json::to_vec(&line)?, cells })
    }

    /// Из строки файла копии.
    pub fn parse(table: &Table, line: Vec<u8>) -> Result<Row> {
        let values: Vec<Json> = serde_json::from_slice(&line).with_context(|| format!("table {}", table.name))?;
        if values.len() != table.columns.len() {
            bail!("table {}: a row has {} values, not {}", table.name, values.len(), table.columns.len());
        }
        let cells = table.columns.iter().zip(values).map(|(column, value)| {
            from_json(column.kind, value).with_context(|| format!("{}.{}", table.name, column.name))
        });
        Ok(Row { cells: cells.collect::<Result<_>>()?, line })
    }
}

fn read_cell(kind: Kind, found: &QueryResult, place: usize) -> Result<Value> {
    Ok(match kind {
        Kind::Int => Value::Int(found.try_get_by_index(place)?),
        Kind::Long => Value::BigInt(found.try_get_by_index(place)?),
        Kind::Float => Value::Double(found.try_get_by_index(place)?),
        Kind::Bool => Value::Bool(found.try_get_by_index(place)?),
        Kind::Text => found.try_get_by_index::<Option<String>>(place)?.into(),
        Kind::Uuid => found.try_get_by_index::<Option<Uuid>>(place)?.into(),
        Kind::Time => found.try_get_by_index::<Option<NaiveDateTime>>(place)?.into(),
    })
}

/// Пустое значение этого рода.
pub fn null(kind: Kind) -> Value {
    match kind {
        Kind::Int => Value::Int(None),
        Kind::Long => Value::BigInt(None),
        Kind::Float => Value::Double(None),
        Kind::Bool => Value::Bool(None),
        Kind::Text => Option::<String>::None.into(),
        Kind::Uuid => Option::<Uuid>::None.into(),
        Kind::Time => Option::<NaiveDateTime>::None.into(),
    }
}

pub fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

fn to_json(value: &Value) -> Result<Json> {
    Ok(match value {
        value if is_null(value) => Json::Null,
        Value::Int(Some(number)) => (*number).into(),
        Value::BigInt(Some(number)) => (*number).into(),
        // Кратчайшая запись, из которой число получается тем же до последнего бита.
        Value::Double(Some(number)) => format!("{number:?}").into(),
        Value::Bool(Some(flag)) => (*flag).into(),
        Value::String(Some(text)) => text.to_string().into(),
        Value::Uuid(Some(id)) => id.to_string().into(),
        Value::ChronoDateTime(Some(time)) => time.format(TIME).to_string().into(),
        other => bail!("a value of an unexpected kind: {other:?}"),
    })
}

fn from_json(kind: Kind, value: Json) -> Result<Value> {
    let wrong = || anyhow!("the value does not fit the column");
    Ok(match (kind, value) {
        (kind, Json::Null) => null(kind),
        (Kind::Int, Json::Number(number)) => i32::try_from(number.as_i64().ok_or_else(wrong)?)?.into(),
        (Kind::Long, Json::Number(number)) => number.as_i64().ok_or_else(wrong)?.into(),
        (Kind::Float, Json::String(text)) => text.parse::<f64>()?.into(),
        (Kind::Bool, Json::Bool(flag)) => flag.into(),
        (Kind::Text, Json::String(text)) => text.into(),
        (Kind::Uuid, Json::String(text)) => text.parse::<Uuid>()?.into(),
        (Kind::Time, Json::String(text)) => NaiveDateTime::parse_from_str(&text, TIME)?.into(),
        _ => return Err(wrong()),
    })
}

/// Сколько строк и их общий отпечаток. От порядка строк не зависит: движки сортируют по-разному.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub rows: u64,
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    pub hash: u128,
}

impl Tally {
    pub fn add(&mut self, line: &[u8]) {
        let digest = Sha256::digest(line);
        let half = digest.iter().take(16).fold(0u128, |sum, byte| (sum << 8) | u128::from(*byte));
        self.rows += 1;
        self.hash = self.hash.wrapping_add(half);
    }
}

fn write_hash<S: Serializer>(hash: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("{hash:032x}"))
}

fn read_hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    let text = String::deserialize(deserializer)?;
    u128::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
}
