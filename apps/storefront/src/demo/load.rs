//! Загрузка демонстрации через службы приложений. Повтор ничего не добавляет и сделанного в магазине не трогает.

use std::collections::BTreeMap;

use accounts::contacts::{Contact, Email};
use accounts::models::group;
use accounts::services::{NewUser, ProfileChanges};
use anyhow::{Context, anyhow};
use catalog::models::attribute::AttributeKind;
use catalog::models::product::OrderType;
use catalog::models::{attribute, category, product};
use catalog::schemas::{
    AttributeIn, AttributeInput, CategoryIn, CategoryPatch, Dimensions, MediaIn, OwnSize, ProductIn, Scalar, SizeIn,
};
use chrono::TimeDelta;
use content::models::page;
use content::schemas::{PageIn, PagePatch};
use delivery::models::Kind;
use delivery::schemas::{CityPriceIn, MethodIn, PickupPointIn};
use kernel::{Actor, Ctx, Money, Result, Work};
use megashop_files::{Family, Rules};
use orders::services::{Goods, NewOrder, WantedLine};
use payments::providers::cash;
use preorders::schemas::WaveIn;
use promos::models::Percent;
use promos::schemas::PromoCodeIn;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::data::{self, Category, Delivery, Demo, Page, Product, Promo, Role, User, Wave};
use crate::views::{CARD_WIDTH, narrow};

/// От чьего имени пишется история.
pub(super) const LOADER: Actor = Actor::System("demo");
/// Slug характеристики «Цвет».
const COLOR: &str = "color";

/// Сколько уже загружено: для строки хода.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Что загружается, по-русски.
    pub what: &'static str,
    pub done: usize,
    pub total: usize,
}

/// Загружает людей, доставку, разделы, товары с картинками и промокоды. `progress` зовётся после каждого шага.
pub async fn load_demo(ctx: &Ctx, progress: &mut (dyn FnMut(Step) + Send)) -> anyhow::Result<()> {
    let demo = Demo::read()?;
    let goods = demo.categories.len() + demo.products.len() + demo.promos.len();
    let total = demo.users.len() + demo.delivery.len() + demo.pages.len() + goods + 1;
    let mut done = 0;
    let mut tick = |what: &'static str| {
        done += 1;
        progress(Step { what, done, total });
    };
    for user in &demo.users {
        load_user(ctx, user).await.with_context(|| format!("demo user {}", user.phone))?;
        tick("люди");
    }
    for way in demo.delivery {
        load_delivery(ctx, way).await.context("demo delivery")?;
        tick("доставка");
    }
    load_color(ctx).await?;
    for category in &demo.categories {
        load_category(ctx, category).await.with_context(|| format!("demo category {}", category.slug))?;
        tick("разделы");
    }
    for page in demo.pages {
        load_page(ctx, page).await.context("demo page")?;
        tick("страницы");
    }
    let mut order = Priorities::default();
    for (category, product) in demo.products {
        let (slug, priority) = (product.slug.clone(), order.next(&category, &product));
        load_product(ctx, category, product, priority).await.with_context(|| format!("demo product {slug}"))?;
        tick("товары");
    }
    for promo in &demo.promos {
        load_promo(ctx, promo).await.with_context(|| format!("demo promo code {}", promo.code))?;
        tick("промокоды");
    }
    super::campaign::load(ctx, &demo.campaign).await.context("demo campaign")?;
    tick("кампания");
    Ok(())
}

async fn load_user(ctx: &Ctx, user: &User) -> anyhow::Result<()> {
    let phone = Contact::Phone(user.phone.clone());
    if accounts::queries::user_by_contact(ctx.db_fresh(), &phone).await?.is_some() {
        return Ok(());
    }
    let email = Email::parse(&user.email).ok_or_else(|| anyhow!("bad e-mail {}", user.email))?;
    let new = NewUser {
        email: Some(email),
        email_is_proven: true,
        phone_is_proven: true,
        password_hash: Some(accounts::hashing::hash(ctx, &user.password).await?),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        ..NewUser::with_contacts(&[phone])
    };
    let groups: &[&str] = match user.role {
        Role::Admin => &[group::ADMIN],
        Role::Manager => &[group::MANAGER],
        Role::Customer => &[],
    };
    let address = user.address.clone();
    ctx.atomic(&LOADER, async move |work: &mut Work| {
        let added = accounts::services::register(work, new.clone()).await?;
        for code in groups {
            if accounts::queries::group_by_code(work.db(), code).await?.is_some() {
                accounts::services::grant_group(work, added.id, code).await?;
            }
        }
        let home = ProfileChanges { address: Some(address.clone()), ..ProfileChanges::default() };
        accounts::services::update_profile(work, added.id, home).await.map(|_| ())
    })
    .await?;
    Ok(())
}

async fn load_delivery(ctx: &Ctx, way: Delivery) -> Result<()> {
    let (method, points) = method_of(way);
    ctx.atomic(&LOADER, async move |work: &mut Work| {
        use delivery::models::{Method, PickupPoint, method as method_row, pickup_point};
        let known = Method::find().filter(method_row::Column::Code.eq(method.code.as_str())).one(work.db()).await?;
        if known.is_none() {
            delivery::services::create_method(work, method.clone()).await?;
        }
        for point in &points {
            let same = pickup_point::Column::Code.eq(point.code.as_str());
            if PickupPoint::find().filter(same).one(work.db()).await?.is_none() {
                delivery::services::create_point(work, point.clone()).await?;
            }
        }
        Ok(())
    })
    .await
}

fn method_of(way: Delivery) -> (MethodIn, Vec<PickupPointIn>) {
    let blank = |kind, code: String, title: String, position| MethodIn {
        title,
        position,
        ..delivery::factories::method(&code, kind, None)
    };
    match way {
        Delivery::Courier { code, name, cities } => {
            let cities = cities.into_iter().map(|city| CityPriceIn {
                city: city.name,
                price: Money::rub(city.price),
                free_from: Some(Money::rub(city.free_from)),
                days_min: Some(city.days[0]),
                days_max: Some(city.days[1]),
            });
            (MethodIn { cities: cities.collect(), ..blank(Kind::Courier, code, name, 1) }, Vec::new())
        }
        Delivery::Pickup { code, name, price, points } => {
            let points = points.into_iter().enumerate().map(|(position, point)| PickupPointIn {
                title: point.name,
                address: point.address,
                worktime: vec![point.hours],
                position: position as i32,
                ..delivery::factories::pickup_point(&point.code, &point.city)
            });
            let method = MethodIn { price: Some(Money::rub(price)), ..blank(Kind::Pickup, code, name, 2) };
            (method, points.collect())
        }
        Delivery::Cdek { code, name, price, free_from, days } => {
            let method = MethodIn {
                price: Some(Money::rub(price)),
                free_from: Some(Money::rub(free_from)),
                days_min: Some(days[0]),
                days_max: Some(days[1]),
                ..blank(Kind::Cdek, code, name, 3)
            };
            (method, Vec::new())
        }
    }
}

async fn load_color(ctx: &Ctx) -> Result<()> {
    ctx.atomic(&LOADER, async move |work: &mut Work| {
        let same = attribute::Column::Slug.eq(COLOR);
        if attribute::Entity::find().filter(same).one(work.db()).await?.is_some() {
            return Ok(());
        }
        let input = AttributeIn {
            name: "Цвет".to_owned(),
            slug: Some(COLOR.to_owned()),
            kind: AttributeKind::Text,
            unit: None,
            is_filterable: true,
            position: 1,
            choices: Vec::new(),
        };
        catalog::services::attributes::create_attribute(work, &input).await.map(|_| ())
    })
    .await
}

async fn find_category(work: &Work, slug: &str) -> Result<Option<category::Model>> {
    Ok(category::Entity::find().filter(category::Column::Slug.eq(slug)).one(work.db()).await?)
}

async fn load_category(ctx: &Ctx, category: &Category) -> Result<()> {
    let input = CategoryIn {
        name: category.name.clone(),
        slug: Some(category.slug.clone()),
        description: category.description.clone(),
        position: category.order,
        ..CategoryIn::default()
    };
    let (slug, parent) = (category.slug.clone(), category.parent.clone());
    ctx.atomic(&LOADER, async move |work: &mut Work| {
        if find_category(work, &slug).await?.is_some() {
            return Ok(());
        }
        let parent_id = match &parent {
            Some(parent) => find_category(work, parent).await?.map(|row| row.id),
            None => None,
        };
        let input = CategoryIn { parent_id, ..input.clone() };
        catalog::services::shelves::create_category(work, &input).await.map(|_| ())
    })
    .await
}

/// Порядок «Советуем»: разделы чередуются, популярное впереди.
#[derive(Default)]
struct Priorities(BTreeMap<String, i64>);

impl Priorities {
    fn next(&mut self, category: &str, product: &Product) -> i64 {
        let place = self.0.entry(category.to_owned()).or_default();
        *place += 1;
        let popular = if product.popular { 100 } else { 0 };
        product.priority.unwrap_or(popular - *place)
    }
}

/// Заводит страницу или пишет в ту, которой ещё никто не касался.
async fn load_page(ctx: &Ctx, new: Page) -> anyhow::Result<()> {
    let (slug, title, content) = (new.slug, new.title, new.content);
    let same = page::Column::Slug.eq(slug.as_str());
    let found = page::Entity::find().filter(same).one(ctx.db_fresh()).await?;
    if found.as_ref().is_some_and(|page| page.updated_at != page.created_at) {
        return Ok(());
    }
    ctx.atomic(&LOADER, async move |work: &mut Work| match found.is_some() {
        true => {
            let patch =
                PagePatch { title: Some(title.clone()), content: Some(content.clone()), ..PagePatch::default() };
            content::services::update_page(work, &slug, &patch).await
        }
        false => {
            let (slug, title, content) = (slug.clone(), title.clone(), content.clone());
            let (seo_title, seo_description) = Default::default();
            let input = PageIn { slug, title, content, is_published: None, seo_title, seo_description };
            content::services::create_page(work, &input).await
        }
    })
    .await?;
    Ok(())
}

async fn load_product(ctx: &Ctx, category: String, product: Product, priority: i64) -> anyhow::Result<()> {
    let same = product::Column::Slug.eq(product.slug.as_str());
    if product::Entity::find().filter(same).one(ctx.db_fresh()).await?.is_some() {
        return Ok(());
    }
    let media = store_media(ctx, &product).await?;
    let cover = media.first().map(|picture| narrow(&picture.url, CARD_WIDTH));
    let (waves, size) = (product.waves.clone(), product.sizes.first().cloned());
    let taken = waves.iter().map(|wave| wave.taken).sum();
    let input = ProductIn { media, category: Some(category.clone()), priority, ..product_in(product) };
    kernel::http::check_value(&input)?;
    let product_id = ctx
        .atomic(&LOADER, async move |work: &mut Work| {
            let product = catalog::services::create_product(work, input.clone()).await?;
            cover_category(work, &category, &cover).await?;
            for wave in &waves {
                preorders::services::create_wave(work, &wave_in(work, product.id, wave)).await?;
            }
            Ok(product.id)
        })
        .await?;
    take_seats(ctx, product_id, size, taken).await?;
    Ok(())
}

fn wave_in(work: &Work, product_id: i64, wave: &Wave) -> WaveIn {
    WaveIn {
        price: wave.price.map(Money::rub),
        deposit_percent: wave.deposit,
        ships_at: Some(work.now() + TimeDelta::days(wave.ships_in_days)),
        ..preorders::factories::wave_in(product_id, wave.places)
    }
}

/// Занимает места, как занимают покупатели: заказами с оплатой при получении, по одной — две штуки.
async fn take_seats(ctx: &Ctx, product_id: i64, size: Option<String>, mut left: i64) -> Result<()> {
    while left > 0 {
        let quantity = left.min(1 + left % 2);
        let blank = orders::factories::new_order(product_id, None);
        let goods = Goods::Lines(vec![WantedLine { product_id, size: size.clone(), quantity }]);
        let order = NewOrder { goods, payment_provider: Some(cash::CODE.to_owned()), ..blank };
        orders::factories::place(ctx, order).await?;
        left -= quantity;
    }
    Ok(())
}

async fn load_promo(ctx: &Ctx, promo: &Promo) -> Result<()> {
    let promo = promo.clone();
    ctx.atomic(&LOADER, async move |work: &mut Work| {
        if promos::queries::by_code(work.db(), &promo.code).await?.is_some() {
            return Ok(());
        }
        let mut category_ids = Vec::new();
        for slug in &promo.categories {
            category_ids.extend(find_category(work, slug).await?.map(|row| row.id));
        }
        let input = PromoCodeIn {
            code: promo.code.clone(),
            description: Some(promo.description.clone()),
            discount_percent: promo.percent.map(Percent::whole),
            discount_amount: promo.amount.map(Money::rub),
            min_sum: promo.min_sum.map(Money::rub),
            max_uses_per_customer: promo.per_customer,
            category_ids,
            ..PromoCodeIn::default()
        };
        promos::services::create_code(work, &input).await.map(|_| ())
    })
    .await
}

/// Картинка раздела — первая картинка первого его товара.
async fn cover_category(work: &mut Work, slug: &str, cover: &Option<String>) -> Result<()> {
    let Some(row) = find_category(work, slug).await?.filter(|row| row.image_url.is_none()) else {
        return Ok(());
    };
    let patch = CategoryPatch { image_url: Some(cover.clone()), ..CategoryPatch::default() };
    catalog::services::shelves::update_category(work, row.id, &patch).await.map(|_| ())
}

async fn store_media(ctx: &Ctx, product: &Product) -> anyhow::Result<Vec<MediaIn>> {
    let pictures = product.pictures.iter().map(|name| format!("pictures/{name}.webp"));
    let model = product.model.iter().map(|name| format!("models/{name}"));
    let rules = Rules::only(&[Family::Image, Family::Model]);
    let mut media = Vec::new();
    for name in pictures.chain(model) {
        let bytes = data::file(&name)?;
        let stored = catalog::services::files::store(ctx, "media", bytes.into(), &rules).await;
        let stored = stored.with_context(|| name)?;
        media.push(MediaIn { alt: product.name.clone(), ..stored });
    }
    Ok(media)
}

fn product_in(product: Product) -> ProductIn {
    let own = product
        .size_stock
        .iter()
        .map(|(size, stock)| SizeIn::Own(OwnSize { size: size.clone(), stock_count: Some(*stock), price: None }));
    let size_table = product.size_table.map(|table| {
        serde_json::Map::from_iter([
            ("columns".to_owned(), table.columns.into()),
            ("rows".to_owned(), table.rows.into()),
        ])
    });
    let [width, height, depth] = product.dimensions.map(|size| size.map(|mm| Some(i64::from(mm)))).unwrap_or_default();
    ProductIn {
        sizes: product.sizes.iter().cloned().map(SizeIn::Name).chain(own).collect(),
        name: product.name,
        slug: Some(product.slug),
        article: product.article,
        price: Money::rub(product.price),
        old_price: product.old_price.map(Money::rub),
        stock_count: product.stock.unwrap_or(0),
        order_type: if product.waves.is_empty() { OrderType::Order } else { OrderType::Preorder },
        summary: product.summary,
        description: Some(product.description.trim().to_owned()),
        materials: product.materials,
        equipment: product.equipment,
        care_instructions: Some(product.care),
        size_table,
        dimensions: Some(Dimensions { width, height, depth }),
        weight: Some((product.weight * 1000.0).round() as i64),
        manufacturing_time: product.manufacturing_days,
        vat_rate: Some(20),
        is_new: product.new,
        is_popular: product.popular,
        attributes: BTreeMap::from([(COLOR.to_owned(), AttributeInput::One(Scalar::Text(product.color)))]),
        ..ProductIn::default()
    }
}
