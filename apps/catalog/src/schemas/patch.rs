//! Частичное изменение: поле прислали (`Some`) или нет (`None`); `null` — прислали и очистили (`Some(None)`).

use serde::{Deserialize, Deserializer};

/// Присланное значение, в том числе `null`.
pub fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
