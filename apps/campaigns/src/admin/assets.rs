//! Пулы и активы: файлы, показ модели, порядок.

use admin::{Action, Cell, Field, Filter, Input, Model, Panel, Screen, Table};
use kernel::{Actor, Ctx, Error, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder};
use serde_json::json;

use super::{pool_cell, pool_options};
use crate::api::store_file;
use crate::models::{Asset, Pool, asset};
use crate::permissions::{CHANGE_CAMPAIGN, VIEW_CAMPAIGN};
use crate::queries;
use crate::schemas::{AssetIn, AssetPatch, PoolIn};
use crate::services;

const ORDER: &str = "order";

pub fn assets() -> Screen {
    use asset::Column;
    Model::<Asset>::new("campaigns", "asset", ("AR-активы", "AR assets"), ("Актив", "Asset"), VIEW_CAMPAIGN)
        .label(|asset| asset.name.clone())
        .column(("Картинка", "Preview"), |asset| asset.preview_url.clone().map_or(Cell::Empty, Cell::Picture))
        .column(("Название", "Name"), |asset| asset.name.clone().into())
        .column(("Адрес", "Slug"), |asset| asset.slug.clone().into())
        .column(("Пул", "Pool"), |asset| pool_cell(asset.pool_id))
        .column(("Модель", "Model"), |asset| asset.model_url.is_some().into())
        .column(("Для iPhone", "For iPhone"), |asset| asset.ios_model_url.is_some().into())
        .column(("Включён", "On"), |asset| asset.is_active.into())
        .filter(Filter::flag("is_active", ("Включён", "On"), Column::IsActive))
        .filter(Filter::id("pool_id", ("Номер пула", "Pool number"), Column::PoolId))
        .search(("адрес целиком", "the whole slug"), |text| Condition::all().add(Column::Slug.eq(text)))
        .group(("Актив", "Asset"))
        .line(("Модель", "Model"), |asset| asset.model_url.clone().map_or(Cell::Empty, Cell::Model))
        .line(("Для iPhone (USDZ)", "For iPhone (USDZ)"), |asset| {
            asset.ios_model_url.clone().map_or(Cell::Empty, |url| Cell::Link(url, "USDZ".to_owned()))
        })
        .line(("Картинка", "Preview"), |asset| asset.preview_url.clone().map_or(Cell::Empty, Cell::Picture))
        .group(("Главное", "Main"))
        .line(("Название", "Name"), |asset| asset.name.clone().into())
        .line(("Адрес", "Slug"), |asset| asset.slug.clone().into())
        .line(("Вид", "Type"), |asset| asset.kind.clone().into())
        .line(("Пул", "Pool"), |asset| pool_cell(asset.pool_id))
        .line(("Место", "Position"), |asset| asset.position.into())
        .line(("Включён", "On"), |asset| asset.is_active.into())
        .line(("Изменён", "Updated"), |asset| asset.updated_at.into())
        .add(CHANGE_CAMPAIGN, fields(), |work, input| {
            Box::pin(async move { Ok(services::create_asset(work, &input.parse::<AssetIn>()?).await?.id) })
        })
        .action(upload())
        .action(change())
        .action(
            Action::<Asset>::delete(CHANGE_CAMPAIGN, |work, id, _| Box::pin(services::delete_asset(work, id))).note((
                "Виденный посетителями не удаляется: его выключают.",
                "A viewed asset is switched off instead.",
            )),
        )
        .screen()
}

fn fields() -> [Field; 5] {
    [
        Field::text("name", ("Название", "Name")).required(),
        Field::text("slug", ("Адрес", "Slug")).required().hint((
            "Латиница, цифры, _ и -; один на весь магазин.",
            "Latin letters, digits, _ and -; unique in the shop.",
        )),
        Field::text("type", ("Вид", "Type")),
        Field::options("campaign", ("Пул", "Pool"), |ctx, _| Box::pin(pool_options(ctx))).required(),
        Field::flag("is_active", ("Включён", "On")).on(),
    ]
}

fn change() -> Action<Asset> {
    Action::<Asset>::change(
        CHANGE_CAMPAIGN,
        |db, asset| {
            Box::pin(async move {
                let pool = Pool::find_by_id(asset.pool_id).one(&db).await?;
                Ok(json!({
                    "name": asset.name, "slug": asset.slug, "type": asset.kind,
                    "campaign": pool.map(|pool| pool.slug), "is_active": asset.is_active,
                }))
            })
        },
        |work, id, input| {
            Box::pin(async move {
                services::update_asset(work, id, &input.parse::<AssetPatch>()?).await?;
                Ok(())
            })
        },
    )
    .fields(fields())
}

/// Модель, модель для iPhone, картинка: место файла говорит его содержимое.
fn upload() -> Action<Asset> {
    Action::<Asset>::outside(
        "upload",
        ("Загрузить файлы", "Upload files"),
        CHANGE_CAMPAIGN,
        |ctx, actor, id, input| Box::pin(store(ctx, actor, id, input)),
    )
    .fields([Field::files("files", ("Файлы", "Files")).required().hint((
        "GLB — модель, USDZ — модель для iPhone, картинка — превью. Новый файл сменит прежний того же вида.",
        "GLB is the model, USDZ the model for iPhone, a picture the preview. A new file replaces the old one of its kind.",
    ))])
}

async fn store(ctx: &Ctx, actor: &Actor, id: i64, input: Input) -> Result<()> {
    if input.files.is_empty() {
        return Err(Error::invalid("files", "required"));
    }
    for file in &input.files {
        store_file(ctx, actor, id, "files", file.bytes.clone()).await?;
    }
    Ok(())
}

pub fn pools() -> Screen {
    Model::<Pool>::new("campaigns", "pool", ("Пулы активов", "Asset pools"), ("Пул", "Pool"), VIEW_CAMPAIGN)
        .label(|pool| pool.title.clone())
        .column(("Название", "Title"), |pool| pool.title.clone().into())
        .column(("Адрес", "Slug"), |pool| pool.slug.clone().into())
        .column(("Создан", "Created"), |pool| pool.created_at.into())
        .group(("Пул", "Pool"))
        .help(("Набор активов, который смотрят целиком.", "The set of assets that is viewed as a whole."))
        .line(("Название", "Title"), |pool| pool.title.clone().into())
        .line(("Адрес", "Slug"), |pool| pool.slug.clone().into())
        .panel(
            Panel::new(("Активы по порядку", "Assets in order"), VIEW_CAMPAIGN, |ctx, id| {
                Box::pin(table(ctx, id))
            })
            .ordered(ORDER),
        )
        .add(CHANGE_CAMPAIGN, pool_fields(), |work, input| {
            Box::pin(async move { Ok(services::create_pool(work, &input.parse::<PoolIn>()?).await?.id) })
        })
        .action(order())
        .screen()
}

fn pool_fields() -> [Field; 2] {
    [
        Field::text("title", ("Название", "Title")).required(),
        Field::text("slug", ("Адрес", "Slug"))
            .required()
            .hint(("Латиница, цифры, _ и -.", "Latin letters, digits, _ and -.")),
    ]
}

async fn in_pool(ctx: &Ctx, pool_id: i64) -> Result<Vec<asset::Model>> {
    let find = Asset::find().filter(asset::Column::PoolId.eq(pool_id));
    Ok(find.order_by_asc(asset::Column::Position).order_by_asc(asset::Column::Id).all(ctx.db_fresh()).await?)
}

async fn table(ctx: &Ctx, pool_id: i64) -> Result<Table> {
    let mut table = Table::new([("Картинка", "Preview"), ("Название", "Name"), ("Модель", "Model"), ("Включён", "On")])
        .link(("Добавить актив", "Add an asset"), add_link(ctx, pool_id).await?);
    for row in in_pool(ctx, pool_id).await? {
        table.item(
            row.id,
            [
                row.preview_url.clone().map_or(Cell::Empty, Cell::Picture),
                Cell::Object("campaigns.asset", row.id, row.name.clone()),
                row.model_url.is_some().into(),
                row.is_active.into(),
            ],
        );
    }
    Ok(table)
}

async fn add_link(ctx: &Ctx, pool_id: i64) -> Result<String> {
    let slugs = queries::pool_slugs(ctx.db_fresh()).await?;
    let slug = slugs.get(&pool_id).map(String::as_str).unwrap_or_default();
    Ok(format!("/admin/campaigns/asset/add?campaign={slug}&is_active=on"))
}

fn order() -> Action<Pool> {
    Action::<Pool>::new(
        ORDER,
        ("Сохранить порядок", "Save the order"),
        CHANGE_CAMPAIGN,
        |work, id, input| Box::pin(async move { services::order_assets(work, id, &input.ids("ids")).await }),
    )
    .fields([Field::order("ids", ("Порядок показа", "Display order"), |ctx, id| {
        Box::pin(
            async move { Ok(in_pool(ctx, id).await?.into_iter().map(|row| (row.id.to_string(), row.name)).collect()) },
        )
    })])
}
