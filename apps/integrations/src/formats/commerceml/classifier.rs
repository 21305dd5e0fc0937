//! Классификатор и справочники: разделы, свойства, виды цен, склады.

use super::tree::{Node, Tree};
use super::xml::Element;
use super::{ID_LIMIT, Walker, id_of, is_deleted, required_id};
use crate::formats::numbers::{boolean, currency};
use crate::formats::problem::{ProblemKind, Result};
use crate::formats::record::{GroupRecord, PriceTypeRecord, PropertyKind, PropertyRecord, Record, WarehouseRecord};

impl Walker<'_, '_> {
    pub(super) fn classifier(&mut self) -> Result<()> {
        while let Some(child) = self.xml.next_child()? {
            self.dictionary(&child)?;
        }
        Ok(())
    }

    /// Справочники встречаются и в классификаторе, и в каталоге, и в пакете предложений.
    pub(super) fn dictionary(&mut self, child: &Element) -> Result<()> {
        match child.name.as_str() {
            "Группы" => self.group_tree(),
            "Свойства" => self.properties(),
            "ТипыЦен" => self.each("ТипЦены", Self::price_type),
            "Склады" => self.each("Склад", Self::warehouse),
            _ => self.xml.skip(),
        }
    }

    /// Разделы отдаются целиком после разбора, родители раньше детей.
    fn group_tree(&mut self) -> Result<()> {
        let mut groups = Vec::new();
        self.groups(None, 1, &mut groups)?;
        for (group, depth, line) in groups {
            if group.id.is_empty() || group.name.is_empty() {
                let field = if group.id.is_empty() { "Ид" } else { "Наименование" };
                self.refuse(ProblemKind::Missing(field), line, &group.id)?;
                continue;
            }
            if group.id.chars().count() > ID_LIMIT {
                self.refuse(ProblemKind::TooLong { field: "Ид", limit: ID_LIMIT }, line, "")?;
                continue;
            }
            self.counts.group(&group, depth);
            self.emit(Record::Group(group))?;
        }
        Ok(())
    }

    fn groups(&mut self, parent: Option<&str>, depth: u64, found: &mut Vec<(GroupRecord, u64, u64)>) -> Result<()> {
        while let Some(child) = self.xml.next_child()? {
            if child.name == "Группа" {
                self.group(&child, parent, depth, found)?;
            } else {
                self.xml.skip()?;
            }
        }
        Ok(())
    }

    /// Глубину рекурсии держит предел вложенности XML.
    fn group(
        &mut self,
        element: &Element,
        parent: Option<&str>,
        depth: u64,
        found: &mut Vec<(GroupRecord, u64, u64)>,
    ) -> Result<()> {
        let limit = self.limits.groups;
        if found.len() >= limit {
            let kind = ProblemKind::TooBig { what: "groups", limit: limit as u64 };
            return Err(self.xml.problem(kind));
        }
        let place = found.len();
        let mut group = GroupRecord {
            parent_id: parent.map(str::to_owned),
            deleted: element.attribute("Статус") == Some("Удален"),
            ..GroupRecord::default()
        };
        found.push((GroupRecord::default(), depth, self.xml.line()));
        while let Some(child) = self.xml.next_child()? {
            match child.name.as_str() {
                "Ид" => group.id = self.xml.text()?.unwrap_or_default(),
                "Наименование" => group.name = self.xml.text()?.unwrap_or_default(),
                "Описание" => group.description = self.xml.text()?,
                "Картинка" => group.image = self.xml.text()?,
                "ПометкаУдаления" => {
                    let text = self.xml.text()?.unwrap_or_default();
                    group.deleted |= boolean(&text) == Some(true);
                }
                "Группы" => self.groups(Some(group.id.as_str()), depth + 1, found)?,
                _ => self.xml.skip()?,
            }
        }
        found[place].0 = group;
        Ok(())
    }

    fn properties(&mut self) -> Result<()> {
        while let Some(child) = self.xml.next_child()? {
            if !matches!(child.name.as_str(), "Свойство" | "СвойствоНоменклатуры") {
                self.xml.skip()?;
                continue;
            }
            let line = self.xml.line();
            let mut tree = std::mem::take(&mut self.tree);
            self.xml.record(&child, &mut tree)?;
            self.property(&tree, line)?;
            self.tree = tree;
        }
        Ok(())
    }

    fn property(&mut self, tree: &Tree, line: u64) -> Result<()> {
        match property(tree.root()) {
            Ok(record) => {
                self.counts.property(&record, choices(tree.root()).count() as u64);
                self.emit(Record::Property(record))
            }
            Err(kind) => self.refuse(kind, line, &id_of(tree.root())),
        }
    }

    fn price_type(&mut self, tree: &Tree, line: u64) -> Result<()> {
        let node = tree.root();
        match named(node) {
            Ok((id, name)) => {
                self.counts.price_types += 1;
                let currency = node.get("Валюта").as_deref().and_then(currency);
                self.emit(Record::PriceType(PriceTypeRecord { id, name, currency, deleted: is_deleted(node) }))
            }
            Err(kind) => self.refuse(kind, line, &id_of(node)),
        }
    }

    fn warehouse(&mut self, tree: &Tree, line: u64) -> Result<()> {
        let node = tree.root();
        match named(node) {
            Ok((id, name)) => {
                self.counts.warehouses += 1;
                self.emit(Record::Warehouse(WarehouseRecord { id, name, deleted: is_deleted(node) }))
            }
            Err(kind) => self.refuse(kind, line, &id_of(node)),
        }
    }
}

fn property(node: Node<'_>) -> std::result::Result<PropertyRecord, ProblemKind> {
    let (id, name) = named(node)?;
    let kind = match node.get("ТипЗначений").as_deref() {
        Some("Число") => PropertyKind::Number,
        Some("Справочник") => PropertyKind::Choice,
        Some("Время" | "ДатаВремя") => PropertyKind::Time,
        _ => PropertyKind::Text,
    };
    let choices = choices(node)
        .filter_map(|choice| Some((choice.get("ИдЗначения")?, choice.get("Значение").unwrap_or_default())))
        .collect();
    Ok(PropertyRecord { id, name, kind, choices, deleted: is_deleted(node) })
}

fn choices(property: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    property.items("ВариантыЗначений", "Справочник")
}

fn named(node: Node<'_>) -> std::result::Result<(String, String), ProblemKind> {
    let id = required_id(node)?;
    let name = node.get("Наименование").ok_or(ProblemKind::Missing("Наименование"))?;
    Ok((id, name))
}
