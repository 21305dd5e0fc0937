//! Разделы и бренды.

use admin::{Action, Cell, Field, Filter, Model, Screen};
use kernel::Result;
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use serde_json::{Value, json};

use crate::models::{brand, category};
use crate::permissions::CHANGE_STRUCTURE;
use crate::schemas::{BrandIn, BrandPatch, CategoryIn, CategoryPatch};
use crate::services::shelves;

pub fn categories() -> Screen {
    use category::{Column, Entity as Category};
    Model::<Category>::new("catalog", "category", ("Разделы", "Categories"), ("Раздел", "Category"), CHANGE_STRUCTURE)
        .label(|category| category.name.clone())
        .column(("Название", "Name"), |category| category.name.clone().into())
        .column(("Адрес", "Address"), |category| {
            Cell::Link(format!("/c/{}", category.slug), category.slug.clone())
        })
        .column(("Внутри", "Inside"), parent)
        .column(("Виден", "Visible"), |category| category.is_visible.into())
        .filter(Filter::flag("is_visible", ("Виден", "Visible"), Column::IsVisible))
        .search(("часть названия или адрес", "a part of the name or the address"), |text| {
            Condition::any().add(Column::Name.contains(text)).add(Column::Slug.eq(text))
        })
        .group(("Раздел", "Category"))
        .line(("Название", "Name"), |category| category.name.clone().into())
        .line(("Адрес", "Address"), |category| Cell::Link(format!("/c/{}", category.slug), category.slug.clone()))
        .line(("Внутри", "Inside"), parent)
        .line(("Описание", "Description"), |category| Cell::long(category.description.clone()))
        .line(("Место среди соседей", "Position"), |category| category.position.into())
        .line(("Виден", "Visible"), |category| category.is_visible.into())
        .add(CHANGE_STRUCTURE, category_fields(), |work, input| {
            Box::pin(async move { Ok(shelves::create_category(work, &input.parse::<CategoryIn>()?).await?.id) })
        })
        .action(
            Action::<Category>::change(
                CHANGE_STRUCTURE,
                |_, row| Box::pin(category_values(row)),
                |work, id, input| {
                    Box::pin(async move {
                        shelves::update_category(work, id, &input.parse::<CategoryPatch>()?).await?;
                        Ok(())
                    })
                },
            )
            .fields(category_fields()),
        )
        .action(
            Action::<Category>::delete(CHANGE_STRUCTURE, |work, id, _| Box::pin(shelves::delete_category(work, id)))
                .note(("Удалить можно пустой раздел.", "Only an empty category.")),
        )
        .screen()
}

fn parent(category: &category::Model) -> Cell {
    Cell::object("catalog.category", category.parent_id, format!("№ {}", category.parent_id.unwrap_or_default()))
}

fn category_fields() -> [Field; 6] {
    [
        Field::text("name", ("Название", "Name")).required(),
        Field::text("slug", ("Адрес", "Address")).nullable().hint(("Пусто — из названия.", "Empty: from the name.")),
        Field::pick("parent_id", ("Внутри раздела", "Inside"), "catalog.category").nullable(),
        Field::area("description", ("Описание", "Description"), 4),
        Field::number("position", ("Место среди соседей", "Position")).hint(("Меньшие — раньше.", "Smaller first.")),
        Field::flag("is_visible", ("Виден покупателям", "Visible to customers")).on(),
    ]
}

async fn category_values(row: category::Model) -> Result<Value> {
    Ok(json!({
        "name": row.name, "slug": row.slug, "parent_id": row.parent_id, "description": row.description,
        "position": row.position, "is_visible": row.is_visible,
    }))
}

pub fn brands() -> Screen {
    use brand::{Column, Entity as Brand};
    Model::<Brand>::new("catalog", "brand", ("Бренды", "Brands"), ("Бренд", "Brand"), CHANGE_STRUCTURE)
        .label(|brand| brand.name.clone())
        .column(("Название", "Name"), |brand| brand.name.clone().into())
        .column(("Адрес", "Address"), |brand| brand.slug.clone().into())
        .search(("часть названия", "a part of the name"), |text| {
            Condition::all().add(Column::Name.contains(text))
        })
        .group(("Бренд", "Brand"))
        .line(("Название", "Name"), |brand| brand.name.clone().into())
        .line(("Адрес", "Address"), |brand| brand.slug.clone().into())
        .line(("Описание", "Description"), |brand| Cell::long(brand.description.clone()))
        .add(CHANGE_STRUCTURE, brand_fields(), |work, input| {
            Box::pin(async move { Ok(shelves::create_brand(work, &input.parse::<BrandIn>()?).await?.id) })
        })
        .action(
            Action::<Brand>::change(
                CHANGE_STRUCTURE,
                |_, row| Box::pin(brand_values(row)),
                |work, id, input| {
                    Box::pin(async move {
                        shelves::update_brand(work, id, &input.parse::<BrandPatch>()?).await?;
                        Ok(())
                    })
                },
            )
            .fields(brand_fields()),
        )
        .action(Action::<Brand>::delete(CHANGE_STRUCTURE, |work, id, _| Box::pin(shelves::delete_brand(work, id))))
        .screen()
}

fn brand_fields() -> [Field; 3] {
    [
        Field::text("name", ("Название", "Name")).required(),
        Field::text("slug", ("Адрес", "Address")).nullable().hint(("Пусто — из названия.", "Empty: from the name.")),
        Field::area("description", ("Описание", "Description"), 4),
    ]
}

async fn brand_values(row: brand::Model) -> Result<Value> {
    Ok(json!({"name": row.name, "slug": row.slug, "description": row.description}))
}
