//! Черновик формы: введённое, отказы у полей, искомое.

use std::collections::BTreeMap;

use kernel::texts::describe;
use kernel::{Ctx, Error, Kind};
use serde::Serialize;

use crate::declare::Field;
use crate::input::Form;

/// Поле, которое изменили двое.
#[derive(Serialize)]
pub(super) struct Clash {
    pub label: &'static str,
    pub mine: String,
    pub theirs: String,
}

/// Всё, из чего рисуется форма.
pub(super) struct Draft {
    pub(super) id: i64,
    /// Поле → что в нём стоит.
    pub(super) values: BTreeMap<String, Vec<String>>,
    pub(super) errors: BTreeMap<String, String>,
    pub(super) problem: Option<String>,
    pub(super) version: String,
    pub(super) key: String,
    pub(super) conflict: Vec<Clash>,
    /// Какому полю искали варианты.
    pub(super) find: Option<(String, String)>,
}

impl Draft {
    pub(super) fn new(ctx: &Ctx, id: i64, values: BTreeMap<String, Vec<String>>) -> Draft {
        Draft {
            id,
            values,
            errors: BTreeMap::new(),
            problem: None,
            version: String::new(),
            key: ctx.random().token(),
            conflict: Vec::new(),
            find: None,
        }
    }

    /// Присланное возвращается как было.
    pub(super) fn again(id: i64, form: &Form) -> Draft {
        let find = form.has("_find").then(|| form.get("_find").to_owned());
        Draft {
            id,
            values: form.fields.clone(),
            errors: BTreeMap::new(),
            problem: None,
            version: form.get("_version").to_owned(),
            key: form.get("_key").to_owned(),
            conflict: Vec::new(),
            find: find.map(|name| (form.get(&format!("{name}__q")).to_owned(), name)).map(|(q, name)| (name, q)),
        }
    }

    pub(super) fn refused(mut self, ctx: &Ctx, fields: &[Field], error: &Error) -> Draft {
        let (detail, problems) = describe(ctx.texts(), ctx.lang(), error);
        for problem in &problems {
            let name = problem["field"].as_str().unwrap_or_default();
            let root = if fields.iter().any(|field| field.name == name) {
                name
            } else {
                name.split(['.', '[']).next().unwrap_or_default()
            };
            let message = problem["message"].as_str().unwrap_or_default().to_owned();
            let known = [name, root].into_iter().find(|name| fields.iter().any(|field| field.name == *name));
            if let Some(name) = known {
                self.errors.insert(name.to_owned(), message);
            } else if error.kind == Kind::Invalid {
                self.problem = Some(if name.is_empty() { message } else { format!("{name}: {message}") });
            }
        }
        if self.problem.is_none() && (self.errors.is_empty() || error.kind != Kind::Invalid) {
            self.problem = Some(detail);
        }
        self
    }
}
