//! Товар: список, карточка, правка, дела.

use admin::{Action, Cell, Choice, Field, Filter, Model, Screen, Tone};
use kernel::{Ctx, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LikeExpr;
use sea_orm::{Condition, PaginatorTrait};
use serde_json::{Value, json};

use super::{media, stock, variants};
use crate::models::product::{self, Column, Entity as Product};
use crate::models::{product_media, variant};
use crate::normalize::{self, LIKE_ESCAPE, like_escape};
use crate::permissions::{ADD_PRODUCT, CHANGE_PRODUCT, DELETE_PRODUCT, VIEW_PRODUCT};
use crate::schemas::{ProductIn, ProductPatch};
use crate::services;

const KINDS: &[Choice] = &[
    Choice::plain("goods", ("товар", "goods")),
    Choice::plain("digital", ("цифровой товар", "digital")),
    Choice::plain("course", ("курс", "course")),
    Choice::plain("service", ("услуга", "service")),
];

const ORDER_TYPES: &[Choice] = &[
    Choice::plain("order", ("со склада", "from stock")),
    Choice::new("preorder", ("предзаказ", "pre-order"), Tone::Wait),
    Choice::new("waiting", ("места заняты", "waiting list"), Tone::Quiet),
];

pub fn products() -> Screen {
    Model::<Product>::new("catalog", "product", ("Товары", "Products"), ("Товар", "Product"), VIEW_PRODUCT)
        .label(|product| format!("{} · {}", product.name, product.article))
        .column(("Название", "Name"), |product| product.name.clone().into())
        .column(("Артикул", "Article"), |product| product.article.clone().into())
        .sorted("article", Column::ArticleKey)
        .column(("Цена", "Price"), |product| product.price.into())
        .column(("Продаётся", "Sold"), |product| Cell::coded(ORDER_TYPES, &product.order_type))
        .column(("На витрине", "On sale"), |product| product.is_active.into())
        .column(("Продано", "Popularity"), |product| product.popularity.into())
        .filter(Filter::flag("is_active", ("На витрине", "On sale"), Column::IsActive))
        .filter(Filter::choice("order_type", ("Продаётся", "Sold"), Column::OrderType, ORDER_TYPES))
        .filter(Filter::choice("kind", ("Вид", "Kind"), Column::Kind, KINDS))
        .filter(Filter::flag("is_archived", ("В архиве", "Archived"), Column::IsArchived))
        .filter(Filter::money("price", ("Цена, ₽", "Price, ₽"), Column::Price))
        .search(("название или артикул", "name or article"), found)
        .group(("Главное", "Main"))
        .line(("Название", "Name"), |product| product.name.clone().into())
        .line(("Артикул", "Article"), |product| product.article.clone().into())
        .line(("На витрине", "In the shop"), |product| {
            Cell::Link(format!("/p/{}", product.slug), product.slug.clone())
        })
        .line(("Вид", "Kind"), |product| Cell::coded(KINDS, &product.kind))
        .line(("Продаётся", "Sold"), |product| Cell::coded(ORDER_TYPES, &product.order_type))
        .line(("Показан", "On sale"), |product| product.is_active.into())
        .line(("В архиве", "Archived"), |product| product.is_archived.into())
        .group(("Цены", "Prices"))
        .line(("Цена", "Price"), |product| product.price.into())
        .line(("Прежняя цена", "Old price"), |product| product.old_price.into())
        .line(("Закупочная", "Cost"), |product| product.cost_price.into())
        .line(("НДС, %", "VAT, %"), |product| product.vat_rate.into())
        .group(("Описание", "Description"))
        .line(("Коротко", "Summary"), |product| product.summary.clone().into())
        .line(("Подробно", "In full"), |product| Cell::long(product.description.clone()))
        .line(("Материалы", "Materials"), |product| Cell::long(product.materials.clone()))
        .line(("Уход", "Care"), |product| Cell::long(product.care_instructions.clone()))
        .group(("Прочее", "Other"))
        .line(("Раздел", "Category"), |product| {
            Cell::object("catalog.category", product.category_id, product.category_id.unwrap_or_default().to_string())
        })
        .line(("Вес, г", "Weight, g"), |product| product.weight.into())
        .line(("Выше в списке", "Priority"), |product| product.priority.into())
        .line(("Продано штук", "Sold items"), |product| product.popularity.into())
        .line(("Изменён", "Updated"), |product| product.updated_at.into())
        .panel(variants::panel())
        .panel(media::panel())
        .panel(stock::ledger())
        .add(ADD_PRODUCT, new_fields(), |work, input| {
            Box::pin(async move { Ok(services::create_product(work, input.parse::<ProductIn>()?).await?.id) })
        })
        .action(
            Action::<Product>::change(
                CHANGE_PRODUCT,
                |_, product| Box::pin(values(product)),
                |work, id, input| {
                    Box::pin(async move {
                        services::update_product(work, id, &input.parse::<ProductPatch>()?).await?;
                        Ok(())
                    })
                },
            )
            .fields(fields())
            .bulk_fields(&[
                "price",
                "old_price",
                "vat_rate",
                "is_active",
                "category_id",
                "brand_id",
                "priority",
                "is_new",
                "is_popular",
            ]),
        )
        .action(stock::receive())
        .action(stock::correct())
        .action(variants::add())
        .action(media::upload())
        .action(media::order())
        .action(
            Action::<Product>::new("archive", ("В архив", "Archive"), CHANGE_PRODUCT, |work, id, _| {
                Box::pin(async move {
                    services::archive_product(work, id).await?;
                    Ok(())
                })
            })
            .note(("Товар уйдёт с витрины; заказы его помнят.", "The product leaves the shop; orders remember it."))
            .when(|product| !product.is_archived)
            .bulk(),
        )
        .action(
            Action::<Product>::delete(DELETE_PRODUCT, |work, id, _| Box::pin(services::delete_product(work, id)))
                .note(("Удалить можно товар, которого ещё никто не заказывал.", "Only a product nobody has ordered."))
                .along(|ctx, id| Box::pin(along(ctx, id))),
        )
        .screen()
}

/// По названию — в любом месте, по артикулу — с начала.
fn found(text: &str) -> Condition {
    let inside = LikeExpr::new(format!("%{}%", like_escape(&normalize::key(text)))).escape(LIKE_ESCAPE);
    let start = LikeExpr::new(format!("{}%", like_escape(&normalize::article(text)))).escape(LIKE_ESCAPE);
    Condition::any().add(Column::NameKey.like(inside)).add(Column::ArticleKey.like(start))
}

/// Что удалится вместе с товаром.
async fn along(ctx: &Ctx, id: i64) -> Result<Vec<String>> {
    let variants = variant::Entity::find().filter(variant::Column::ProductId.eq(id)).count(ctx.db()).await?;
    let media = product_media::Entity::find().filter(product_media::Column::ProductId.eq(id)).count(ctx.db()).await?;
    Ok(vec![format!("варианты: {variants}"), format!("файлы галереи: {media}")])
}

fn fields() -> Vec<Field> {
    vec![
        Field::text("name", ("Название", "Name")).required(),
        Field::text("article", ("Артикул", "Article")).required(),
        Field::money("price", ("Цена, ₽", "Price, ₽")).required(),
        Field::money("old_price", ("Прежняя цена, ₽", "Old price, ₽"))
            .nullable()
            .hint(("Показывается зачёркнутой.", "Shown crossed out.")),
        Field::money("cost_price", ("Закупочная цена, ₽", "Cost, ₽"))
            .nullable()
            .hint(("Покупателям не видна.", "Never shown to customers.")),
        Field::number("vat_rate", ("НДС, %", "VAT, %")).nullable().hint(("Пусто — без НДС.", "Empty: no VAT.")),
        Field::flag("is_active", ("Показывать на витрине", "Show in the shop")).on(),
        Field::area("summary", ("Коротко", "Summary"), 2).section(("Описание", "Description")),
        Field::area("description", ("Подробно", "In full"), 8),
        Field::area("materials", ("Материалы", "Materials"), 3),
        Field::area("care_instructions", ("Уход", "Care"), 3),
        Field::pick("category_id", ("Раздел", "Category"), "catalog.category")
            .nullable()
            .section(("Место в магазине", "Place in the shop")),
        Field::pick("brand_id", ("Бренд", "Brand"), "catalog.brand").nullable(),
        Field::number("priority", ("Выше в списке", "Priority"))
            .hint(("Чем больше, тем выше.", "The bigger, the higher.")),
        Field::flag("is_new", ("Новинка", "New")),
        Field::flag("is_popular", ("Хит", "Popular")),
        Field::choice("order_type", ("Продаётся", "Sold"), ORDER_TYPES).required(),
        Field::number("weight", ("Вес, г", "Weight, g")).nullable(),
        Field::number("manufacturing_time", ("Срок изготовления, дней", "Made in, days")).nullable(),
    ]
}

fn new_fields() -> Vec<Field> {
    let sizes = [
        Field::lines("sizes", ("Размеры", "Sizes")).section(("Размеры и остаток", "Sizes and stock")).hint((
            "По одному в строке; без размеров — оставьте пустым.",
            "One per line; leave empty if there are none.",
        )),
        Field::number("stock_count", ("Остаток, общий для размеров", "Stock shared by the sizes")),
        Field::lines("media_urls", ("Картинки по адресам", "Pictures by address"))
            .hint(("Загрузить файлы можно потом, в карточке.", "Files can be uploaded later.")),
    ];
    fields().into_iter().chain(sizes).collect()
}

async fn values(product: product::Model) -> Result<Value> {
    Ok(json!({
        "name": product.name,
        "article": product.article,
        "price": product.price,
        "old_price": product.old_price,
        "cost_price": product.cost_price,
        "vat_rate": product.vat_rate,
        "is_active": product.is_active,
        "summary": product.summary,
        "description": product.description,
        "materials": product.materials,
        "care_instructions": product.care_instructions,
        "category_id": product.category_id,
        "brand_id": product.brand_id,
        "priority": product.priority,
        "is_new": product.is_new,
        "is_popular": product.is_popular,
        "order_type": product.order_type,
        "weight": product.weight,
        "manufacturing_time": product.manufacturing_time,
    }))
}
