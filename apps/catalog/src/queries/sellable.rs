//! Что нужно знать, чтобы продать: варианты с ценой, остатком и картинкой.

use kernel::{Money, Result, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ConnectionTrait, FromQueryResult, QueryOrder, QuerySelect, QueryTrait};

use crate::models::product::{OrderType, ProductKind, in_window};
use crate::models::product_media::{self, MediaKind};
use crate::models::{inventory_item, product, variant};

/// Вариант глазами корзины и заказа.
#[derive(Clone, Debug, PartialEq)]
pub struct Sellable {
    pub variant_id: i64,
    pub product_id: i64,
    pub inventory_item_id: i64,
    pub category_id: Option<i64>,
    pub product_name: String,
    pub slug: String,
    /// Артикул варианта, если он свой, иначе товара.
    pub article: String,
    /// Пусто у товара без размеров.
    pub variant_title: String,
    pub size: Option<String>,
    pub price: Money,
    pub old_price: Option<Money>,
    pub currency: String,
    /// Процент НДС; `None` — без НДС.
    pub vat_rate: Option<i32>,
    /// Граммы.
    pub weight: Option<i64>,
    pub image_url: Option<String>,
    pub kind: ProductKind,
    pub order_type: OrderType,
    /// Активны и товар, и вариант. Окно показа проверяет [`Sellable::on_sale`].
    pub is_active: bool,
    pub is_archived: bool,
    pub published_from: Option<Timestamp>,
    pub published_until: Option<Timestamp>,
    pub available: i64,
}

impl Sellable {
    /// Можно ли это продать сейчас (остаток — отдельный вопрос).
    pub fn on_sale(&self, now: Timestamp) -> bool {
        self.is_active && !self.is_archived && in_window(self.published_from, self.published_until, now)
    }

    /// Как назвать в заказе: «Худи «Туман», Big».
    pub fn title(&self) -> String {
        match self.variant_title.as_str() {
            "" => self.product_name.clone(),
            variant => format!("{}, {variant}", self.product_name),
        }
    }
}

#[derive(Clone, FromQueryResult)]
pub(super) struct Row {
    variant_id: i64,
    pub(super) product_id: i64,
    pub(super) variant_key: String,
    inventory_item_id: i64,
    category_id: Option<i64>,
    product_name: String,
    slug: String,
    product_article: String,
    variant_article: Option<String>,
    variant_title: String,
    pub(super) size: Option<String>,
    base_price: Money,
    own_price: Option<Money>,
    price_delta: Option<Money>,
    old_price: Option<Money>,
    currency: String,
    vat_rate: Option<i32>,
    own_weight: Option<i64>,
    product_weight: Option<i64>,
    kind: ProductKind,
    order_type: OrderType,
    product_active: bool,
    pub(super) variant_active: bool,
    is_archived: bool,
    published_from: Option<Timestamp>,
    published_until: Option<Timestamp>,
    available: i64,
    image_url: Option<String>,
}

/// Варианты по id, в порядке id; неизвестных в ответе нет. Один запрос.
pub async fn sellable(db: &impl ConnectionTrait, variant_ids: &[i64]) -> Result<Vec<Sellable>> {
    if variant_ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = select_rows()
        .filter(variant::Column::Id.is_in(variant_ids.iter().copied()))
        .into_model::<Row>()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(to_sellable).collect())
}

pub(super) fn select_rows() -> Select<variant::Entity> {
    use inventory_item::Column as Item;
    use product::Column as Product;
    use variant::Column as Variant;
    variant::Entity::find()
        .inner_join(product::Entity)
        .inner_join(inventory_item::Entity)
        .select_only()
        .column_as(Variant::Id, "variant_id")
        .column_as(Variant::ProductId, "product_id")
        .column(Variant::VariantKey)
        .column_as(Variant::InventoryItemId, "inventory_item_id")
        .column_as(Product::CategoryId, "category_id")
        .column_as(Product::Name, "product_name")
        .column_as(Product::Slug, "slug")
        .column_as(Product::Article, "product_article")
        .column_as(Variant::Article, "variant_article")
        .column_as(Variant::Title, "variant_title")
        .column_as(Variant::Size, "size")
        .column_as(Product::Price, "base_price")
        .column_as(Variant::Price, "own_price")
        .column_as(Variant::PriceDelta, "price_delta")
        .column_as(Product::OldPrice, "old_price")
        .column_as(Product::Currency, "currency")
        .column_as(Product::VatRate, "vat_rate")
        .column_as(Variant::Weight, "own_weight")
        .column_as(Product::Weight, "product_weight")
        .column_as(Product::Kind, "kind")
        .column_as(Product::OrderType, "order_type")
        .column_as(Product::IsActive, "product_active")
        .column_as(Variant::IsActive, "variant_active")
        .column_as(Product::IsArchived, "is_archived")
        .column_as(Product::PublishedFrom, "published_from")
        .column_as(Product::PublishedUntil, "published_until")
        .column_as(Item::Available, "available")
        .expr_as(first_image(), "image_url")
        .order_by_asc(Variant::Id)
}

/// Первая картинка товара: подзапрос к его строке, чтобы не читать картинки отдельно.
fn first_image() -> SimpleExpr {
    use product_media::Column as Media;
    let image = product_media::Entity::find()
        .select_only()
        .column(Media::Url)
        .filter(Expr::col((product_media::Entity, Media::ProductId)).equals((product::Entity, product::Column::Id)))
        .filter(Media::Kind.eq(MediaKind::Image))
        .order_by_asc(Media::Position)
        .order_by_asc(Media::Id)
        .limit(1);
    SimpleExpr::SubQuery(None, Box::new(image.into_query().into()))
}

pub(super) fn to_sellable(row: Row) -> Sellable {
    Sellable {
        variant_id: row.variant_id,
        product_id: row.product_id,
        inventory_item_id: row.inventory_item_id,
        category_id: row.category_id,
        product_name: row.product_name,
        slug: row.slug,
        article: row.variant_article.unwrap_or(row.product_article),
        variant_title: row.variant_title,
        size: row.size,
        price: variant::effective_price(row.base_price, row.own_price, row.price_delta),
        old_price: row.old_price,
        currency: row.currency,
        vat_rate: row.vat_rate,
        weight: row.own_weight.or(row.product_weight),
        image_url: row.image_url,
        kind: row.kind,
        order_type: row.order_type,
        is_active: row.product_active && row.variant_active,
        is_archived: row.is_archived,
        published_from: row.published_from,
        published_until: row.published_until,
        available: row.available,
    }
}
