//! Отбор товаров: параметры запроса → условия базы. Им пользуются список и фасеты.

use kernel::{Error, Result, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, QuerySelect, QueryTrait};

use super::tree::Tree;
use crate::models::attribute::AttributeKind;
use crate::models::product::Column as Product;
use crate::models::{attribute, attribute_value, brand, inventory_item, product, variant};
use crate::normalize;
use crate::schemas::ProductFilter;
use crate::services::attribute_values::milli;

/// Кто смотрит: покупатель видит только опубликованное.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    Public,
    Staff,
}

/// `attr_<slug>` и присланные значения.
pub type AttributeFilter = (String, Vec<String>);

/// Отбор, готовый к запросу.
pub struct Scope {
    pub viewer: Viewer,
    now: Timestamp,
    filter: ProductFilter,
    /// Разделы вместе с вложенными; `None` — любые.
    pub categories: Option<Vec<i64>>,
    pub tree: Option<Tree>,
    pub attributes: Vec<ChosenAttribute>,
}

/// Характеристика и выбранные значения: «или» внутри.
pub struct ChosenAttribute {
    pub attribute: attribute::Model,
    keys: Vec<String>,
    ranges: Vec<(i64, i64)>,
}

/// Чей отбор не учитывать: счёт группы не зависит от выбора внутри неё.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Except {
    Nothing,
    Category,
    Brand,
    Price,
    Stock,
    Attribute(i64),
}

impl Scope {
    /// Находит раздел и характеристики отбора. Неизвестная характеристика — 422, неизвестный раздел — пустой список.
    pub async fn resolve(
        db: &impl ConnectionTrait,
        viewer: Viewer,
        now: Timestamp,
        filter: &ProductFilter,
        attributes: &[AttributeFilter],
    ) -> Result<Scope> {
        let tree = match &filter.category {
            Some(_) => Some(Tree::load(db).await?),
            None => None,
        };
        let branch = |address: &String| tree.as_ref().and_then(|tree| tree.find(address).map(|id| tree.branch(id)));
        let categories = filter.category.as_ref().map(|address| branch(address).unwrap_or_default());
        let attributes = choose_attributes(db, attributes).await?;
        Ok(Scope { viewer, now, filter: filter.clone(), categories, tree, attributes })
    }

    /// Какие значения `is_active` допустимы; пусто — показать нечего.
    pub fn active_flags(&self) -> Vec<bool> {
        let archived = self.filter.is_archived == Some(true);
        let allowed: &[bool] = match self.viewer {
            Viewer::Public if archived => &[],
            Viewer::Public => &[true],
            Viewer::Staff if archived => &[false],
            Viewer::Staff => &[true, false],
        };
        let asked = self.filter.is_active;
        allowed.iter().copied().filter(|flag| asked.is_none_or(|asked| asked == *flag)).collect()
    }

    /// Весь отбор одним условием.
    pub fn condition(&self, except: Except) -> Condition {
        let mut all = self.details(except).add(Product::IsActive.is_in(self.active_flags()));
        if let Some(categories) = self.categories.as_ref().filter(|_| except != Except::Category) {
            all = all.add(Product::CategoryId.is_in(categories.iter().copied()));
        }
        all
    }

    /// Отбор без раздела и `is_active`: их список подставляет по одному, чтобы порядок брался из индекса.
    pub fn details(&self, except: Except) -> Condition {
        let filter = &self.filter;
        let mut all = Condition::all();
        if self.viewer == Viewer::Staff {
            all = all.add(Product::IsArchived.eq(filter.is_archived.unwrap_or(false)));
        } else {
            all = all.add(published(self.now));
        }
        if except != Except::Brand && !filter.brand.is_empty() {
            all = all.add(Product::BrandId.in_subquery(brands_of(&filter.brand)));
        }
        if except != Except::Price {
            all = all
                .add_option(filter.price_min.map(|price| Product::Price.gte(price)))
                .add_option(filter.price_max.map(|price| Product::Price.lte(price)));
        }
        if let Some(wanted) = filter.in_stock.filter(|_| except != Except::Stock) {
            all = all.add(if wanted { in_stock() } else { Condition::all().not().add(in_stock()) });
        }
        all = all
            .add_option(filter.is_new.map(|flag| Product::IsNew.eq(flag)))
            .add_option(filter.is_popular.map(|flag| Product::IsPopular.eq(flag)))
            .add_option(filter.kind.map(|kind| Product::Kind.eq(kind)))
            .add_option(filter.order_type.map(|kind| Product::OrderType.eq(kind)))
            .add_option(filter.on_sale.map(|sale| match sale {
                true => Product::OldPrice.is_not_null(),
                false => Product::OldPrice.is_null(),
            }));
        for word in normalize::key(filter.search.as_deref().unwrap_or_default()).split(' ').filter(|w| !w.is_empty()) {
            all = all.add(word_matches(word));
        }
        for chosen in self.attributes.iter().filter(|chosen| except != Except::Attribute(chosen.attribute.id)) {
            all = all.add(Product::Id.in_subquery(chosen.products()));
        }
        all
    }
}

fn published(now: Timestamp) -> Condition {
    let started = Condition::any().add(Product::PublishedFrom.is_null()).add(Product::PublishedFrom.lte(now));
    let lasting = Condition::any().add(Product::PublishedUntil.is_null()).add(Product::PublishedUntil.gt(now));
    Condition::all().add(started).add(lasting)
}

/// Видимое покупателю: для запросов вне списка.
pub(super) fn public(now: Timestamp) -> Condition {
    published(now).add(Product::IsActive.eq(true))
}

/// Есть активный вариант, который можно продать.
pub(super) fn in_stock() -> Condition {
    let stocked = variant::Entity::find()
        .inner_join(inventory_item::Entity)
        .select_only()
        .expr(Expr::val(1))
        .filter(Expr::col((variant::Entity, variant::Column::ProductId)).equals((product::Entity, Product::Id)))
        .filter(variant::Column::IsActive.eq(true))
        .filter(inventory_item::Column::Available.gt(0))
        .into_query();
    Condition::all().add(Expr::exists(stocked))
}

fn brands_of(addresses: &[String]) -> SelectStatement {
    let ids: Vec<i64> = addresses.iter().filter_map(|address| address.parse().ok()).collect();
    let either =
        Condition::any().add(brand::Column::Slug.is_in(addresses.iter().cloned())).add(brand::Column::Id.is_in(ids));
    brand::Entity::find().select_only().column(brand::Column::Id).filter(either).into_query()
}

/// Слово — начало слова названия или начало артикула.
fn word_matches(word: &str) -> Condition {
    let word = normalize::like_escape(word);
    let like = |pattern: String| LikeExpr::new(pattern).escape(normalize::LIKE_ESCAPE);
    Condition::any()
        .add(Product::NameKey.like(like(format!("{word}%"))))
        .add(Product::NameKey.like(like(format!("% {word}%"))))
        .add(Product::ArticleKey.like(like(format!("{word}%"))))
}

async fn choose_attributes(db: &impl ConnectionTrait, filters: &[AttributeFilter]) -> Result<Vec<ChosenAttribute>> {
    if filters.is_empty() {
        return Ok(Vec::new());
    }
    let known = attribute::Entity::find()
        .filter(attribute::Column::Slug.is_in(filters.iter().map(|(slug, _)| slug.clone())))
        .filter(attribute::Column::IsFilterable.eq(true))
        .all(db)
        .await?;
    let chosen = filters.iter().map(|(slug, values)| {
        let field = format!("attr_{slug}");
        let found = known.iter().find(|attribute| attribute.slug == *slug);
        let attribute = found.ok_or_else(|| Error::invalid(&field, "unknown"))?;
        ChosenAttribute::parse(attribute.clone(), values).ok_or_else(|| Error::invalid(&field, "bad_value"))
    });
    chosen.collect()
}

impl ChosenAttribute {
    fn parse(attribute: attribute::Model, values: &[String]) -> Option<ChosenAttribute> {
        let mut chosen = ChosenAttribute { attribute, keys: Vec::new(), ranges: Vec::new() };
        for value in values {
            match chosen.attribute.kind {
                AttributeKind::Text => chosen.keys.push(normalize::key_of(value, 200)),
                AttributeKind::Choice => chosen.keys.push(value.clone()),
                AttributeKind::Boolean if matches!(value.as_str(), "true" | "false") => chosen.keys.push(value.clone()),
                AttributeKind::Boolean => return None,
                AttributeKind::Number => chosen.ranges.push(range(value)?),
            }
        }
        Some(chosen)
    }

    /// Товары с одним из выбранных значений.
    fn products(&self) -> SelectStatement {
        use attribute_value::Column;
        let mut either = Condition::any();
        if !self.keys.is_empty() {
            either = either.add(Column::ValueKey.is_in(self.keys.iter().cloned()));
        }
        for (from, to) in &self.ranges {
            either = either.add(Column::NumberValue.between(*from, *to));
        }
        attribute_value::Entity::find()
            .select_only()
            .column(Column::ProductId)
            .filter(Column::AttributeId.eq(self.attribute.id))
            .filter(either)
            .into_query()
    }
}

/// `60`, `60..90`, `60..`, `..90` — в тысячных долях.
fn range(text: &str) -> Option<(i64, i64)> {
    let Some((from, to)) = text.split_once("..") else {
        return milli(text).map(|exact| (exact, exact));
    };
    let bound = |part: &str, open: i64| if part.is_empty() { Some(open) } else { milli(part) };
    Some((bound(from, i64::MIN)?, bound(to, i64::MAX)?))
}
