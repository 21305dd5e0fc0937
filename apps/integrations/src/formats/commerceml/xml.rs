//! Тонкая обёртка над quick-xml: спуск по элементам, бюджеты и запрет DOCTYPE и сущностей.

use quick_xml::Reader;
use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::tree::Tree;
use crate::formats::input::Input;
use crate::formats::limits::Limits;
use crate::formats::numbers::clean;
use crate::formats::problem::{Problem, ProblemKind, Result};

/// Открытый элемент: имена местные, пространства имён не важны.
pub struct Element {
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

pub struct Xml<'a> {
    reader: Reader<Input<'a>>,
    buffer: Vec<u8>,
    depth: usize,
    limits: Limits,
    file: String,
}

impl<'a> Xml<'a> {
    pub fn new(file: &str, input: Input<'a>, limits: &Limits) -> Self {
        let mut reader = Reader::from_reader(input);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_end_names = true;
        Self { reader, buffer: Vec::new(), depth: 0, limits: limits.clone(), file: file.to_owned() }
    }

    pub fn line(&self) -> u64 {
        self.reader.get_ref().line()
    }

    pub fn problem(&self, kind: ProblemKind) -> Problem {
        kind.at(&self.file, self.line())
    }

    /// Следующий вложенный элемент; `None` — текущий закрылся (или кончился файл).
    pub fn next_child(&mut self) -> Result<Option<Element>> {
        let limit = self.limits.attributes;
        loop {
            self.reader.get_mut().checkpoint();
            match self.event()? {
                Event::Start(start) => {
                    return element(&start, limit).map(Some).map_err(|kind| self.problem(kind));
                }
                Event::End(_) | Event::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    /// Текст текущего элемента до его конца.
    pub fn text(&mut self) -> Result<Option<String>> {
        let mut tree = Tree::default();
        self.tree("", &mut tree)?;
        Ok(tree.root().value())
    }

    pub fn skip(&mut self) -> Result<()> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.reader.get_mut().checkpoint();
            if let Event::Eof = self.event()? {
                break;
            }
        }
        Ok(())
    }

    /// Читает текущий элемент целиком в дерево.
    pub fn record(&mut self, element: &Element, tree: &mut Tree) -> Result<()> {
        tree.clear();
        tree.open(&element.name);
        for (name, value) in &element.attributes {
            tree.attribute(name, value);
        }
        self.subtree(tree)
    }

    fn tree(&mut self, name: &str, tree: &mut Tree) -> Result<()> {
        tree.clear();
        tree.open(name);
        self.subtree(tree)
    }

    fn subtree(&mut self, tree: &mut Tree) -> Result<()> {
        let limits = (self.limits.attributes, self.limits.record_nodes);
        while tree.depth() > 0 {
            let step = match self.event()? {
                Event::Start(start) => open(&start, tree, limits.0),
                Event::End(_) => {
                    tree.close();
                    Ok(())
                }
                Event::Text(text) => {
                    tree.text(&text.xml10_content());
                    Ok(())
                }
                Event::CData(text) => {
                    tree.text(&text.xml10_content());
                    Ok(())
                }
                Event::GeneralRef(entity) => reference(&entity, tree),
                _ => Ok(()),
            };
            step.map_err(|kind| self.problem(kind))?;
            if tree.len() > limits.1 {
                let kind = ProblemKind::TooBig { what: "record nodes", limit: limits.1 as u64 };
                return Err(self.problem(kind));
            }
        }
        Ok(())
    }

    /// После корня не должно быть ничего: второй корень — след склейки двух частей файла.
    pub fn finish(&mut self) -> Result<()> {
        loop {
            self.reader.get_mut().checkpoint();
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Start(_) => {
                    let kind = ProblemKind::Malformed("second root element".into());
                    return Err(self.problem(kind));
                }
                _ => {}
            }
        }
    }

    fn event(&mut self) -> Result<Event<'_>> {
        self.buffer.clear();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => {
                return Err(kind_of(&error).at(&self.file, self.reader.get_ref().line()));
            }
        };
        let refusal = match &event {
            Event::DocType(_) => Some(ProblemKind::Doctype),
            Event::Start(_) => {
                self.depth += 1;
                (self.depth > self.limits.depth).then_some(ProblemKind::TooDeep(self.limits.depth))
            }
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                None
            }
            Event::Eof if self.depth > 0 => Some(ProblemKind::Truncated),
            _ => None,
        };
        match refusal {
            Some(kind) => Err(kind.at(&self.file, self.reader.get_ref().line())),
            None => Ok(event),
        }
    }
}

type Step<T> = std::result::Result<T, ProblemKind>;

fn element(start: &BytesStart<'_>, limit: usize) -> Step<Element> {
    let mut attributes = Vec::new();
    each_attribute(start, limit, |name, value| attributes.push((name.to_owned(), value.to_owned())))?;
    Ok(Element { name: local(start.name().as_ref()).to_owned(), attributes })
}

fn open(start: &BytesStart<'_>, tree: &mut Tree, limit: usize) -> Step<()> {
    tree.open(local(start.name().as_ref()));
    each_attribute(start, limit, |name, value| tree.attribute(name, value))
}

fn each_attribute(start: &BytesStart<'_>, limit: usize, mut found: impl FnMut(&str, &str)) -> Step<()> {
    for (i, attribute) in start.attributes().with_checks(false).enumerate() {
        if i >= limit {
            return Err(ProblemKind::TooManyAttributes(limit));
        }
        let attribute = attribute.map_err(|e| ProblemKind::Malformed(e.to_string()))?;
        let key = attribute.key.as_ref();
        if key == "xmlns" || key.starts_with("xmlns:") {
            continue;
        }
        let value = unescape(&attribute.value).map_err(|e| kind_of(&e.into()))?;
        if let Some(value) = clean(&value) {
            found(local(key), &value);
        }
    }
    Ok(())
}

fn reference(entity: &BytesRef<'_>, tree: &mut Tree) -> Step<()> {
    if let Some(c) = entity.resolve_char_ref().map_err(|e| kind_of(&e))? {
        tree.text(c.encode_utf8(&mut [0; 4]));
        return Ok(());
    }
    let text = resolve_xml_entity(entity).ok_or_else(|| ProblemKind::Entity(entity.to_string()))?;
    tree.text(text);
    Ok(())
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn kind_of(error: &quick_xml::Error) -> ProblemKind {
    use quick_xml::Error;
    use quick_xml::escape::EscapeError;
    match error {
        Error::Io(e) => ProblemKind::from(&**e),
        Error::Syntax(SyntaxError::InvalidBangMarkup) => ProblemKind::Malformed(error.to_string()),
        Error::Syntax(_) | Error::IllFormed(IllFormedError::MissingEndTag(_)) => ProblemKind::Truncated,
        Error::Escape(EscapeError::UnrecognizedEntity(_, name)) => ProblemKind::Entity(name.clone()),
        other => ProblemKind::Malformed(other.to_string()),
    }
}
