//! CommerceML 2.x и 3.1: потоковое чтение. Решаем по элементам, а не по номеру версии:
//! выгрузки «2.09» давно разбиты на файлы, как 3.1.

mod classifier;
mod offer;
mod probe;
mod product;
mod tree;
mod xml;

use std::ops::ControlFlow;

use super::counts::{Counts, Distinct};
use super::input::Input;
use super::limits::Limits;
use super::problem::{Problem, ProblemKind, Result, Severity};
use super::record::{Record, Scope, ScopeKind};
pub use probe::probe;
use tree::{Node, Tree};
use xml::{Element, Xml};

pub const ROOT: &str = "КоммерческаяИнформация";
const CLASSIFIER: &str = "Классификатор";
/// Длина ида по стандарту — 80; вариант — два ида через `#`.
const ID_LIMIT: usize = 161;

/// Куда отдаются записи; `Break` останавливает чтение.
pub type Sink<'s> = dyn FnMut(Record) -> ControlFlow<()> + 's;

/// Читает документ от начала до конца и возвращает, сколько чего в нём было.
pub fn read(file: &str, input: Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<Counts> {
    let mut walker = Walker {
        xml: Xml::new(file, input, limits),
        tree: Tree::default(),
        counts: Counts::default(),
        limits: limits.clone(),
        bases: Distinct::default(),
        sink,
    };
    walker.document()?;
    walker.counts.offer_products = walker.bases.count();
    Ok(walker.counts)
}

struct Walker<'a, 's> {
    xml: Xml<'a>,
    tree: Tree,
    counts: Counts,
    limits: Limits,
    bases: Distinct,
    sink: &'a mut Sink<'s>,
}

impl Walker<'_, '_> {
    fn document(&mut self) -> Result<()> {
        let Some(root) = self.xml.next_child()? else {
            return Err(self.xml.problem(ProblemKind::Truncated));
        };
        match root.name.as_str() {
            ROOT => self.envelope()?,
            // Бывает и голый классификатор без конверта.
            CLASSIFIER => self.classifier()?,
            _ => return Err(self.xml.problem(ProblemKind::UnsupportedRoot(root.name))),
        }
        self.xml.finish()
    }

    fn envelope(&mut self) -> Result<()> {
        while let Some(child) = self.xml.next_child()? {
            match child.name.as_str() {
                CLASSIFIER => self.classifier()?,
                "Каталог" => self.catalog(&child)?,
                "ПакетПредложений" | "ИзмененияПакетаПредложений" => {
                    self.package(&child)?
                }
                other => {
                    self.counts.ignore(other);
                    self.xml.skip()?;
                }
            }
        }
        Ok(())
    }

    fn catalog(&mut self, element: &Element) -> Result<()> {
        let mut scope = scope_of(element, ScopeKind::Catalog);
        while let Some(child) = self.xml.next_child()? {
            match child.name.as_str() {
                "Ид" => scope.catalog_id = self.xml.text()?.unwrap_or_default(),
                "СодержитТолькоИзменения" => {
                    scope.changes_only = changes_only(self.xml.text()?.as_deref());
                }
                "Товары" => {
                    self.emit(Record::Scope(scope.clone()))?;
                    self.each("Товар", Self::product)?;
                }
                _ => self.dictionary(&child)?,
            }
        }
        Ok(())
    }

    fn package(&mut self, element: &Element) -> Result<()> {
        let mut scope = scope_of(element, ScopeKind::Offers);
        let mut package_id = String::new();
        while let Some(child) = self.xml.next_child()? {
            match child.name.as_str() {
                "Ид" => package_id = self.xml.text()?.unwrap_or_default(),
                "ИдКаталога" => scope.catalog_id = self.xml.text()?.unwrap_or_default(),
                "СодержитТолькоИзменения" => {
                    scope.changes_only = changes_only(self.xml.text()?.as_deref());
                }
                "Предложения" => {
                    if scope.catalog_id.is_empty() {
                        // Ид пакета — обычно ид каталога и «#».
                        let id = package_id.split('#').next().unwrap_or_default();
                        id.clone_into(&mut scope.catalog_id);
                    }
                    self.emit(Record::Scope(scope.clone()))?;
                    self.each("Предложение", Self::offer)?;
                }
                _ => self.dictionary(&child)?,
            }
        }
        Ok(())
    }

    /// Обходит список одинаковых элементов, каждый читает в дерево.
    fn each(&mut self, name: &str, mut found: impl FnMut(&mut Self, &Tree, u64) -> Result<()>) -> Result<()> {
        while let Some(child) = self.xml.next_child()? {
            if child.name != name {
                self.xml.skip()?;
                continue;
            }
            let line = self.xml.line();
            let mut tree = std::mem::take(&mut self.tree);
            self.xml.record(&child, &mut tree)?;
            found(self, &tree, line)?;
            self.tree = tree;
        }
        Ok(())
    }

    fn product(&mut self, tree: &Tree, line: u64) -> Result<()> {
        let mut notes = Vec::new();
        let node = tree.root();
        self.counts.property_values += node.items("ЗначенияСвойств", "ЗначенияСвойства").count() as u64;
        let parsed = product::parse(node, line, &mut notes);
        self.notes(notes, line, &id_of(node))?;
        match parsed {
            Ok((product, variant)) => {
                self.counts.product(&product);
                self.emit(Record::Product(Box::new(product)))?;
                variant.map_or(Ok(()), |variant| self.emit(Record::Offer(Box::new(variant))))
            }
            Err(kind) => self.refuse(kind, line, &id_of(node)),
        }
    }

    fn offer(&mut self, tree: &Tree, line: u64) -> Result<()> {
        let mut notes = Vec::new();
        let node = tree.root();
        self.counts.characteristics += offer::characteristics(node).count() as u64;
        self.counts.prices += node.items("Цены", "Цена").count() as u64;
        let parsed = offer::parse(node, line, &mut notes);
        self.notes(notes, line, &id_of(node))?;
        match parsed {
            Ok(offer) => {
                self.bases.insert(&offer.product_id);
                self.counts.offer(&offer, self.limits.warehouses);
                self.emit(Record::Offer(Box::new(offer)))
            }
            Err(kind) => self.refuse(kind, line, &id_of(node)),
        }
    }

    fn notes(&mut self, notes: Vec<ProblemKind>, line: u64, id: &str) -> Result<()> {
        notes.into_iter().try_for_each(|kind| self.refuse(kind, line, id))
    }

    /// Отдаёт отказ или предупреждение по одной записи.
    fn refuse(&mut self, kind: ProblemKind, line: u64, id: &str) -> Result<()> {
        match kind.severity() {
            Severity::Warning => self.counts.warnings += 1,
            _ => self.counts.problems += 1,
        }
        let problem = Problem { line, ..self.xml.problem(kind) }.of(id);
        self.emit(Record::Problem(problem))
    }

    fn emit(&mut self, record: Record) -> Result<()> {
        match (self.sink)(record) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(self.xml.problem(ProblemKind::Stopped)),
        }
    }
}

fn scope_of(element: &Element, kind: ScopeKind) -> Scope {
    let changes = element.attribute("СодержитТолькоИзменения");
    Scope { kind, catalog_id: String::new(), changes_only: changes_only(changes) }
}

/// Без пометки считаем выгрузку частичной: тогда ничего не скроем по ошибке.
fn changes_only(text: Option<&str>) -> bool {
    text.and_then(super::numbers::boolean).unwrap_or(true)
}

fn is_deleted(node: Node<'_>) -> bool {
    let marked = node.get("ПометкаУдаления").is_some_and(|text| super::numbers::boolean(&text) == Some(true));
    marked || node.get("@Статус").as_deref() == Some("Удален")
}

fn id_of(node: Node<'_>) -> String {
    node.get("Ид").unwrap_or_default()
}

fn required_id(node: Node<'_>) -> std::result::Result<String, ProblemKind> {
    let id = node.get("Ид").ok_or(ProblemKind::Missing("Ид"))?;
    if id.chars().count() > ID_LIMIT {
        return Err(ProblemKind::TooLong { field: "Ид", limit: ID_LIMIT });
    }
    Ok(id)
}
