//! Галерея: таблица в карточке товара, загрузка файлов, порядок, своя карточка у файла.

use admin::{Action, Cell, Choice, Field, Input, Model, Panel, Screen, Table};
use kernel::{Actor, Ctx, Error, OrNotFound, Result, Work};
use megashop_files::Rules;
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use serde_json::json;

use crate::errors;
use crate::models::product::Entity as Product;
use crate::models::product_media::{self, Column, Entity as Media, MediaKind};
use crate::permissions::{CHANGE_PRODUCT, VIEW_PRODUCT};
use crate::schemas::{MediaIn, MediaPatch};
use crate::services::{files, media};

const KINDS: &[Choice] = &[
    Choice::plain("image", ("картинка", "picture")),
    Choice::plain("video", ("видео", "video")),
    Choice::plain("model_3d", ("3D-модель", "3D model")),
    Choice::plain("document", ("документ", "document")),
    Choice::plain("sketch", ("эскиз", "sketch")),
];

const UPLOAD: &str = "upload";
const ORDER: &str = "order_media";

/// Загрузить файлы: сперва в хранилище, потом в галерею; не вышло — файлы убираются.
pub(super) fn upload() -> Action<Product> {
    Action::<Product>::outside(
        UPLOAD,
        ("Загрузить файлы", "Upload files"),
        CHANGE_PRODUCT,
        |ctx, actor, id, input| Box::pin(store(ctx, actor, id, input)),
    )
    .fields([
        Field::files("files", ("Файлы", "Files"))
            .required()
            .hint(("Картинки, видео, 3D-модели (GLB, USDZ), PDF.", "Pictures, videos, 3D models (GLB, USDZ), PDF.")),
        Field::text("alt", ("Что изображено", "What is shown"))
            .hint(("Для тех, кто не видит картинку, и для поисковиков.", "For those who cannot see the picture.")),
    ])
}

async fn store(ctx: &Ctx, actor: &Actor, product: i64, input: Input) -> Result<()> {
    if input.files.is_empty() {
        return Err(Error::invalid("files", "required"));
    }
    if input.text("alt").chars().count() > 255 {
        return Err(Error::invalid("alt", "too_long:255"));
    }
    for file in &input.files {
        let stored = files::store(ctx, "files", file.bytes.clone(), &Rules::default()).await?;
        let new = MediaIn { alt: input.text("alt").to_owned(), ..stored };
        let added = attach(ctx, actor, product, new.clone()).await;
        if added.is_err() {
            files::undo(ctx, &[new]).await;
        }
        added?;
    }
    Ok(())
}

async fn attach(ctx: &Ctx, actor: &Actor, product: i64, new: MediaIn) -> Result<()> {
    ctx.atomic(actor, async move |work: &mut Work| {
        media::add_media(work, product, new.clone()).await?;
        Ok(())
    })
    .await
}

/// Файлы по порядку; первая картинка — обложка.
pub(super) fn panel() -> Panel {
    Panel::new(("Галерея", "Gallery"), VIEW_PRODUCT, |ctx, id| Box::pin(table(ctx, id)))
        .actions([UPLOAD])
        .ordered(ORDER)
}

pub(super) fn order() -> Action<Product> {
    Action::<Product>::new(
        ORDER,
        ("Сохранить порядок", "Save the order"),
        CHANGE_PRODUCT,
        |work, id, input| {
            Box::pin(async move {
                media::reorder_media(work, id, &input.ids("ids")).await?;
                Ok(())
            })
        },
    )
    .fields([Field::order("ids", ("Порядок файлов", "Order of files"), |ctx, id| {
        Box::pin(async move {
            let files = of_product(ctx.db_fresh(), id).await?;
            Ok(files.into_iter().map(|file| (file.id.to_string(), title(&file))).collect())
        })
    })])
}

fn title(file: &product_media::Model) -> String {
    match file.alt.as_str() {
        "" => format!("№ {}", file.id),
        alt => format!("№ {} · {alt}", file.id),
    }
}

/// Как файл выглядит: картинкой, моделью, а прочее — никак.
fn look(file: &product_media::Model) -> Cell {
    match file.kind {
        MediaKind::Image | MediaKind::Sketch => Cell::Picture(file.url.clone()),
        MediaKind::Model3d if file.url.ends_with(".glb") => Cell::Model(file.url.clone()),
        _ => Cell::Empty,
    }
}

async fn table(ctx: &Ctx, product: i64) -> Result<Table> {
    let mut table = Table::new([("Вид", "View"), ("Файл", "File"), ("Что это", "Kind"), ("Подпись", "Alt")]);
    for row in of_product(ctx.db_fresh(), product).await? {
        table.item(
            row.id,
            [
                look(&row),
                Cell::Object("catalog.media", row.id, format!("№ {}", row.id)),
                Cell::coded(KINDS, &row.kind),
                row.alt.clone().into(),
            ],
        );
    }
    Ok(table)
}

async fn of_product(db: &impl ConnectionTrait, product: i64) -> Result<Vec<product_media::Model>> {
    let find = Media::find().filter(Column::ProductId.eq(product));
    Ok(find.order_by_asc(Column::Position).order_by_asc(Column::Id).all(db).await?)
}

/// Карточка файла; сюда приходят из товара.
pub fn gallery() -> Screen {
    Model::<Media>::new("catalog", "media", ("Галерея", "Gallery"), ("Файл", "File"), VIEW_PRODUCT)
        .hidden()
        .label(|file| format!("Файл № {} · товар № {}", file.position + 1, file.product_id))
        .column(("Файл", "File"), |file| Cell::Picture(file.url.clone()))
        .column(("Товар", "Product"), product)
        .column(("Что это", "Kind"), |file| Cell::coded(KINDS, &file.kind))
        .group(("Файл", "File"))
        .line(("Вид", "View"), look)
        .line(("Адрес", "Address"), |file| Cell::Link(file.url.clone(), file.url.clone()))
        .line(("Товар", "Product"), product)
        .line(("Что это", "Kind"), |file| Cell::coded(KINDS, &file.kind))
        .line(("Подпись", "Alt"), |file| file.alt.clone().into())
        .line(("Место", "Position"), |file| (file.position + 1).into())
        .action(
            Action::<Media>::change(
                CHANGE_PRODUCT,
                |_, file| Box::pin(async move { Ok(json!({"alt": file.alt, "kind": file.kind})) }),
                |work, id, input| {
                    Box::pin(async move {
                        let product = find(work, id).await?.product_id;
                        media::update_media(work, product, id, &input.parse::<MediaPatch>()?).await?;
                        Ok(())
                    })
                },
            )
            .fields([
                Field::text("alt", ("Подпись", "Alt")),
                Field::choice("kind", ("Что это", "Kind"), KINDS).required(),
            ]),
        )
        .action(
            Action::<Media>::new(
                "first",
                ("Сделать первым", "Make first"),
                CHANGE_PRODUCT,
                |work, id, _| Box::pin(make_first(work, id)),
            )
            .when(|file| file.position > 0),
        )
        .action(Action::<Media>::delete(CHANGE_PRODUCT, |work, id, _| {
            Box::pin(async move {
                let product = find(work, id).await?.product_id;
                media::delete_media(work, product, id).await
            })
        }))
        .screen()
}

/// Первая картинка — обложка товара.
async fn make_first(work: &mut Work, id: i64) -> Result<()> {
    let product = find(work, id).await?.product_id;
    let rest = of_product(work.db(), product).await?.into_iter().map(|row| row.id).filter(|own| *own != id);
    let order: Vec<i64> = [id].into_iter().chain(rest).collect();
    media::reorder_media(work, product, &order).await?;
    Ok(())
}

fn product(file: &product_media::Model) -> Cell {
    Cell::Object("catalog.product", file.product_id, format!("№ {}", file.product_id))
}

async fn find(work: &Work, id: i64) -> Result<product_media::Model> {
    Media::find_by_id(id).one(work.db()).await?.or_not_found(errors::MEDIA_NOT_FOUND)
}
