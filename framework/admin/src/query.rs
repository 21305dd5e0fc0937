//! Параметры адреса списка: поиск, отборы, порядок, место.

use std::borrow::Cow;

/// Пары имя — значение в порядке адреса.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub fn of(uri: &http::Uri) -> Query {
        Query::parse(uri.query().unwrap_or_default())
    }

    /// `q=…&status=…`, можно и с `?` впереди.
    pub fn parse(text: &str) -> Query {
        let pairs = url::form_urlencoded::parse(text.trim_start_matches('?').as_bytes());
        let owned = |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), value.into_owned());
        Query(pairs.map(owned).collect())
    }

    /// Значение без пробелов по краям; нет или пусто — `None`.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Те же параметры, но с другим значением этого; пустое убирает.
    pub fn with(&self, name: &str, value: &str) -> Query {
        let mut pairs: Vec<_> =
            self.0.iter().filter(|(own, value)| own != name && !value.is_empty()).cloned().collect();
        if !value.is_empty() {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        Query(pairs)
    }

    /// `?q=…`; пусто — просто `?`.
    pub fn link(&self) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::from("?"));
        out.extend_pairs(&self.0);
        out.finish()
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}
