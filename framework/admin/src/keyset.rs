//! Листание по ключу: страница начинается за последней виденной строкой, поэтому тысячная стоит столько же, сколько первая.

use kernel::http::Cursor;
use kernel::{Error, Result, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, Value};
use serde::{Deserialize, Serialize};

/// Значение столбца сортировки; пустых в таких столбцах не бывает.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Key {
    Whole(i64),
    Text(String),
    Time(Timestamp),
}

impl Key {
    pub fn of(value: Value) -> Result<Key> {
        match value {
            Value::BigInt(Some(number)) => Ok(Key::Whole(number)),
            Value::Int(Some(number)) => Ok(Key::Whole(number.into())),
            Value::String(Some(text)) => Ok(Key::Text(text)),
            Value::ChronoDateTime(Some(at)) => Ok(Key::Time(at)),
            other => Err(Error::internal(anyhow::anyhow!("a list cannot be sorted by {other:?}"))),
        }
    }

    fn value(&self) -> Value {
        match self {
            Key::Whole(number) => (*number).into(),
            Key::Text(text) => text.clone().into(),
            Key::Time(at) => (*at).into(),
        }
    }
}

/// Строка, за которой (или перед которой) начинается страница.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spot {
    pub key: Key,
    pub id: i64,
    /// Идти назад, к началу списка.
    pub back: bool,
}

impl Spot {
    pub fn encode(&self) -> Result<String> {
        Cursor::encode(self)
    }

    pub fn decode(text: &str) -> Result<Spot> {
        Cursor::parse(text).decode()
    }

    /// Строки по ту сторону. `col >= v AND (col > v OR id > последнего)`: начало находит индекс по столбцу.
    pub fn beyond<C: ColumnTrait>(&self, column: C, id: C, descending: bool) -> Condition {
        let value = self.key.value();
        if descending == self.back {
            let further = Condition::any().add(column.gt(value.clone())).add(id.gt(self.id));
            Condition::all().add(column.gte(value)).add(further)
        } else {
            let further = Condition::any().add(column.lt(value.clone())).add(id.lt(self.id));
            Condition::all().add(column.lte(value)).add(further)
        }
    }
}
