//! Варианты: таблица в карточке товара и своя карточка у каждого.

use admin::{Action, Cell, Field, Model, Panel, Screen, Table};
use kernel::{Ctx, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder};
use serde_json::json;

use crate::models::product::Entity as Product;
use crate::models::variant;
use crate::normalize;
use crate::permissions::{CHANGE_PRODUCT, VIEW_PRODUCT};
use crate::schemas::{VariantIn, VariantPatch};
use crate::services::variants as services;
use crate::{errors, queries};

const ADD: &str = "add_variant";

/// Добавить размер или вариант к товару.
pub(super) fn add() -> Action<Product> {
    Action::<Product>::new(ADD, ("Добавить размер", "Add a size"), CHANGE_PRODUCT, |work, id, input| {
        Box::pin(async move {
            services::add_variant(work, id, &input.parse::<VariantIn>()?).await?;
            Ok(())
        })
    })
    .fields([
        Field::text("size", ("Размер", "Size")).required(),
        Field::text("article", ("Артикул", "Article")).nullable(),
        Field::text("barcode", ("Штрихкод", "Barcode")).nullable(),
        Field::money("price", ("Своя цена, ₽", "Own price, ₽")).nullable(),
        Field::number("stock_count", ("Свой остаток", "Own stock"))
            .nullable()
            .hint(("Пусто — продаётся из общего остатка товара.", "Empty: sold from the shared stock.")),
    ])
}

/// Варианты с остатками.
pub(super) fn panel() -> Panel {
    Panel::new(("Размеры и остатки", "Sizes and stock"), VIEW_PRODUCT, |ctx, id| {
        Box::pin(table(ctx, id))
    })
    .actions([ADD])
}

async fn table(ctx: &Ctx, product: i64) -> Result<Table> {
    let stock = queries::stock_of(ctx.db_fresh(), product).await?;
    let rows = variant::Entity::find().filter(variant::Column::ProductId.eq(product));
    let rows =
        rows.order_by_asc(variant::Column::Position).order_by_asc(variant::Column::Id).all(ctx.db_fresh()).await?;
    let heads = [
        ("Вариант", "Variant"),
        ("Артикул", "Article"),
        ("Своя цена", "Own price"),
        ("На складе", "On hand"),
        ("Занято", "Reserved"),
        ("Можно продать", "Available"),
        ("Продаётся", "On sale"),
    ];
    let mut table = Table::new(heads);
    for row in rows {
        let item = stock.items.iter().find(|item| item.inventory_item_id == row.inventory_item_id);
        let number = |pick: fn(&crate::schemas::StockItemOut) -> i64| item.map(pick).into();
        table.row([
            Cell::Object("catalog.variant", row.id, name(&row)),
            row.article.clone().into(),
            row.price.into(),
            number(|item| item.on_hand),
            number(|item| item.reserved),
            number(|item| item.available),
            row.is_active.into(),
        ]);
    }
    Ok(table)
}

fn name(variant: &variant::Model) -> String {
    if variant.title.is_empty() { "Единственный".to_owned() } else { variant.title.clone() }
}

/// Карточка варианта; сюда приходят из товара.
pub fn variants() -> Screen {
    use variant::{Column, Entity as Variant};
    Model::<Variant>::new("catalog", "variant", ("Варианты", "Variants"), ("Вариант", "Variant"), VIEW_PRODUCT)
        .hidden()
        .label(|variant| format!("{} · товар № {}", name(variant), variant.product_id))
        .column(("Вариант", "Variant"), |variant| name(variant).into())
        .column(("Товар", "Product"), product)
        .column(("Артикул", "Article"), |variant| variant.article.clone().into())
        .column(("Штрихкод", "Barcode"), |variant| variant.barcode.clone().into())
        .column(("Продаётся", "On sale"), |variant| variant.is_active.into())
        .search(("артикул или штрихкод", "article or barcode"), |text| {
            let article = Column::ArticleKey.eq(normalize::article(text));
            Condition::any().add(article).add(Column::Barcode.eq(text))
        })
        .group(("Вариант", "Variant"))
        .line(("Название", "Title"), |variant| name(variant).into())
        .line(("Товар", "Product"), product)
        .line(("Размер", "Size"), |variant| variant.size.clone().into())
        .line(("Артикул", "Article"), |variant| variant.article.clone().into())
        .line(("Штрихкод", "Barcode"), |variant| variant.barcode.clone().into())
        .line(("Своя цена", "Own price"), |variant| variant.price.into())
        .line(("Прибавка к цене товара", "Price delta"), |variant| variant.price_delta.into())
        .line(("Вес, г", "Weight, g"), |variant| variant.weight.into())
        .line(("Продаётся", "On sale"), |variant| variant.is_active.into())
        .action(change())
        .action(
            Action::<Variant>::delete(CHANGE_PRODUCT, |work, id, _| {
                Box::pin(async move {
                    let product = product_of(work, id).await?;
                    services::delete_variant(work, product, id).await
                })
            })
            .note(("Удалить можно вариант, которого ещё никто не заказывал.", "Only a variant nobody has ordered.")),
        )
        .screen()
}

fn change() -> Action<variant::Entity> {
    Action::<variant::Entity>::change(
        CHANGE_PRODUCT,
        |_, variant| Box::pin(values(variant)),
        |work, id, input| {
            Box::pin(async move {
                let product = product_of(work, id).await?;
                services::update_variant(work, product, id, &input.parse::<VariantPatch>()?).await?;
                Ok(())
            })
        },
    )
    .fields([
        Field::text("title", ("Название", "Title")),
        Field::text("article", ("Артикул", "Article")).nullable(),
        Field::text("barcode", ("Штрихкод", "Barcode")).nullable(),
        Field::money("price", ("Своя цена, ₽", "Own price, ₽")).nullable(),
        Field::money("price_delta", ("Прибавка к цене товара, ₽", "Price delta, ₽")).nullable(),
        Field::number("weight", ("Вес, г", "Weight, g")).nullable(),
        Field::flag("is_active", ("Продаётся", "On sale")),
    ])
}

async fn values(variant: variant::Model) -> Result<serde_json::Value> {
    Ok(json!({
        "title": variant.title,
        "article": variant.article,
        "barcode": variant.barcode,
        "price": variant.price,
        "price_delta": variant.price_delta,
        "weight": variant.weight,
        "is_active": variant.is_active,
    }))
}

fn product(variant: &variant::Model) -> Cell {
    Cell::Object("catalog.product", variant.product_id, format!("№ {}", variant.product_id))
}

async fn product_of(work: &Work, id: i64) -> Result<i64> {
    let found = variant::Entity::find_by_id(id).one(work.db()).await?;
    Ok(found.or_not_found(errors::VARIANT_NOT_FOUND)?.product_id)
}
