//! Разделы, свойства и виды цен из классификатора.

use std::collections::HashSet;

use catalog::models::attribute::AttributeKind;
use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::NotSet, Set};

use super::digest;
use super::known::Aspect;
use super::links::{self, NewLink};
use super::shelf::{self, CategoryDraft, ChoiceDraft};
use super::state::{Choice, Property};
use super::step::{About, Step, fit};
use crate::formats::{GroupRecord, PriceTypeRecord, ProblemKind, PropertyKind, PropertyRecord};
use crate::models::import_link::{self, LinkEntity};
use crate::models::import_price_type;

/// Ширина столбца `external_id`.
pub const EXTERNAL_ID: usize = 255;

/// Разделы идут родителями вперёд, поэтому родитель к этому времени уже известен.
pub async fn groups(step: &mut Step<'_>, groups: &[&GroupRecord]) -> Result<()> {
    let known = links::load(step.work, step.source, LinkEntity::Group, groups.iter().map(|g| g.id.as_str())).await?;
    for group in groups {
        // Тот же раздел в другом файле выгрузки: прав тот, что был раньше.
        if !step.state.seen.insert(Aspect::Group, &group.id) {
            step.unchanged(|t| &mut t.categories);
            continue;
        }
        group_step(step, group, known.get(&group.id)).await?;
    }
    Ok(())
}

async fn group_step(step: &mut Step<'_>, group: &GroupRecord, link: Option<&import_link::Model>) -> Result<()> {
    let parent_id = group.parent_id.as_deref().and_then(|id| step.state.groups.get(id)).copied();
    let digest = digest::of(&(group, parent_id))?;
    let draft = CategoryDraft {
        parent_id,
        name: &group.name,
        description: group.description.as_deref().unwrap_or_default(),
        is_visible: !group.deleted,
    };
    match link {
        Some(link) if link.digest == digest => step.unchanged(|t| &mut t.categories),
        Some(link) => {
            let is_changed = shelf::update_category(step.work, link.entity_id, draft).await?;
            links::update(step.work, &import_link::Model { digest, ..link.clone() }).await?;
            let about = About { entity: "group", external_id: &group.id, entity_id: Some(link.entity_id), line: 0 };
            match is_changed {
                true => step.changed(about, |t| &mut t.categories),
                false => step.unchanged(|t| &mut t.categories),
            }
        }
        // Удалённого у нас и не было.
        None if group.deleted => step.unchanged(|t| &mut t.categories),
        None if step.state.groups.get(&group.id).is_some() => step.unchanged(|t| &mut t.categories),
        None => {
            let id = shelf::insert_category(step.work, draft).await?;
            let link = NewLink::new(LinkEntity::Group, &group.id, id, digest);
            links::insert(step.work, step.source, "", vec![link]).await?;
            step.state.groups.insert(group.id.clone(), id);
            step.state.paths.insert((parent_id, catalog::normalize::key(&group.name)), id);
            let about = About { entity: "group", external_id: &group.id, entity_id: Some(id), line: 0 };
            step.created(about, |t| &mut t.categories);
        }
    }
    Ok(())
}

/// Раздел по пути из таблицы: недостающие звенья заводятся.
pub async fn category_at(step: &mut Step<'_>, path: &[String]) -> Result<Option<i64>> {
    let mut parent = None;
    for name in path {
        let key = (parent, catalog::normalize::key(name));
        if let Some(id) = step.state.paths.get(&key) {
            parent = Some(*id);
            continue;
        }
        let draft = CategoryDraft { parent_id: parent, name, description: "", is_visible: true };
        let (id, is_new) = shelf::category_named(step.work, draft).await?;
        step.state.paths.insert(key, id);
        if is_new {
            let about = About { entity: "group", external_id: name, entity_id: Some(id), line: 0 };
            step.created(about, |t| &mut t.categories);
        }
        parent = Some(id);
    }
    Ok(parent)
}

pub async fn brand_named(step: &mut Step<'_>, name: &str) -> Result<i64> {
    let key = catalog::normalize::key(name);
    if let Some(id) = step.state.brands.get(&key) {
        return Ok(*id);
    }
    let id = shelf::brand_named(step.work, name).await?;
    step.state.brands.insert(key, id);
    Ok(id)
}

pub async fn properties(step: &mut Step<'_>, properties: &[&PropertyRecord]) -> Result<()> {
    let ids = properties.iter().map(|p| p.id.as_str());
    let known = links::load(step.work, step.source, LinkEntity::Property, ids).await?;
    for property in properties {
        if !step.state.seen.insert(Aspect::Property, &property.id) {
            step.unchanged(|t| &mut t.attributes);
            continue;
        }
        property_step(step, property, known.get(&property.id)).await?;
    }
    Ok(())
}

async fn property_step(
    step: &mut Step<'_>,
    property: &PropertyRecord,
    link: Option<&import_link::Model>,
) -> Result<()> {
    let digest = digest::of(property)?;
    match link {
        Some(link) if link.digest == digest => step.unchanged(|t| &mut t.attributes),
        Some(link) => {
            let is_changed = describe(step, property, link.entity_id).await?;
            links::update(step.work, &import_link::Model { digest, ..link.clone() }).await?;
            let about =
                About { entity: "property", external_id: &property.id, entity_id: Some(link.entity_id), line: 0 };
            match is_changed {
                true => step.changed(about, |t| &mut t.attributes),
                false => step.unchanged(|t| &mut t.attributes),
            }
        }
        None if property.deleted || step.state.properties.get(&property.id).is_some() => {
            step.unchanged(|t| &mut t.attributes);
        }
        None => {
            let kind = kind_of(property);
            let (id, slug) = shelf::insert_attribute(step.work, &property.name, kind).await?;
            let link = NewLink::new(LinkEntity::Property, &property.id, id, digest);
            links::insert(step.work, step.source, "", vec![link]).await?;
            step.state
                .properties
                .insert(property.id.clone(), Property { attribute_id: id, name: property.name.clone(), slug, kind });
            describe(step, property, id).await?;
            let about = About { entity: "property", external_id: &property.id, entity_id: Some(id), line: 0 };
            step.created(about, |t| &mut t.attributes);
        }
    }
    Ok(())
}

fn kind_of(property: &PropertyRecord) -> AttributeKind {
    match property.kind {
        PropertyKind::Number => AttributeKind::Number,
        PropertyKind::Choice => AttributeKind::Choice,
        PropertyKind::Text | PropertyKind::Time => AttributeKind::Text,
    }
}

/// Внешний ид значения: сами иды значений единственны только внутри свойства.
pub fn choice_id(property: &str, choice: &str) -> String {
    format!("{property}/{choice}")
}

/// Сверяет имя и перечень значений; `true`, если что-то добавилось или переименовано.
async fn describe(step: &mut Step<'_>, property: &PropertyRecord, attribute_id: i64) -> Result<bool> {
    let is_choice = kind_of(property) == AttributeKind::Choice;
    let listed = if is_choice { property.choices.as_slice() } else { &[] };
    let ids: Vec<String> = listed.iter().map(|(id, _)| choice_id(&property.id, id)).collect();
    let known = links::load(step.work, step.source, LinkEntity::Choice, ids.iter().map(String::as_str)).await?;
    let mut seen = HashSet::new();
    let (mut drafts, mut externals) = (Vec::new(), Vec::new());
    for (id, (_, title)) in ids.iter().zip(listed) {
        let title = title.trim();
        if title.is_empty() || !seen.insert(id) {
            continue;
        }
        if id.chars().count() > EXTERNAL_ID {
            step.note(ProblemKind::TooLong { field: "ИдЗначения", limit: EXTERNAL_ID }, id, 0);
            continue;
        }
        drafts.push(ChoiceDraft { id: known.get(id).map(|link| link.entity_id), title });
        externals.push(id);
    }
    let done = shelf::update_attribute(step.work, attribute_id, &property.name, &drafts).await?;
    let mut new = Vec::new();
    for ((id, draft), (row, slug)) in externals.iter().zip(&drafts).zip(done.rows) {
        if draft.id.is_none() {
            new.push(NewLink::new(LinkEntity::Choice, id, row, String::new()));
        }
        step.state.choices.insert((*id).clone(), Choice { id: row, slug, title: draft.title.to_owned() });
    }
    links::insert(step.work, step.source, "", new).await?;
    Ok(done.is_changed)
}

pub async fn price_types(step: &mut Step<'_>, types: &[&PriceTypeRecord]) -> Result<()> {
    for kind in types {
        if step.state.price_types.get(&kind.id).is_some_and(|name| *name == kind.name) {
            continue;
        }
        save_price_type(step.work, step.source, kind).await?;
        step.state.price_types.insert(kind.id.clone(), kind.name.clone());
    }
    Ok(())
}

async fn save_price_type(work: &Work, source: &str, kind: &PriceTypeRecord) -> Result<()> {
    use import_price_type::Column;
    let name = fit(&kind.name, EXTERNAL_ID);
    let renamed = import_price_type::Entity::update_many()
        .col_expr(Column::Name, Expr::value(name.as_str()))
        .filter(Column::Source.eq(source))
        .filter(Column::ExternalId.eq(kind.id.as_str()))
        .exec(work.db())
        .await?;
    if renamed.rows_affected > 0 {
        return Ok(());
    }
    let row = import_price_type::ActiveModel {
        id: NotSet,
        source: Set(source.to_owned()),
        external_id: Set(kind.id.clone()),
        name: Set(name),
    };
    import_price_type::Entity::insert(row).exec_without_returning(work.db()).await?;
    Ok(())
}
