//! Что присылает сотрудник.

use garde::Validate;
use serde::Deserialize;

/// Правка слов письма: только присланное; пустая часть HTML — письмо только текстом.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct TemplatePatch {
    #[garde(length(chars, max = 300))]
    pub subject: Option<String>,
    #[garde(length(chars, max = 20_000))]
    pub body: Option<String>,
    #[garde(length(chars, max = 100_000))]
    pub html: Option<String>,
    #[garde(length(chars, max = 1_000))]
    pub sms: Option<String>,
}

impl TemplatePatch {
    pub fn parts(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("subject", self.subject.as_deref()),
            ("body", self.body.as_deref()),
            ("html", self.html.as_deref()),
            ("sms", self.sms.as_deref()),
        ]
    }
}
