//! Админка: страницы магазина.

use admin::{Action, Cell, Field, Filter, Model, Screen};
use kernel::{OrNotFound, Result, Work};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use serde_json::json;

use crate::errors::PAGE_NOT_FOUND;
use crate::models::page::{Column, Entity as Page};
use crate::permissions::CHANGE_PAGE;
use crate::schemas::{PageIn, PagePatch};
use crate::services;

pub fn pages() -> Screen {
    Model::<Page>::new("content", "page", ("Страницы", "Pages"), ("Страница", "Page"), CHANGE_PAGE)
        .label(|page| page.title.clone())
        .column(("Заголовок", "Title"), |page| page.title.clone().into())
        .column(("Адрес", "Address"), |page| Cell::Link(format!("/pages/{}", page.slug), page.slug.clone()))
        .column(("Опубликована", "Published"), |page| page.is_published.into())
        .column(("Изменена", "Updated"), |page| page.updated_at.into())
        .filter(Filter::flag("is_published", ("Опубликована", "Published"), Column::IsPublished))
        .search(("адрес или часть заголовка", "address or a part of the title"), |text| {
            Condition::any().add(Column::Slug.eq(text)).add(Column::Title.contains(text))
        })
        .group(("Страница", "Page"))
        .line(("Заголовок", "Title"), |page| page.title.clone().into())
        .line(("Адрес", "Address"), |page| Cell::Link(format!("/pages/{}", page.slug), page.slug.clone()))
        .line(("Опубликована", "Published"), |page| page.is_published.into())
        .line(("Изменена", "Updated"), |page| page.updated_at.into())
        .group(("Текст", "Text"))
        .help(("HTML; опасное убирается при показе.", "HTML; anything dangerous is removed when shown."))
        .line(("Текст", "Text"), |page| Cell::long(page.content.clone()))
        .add(CHANGE_PAGE, new_fields(), |work, input| {
            Box::pin(async move { Ok(services::create_page(work, &input.parse::<PageIn>()?).await?.id) })
        })
        .action(
            Action::<Page>::change(
                CHANGE_PAGE,
                |_, page| {
                    Box::pin(async move {
                        Ok(json!({
                            "title": page.title, "content": page.content, "is_published": page.is_published,
                            "seo_title": page.seo_title, "seo_description": page.seo_description,
                        }))
                    })
                },
                |work, id, input| {
                    Box::pin(async move {
                        let slug = slug_of(work, id).await?;
                        services::update_page(work, &slug, &input.parse::<PagePatch>()?).await?;
                        Ok(())
                    })
                },
            )
            .fields(fields()),
        )
        .action(Action::<Page>::delete(CHANGE_PAGE, |work, id, _| {
            Box::pin(async move {
                let slug = slug_of(work, id).await?;
                services::delete_page(work, &slug).await
            })
        }))
        .screen()
}

fn fields() -> [Field; 5] {
    [
        Field::text("title", ("Заголовок", "Title")).required(),
        Field::area("content", ("Текст", "Text"), 16)
            .hint(("HTML; опасное убирается при показе.", "HTML; anything dangerous is removed when shown.")),
        Field::flag("is_published", ("Опубликована", "Published")).on(),
        Field::text("seo_title", ("Заголовок для поисковиков", "Title for search engines"))
            .section(("Поисковикам", "Search engines")),
        Field::text("seo_description", ("Описание для поисковиков", "Description for search engines")),
    ]
}

fn new_fields() -> Vec<Field> {
    let slug = Field::text("slug", ("Адрес", "Address")).required().hint((
        "Латиница, цифры, дефис: /pages/адрес. Потом не меняется.",
        "Latin letters, digits, hyphens. Cannot be changed later.",
    ));
    [slug].into_iter().chain(fields()).collect()
}

/// Службы знают страницу по адресу.
async fn slug_of(work: &Work, id: i64) -> Result<String> {
    Ok(Page::find_by_id(id).one(work.db()).await?.or_not_found(PAGE_NOT_FOUND)?.slug)
}
