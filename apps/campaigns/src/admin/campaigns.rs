//! Кампания: срок, награда, честность, воронка, сеансы.

use admin::{Action, Cell, Document, Field, Filter, Input, Model, Panel, Screen};
use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, DatabaseExecutor};
use serde_json::{Value, json};

use super::{pool_cell, pool_options, tables};
use crate::models::{Campaign, Pool, campaign};
use crate::permissions::{CHANGE_CAMPAIGN, VIEW_CAMPAIGN};
use crate::queries;
use crate::schemas::{CampaignIn, CampaignPatch, Reward};
use crate::services;

pub fn campaigns() -> Screen {
    use campaign::Column;
    Model::<Campaign>::new(
        "campaigns",
        "campaign",
        ("AR-кампании", "AR campaigns"),
        ("Кампания", "Campaign"),
        VIEW_CAMPAIGN,
    )
    .label(|campaign| campaign.title.clone())
    .column(("Название", "Title"), |campaign| campaign.title.clone().into())
    .column(("Награда", "Reward"), |campaign| reward(campaign).into())
    .column(("С", "From"), |campaign| campaign.starts_at.into())
    .column(("По", "Until"), |campaign| campaign.ends_at.into())
    .column(("По умолчанию", "Default"), |campaign| campaign.default_mark.is_some().into())
    .column(("Включена", "On"), |campaign| campaign.is_active.into())
    .filter(Filter::flag("is_active", ("Включена", "On"), Column::IsActive))
    .search(("адрес целиком", "the whole slug"), |text| Condition::all().add(Column::Slug.eq(text)))
    .group(("Кампания", "Campaign"))
    .line(("Название", "Title"), |campaign| campaign.title.clone().into())
    .line(("Страница", "Page"), |campaign| {
        Cell::Link(format!("/ar/{}", campaign.slug), format!("/ar/{}", campaign.slug))
    })
    .line(("Описание", "Description"), |campaign| Cell::long(campaign.description.clone()))
    .line(("Пул активов", "Asset pool"), |campaign| pool_cell(campaign.pool_id))
    .line(("Включена", "On"), |campaign| campaign.is_active.into())
    .line(("Начало", "Starts"), |campaign| campaign.starts_at.into())
    .line(("Конец", "Ends"), |campaign| campaign.ends_at.into())
    .group(("Награда", "Reward"))
    .help(("Промокод за собранный набор, на один заказ.", "A promo code for the full set, good for one order."))
    .line(("Скидка", "Discount"), |campaign| reward(campaign).into())
    .line(("С суммы", "From the sum of"), |campaign| terms(campaign).min_sum.into())
    .line(("Действует дней", "Valid for days"), |campaign| terms(campaign).valid_days.into())
    .line(("Действует с", "Valid from"), |campaign| terms(campaign).valid_from.map(|from| from.0).into())
    .line(("Действует до", "Valid until"), |campaign| {
        terms(campaign).valid_until.map(|until| until.0).into()
    })
    .line(("На товары", "Products"), |campaign| numbers(&terms(campaign).product_ids).into())
    .line(("На разделы", "Categories"), |campaign| numbers(&terms(campaign).category_ids).into())
    .group(("Честность", "Fairness"))
    .line(("Секунд на актив", "Seconds per asset"), |campaign| campaign.min_dwell.into())
    .line(("Просмотров сеанса в минуту", "Session views a minute"), |campaign| {
        campaign.views_per_minute.into()
    })
    .line(("Просмотров с адреса в минуту", "Address views a minute"), |campaign| {
        campaign.address_views_per_minute.into()
    })
    .line(("Сеансов с адреса в час", "Address sessions an hour"), |campaign| {
        campaign.address_sessions_per_hour.into()
    })
    .line(("Просмотр по пропуску", "Views need a token"), |campaign| campaign.needs_view_token.into())
    .document(Document::csv("funnel", VIEW_CAMPAIGN, |ctx, id| Box::pin(tables::funnel_csv(ctx, id))))
    .panel(Panel::new(("Воронка", "Funnel"), VIEW_CAMPAIGN, |ctx, id| Box::pin(tables::funnel(ctx, id))))
    .panel(Panel::new(("Последние сеансы", "Latest sessions"), VIEW_CAMPAIGN, |ctx, id| {
        Box::pin(tables::sessions(ctx, id))
    }))
    .add(CHANGE_CAMPAIGN, fields(), |work, input| {
        Box::pin(async move { Ok(services::create_campaign(work, &input.parse::<CampaignIn>()?).await?.id) })
    })
    .action(
        Action::<Campaign>::change(
            CHANGE_CAMPAIGN,
            |db, row| Box::pin(values(db, row)),
            |work, id, input| Box::pin(change(work, id, input)),
        )
        .fields(fields())
        .note(("Выданных кодов новые условия не касаются.", "Codes already issued keep their terms.")),
    )
    .screen()
}

/// Награда строки; непонятную не показываем.
fn terms(campaign: &campaign::Model) -> Reward {
    serde_json::from_str(&campaign.reward).unwrap_or_default()
}

/// «12,5 %» или «500 ₽».
fn reward(campaign: &campaign::Model) -> String {
    let terms = terms(campaign);
    match terms.discount_percent.filter(|percent| !percent.is_zero()) {
        Some(percent) => format!("{} %", json!(percent).to_string().replace('.', ",")),
        None => kernel::texts::format_roubles(terms.discount_amount.unwrap_or_default()),
    }
}

fn numbers(ids: &[i64]) -> String {
    ids.iter().map(|id| format!("№ {id}")).collect::<Vec<_>>().join(", ")
}

fn fields() -> [Field; 22] {
    [
        Field::text("title", ("Название", "Title")).required(),
        Field::text("slug", ("Адрес", "Slug")).required().hint((
            "Страница — /ar/адрес: латиница, цифры, _ и -.",
            "The page is /ar/slug: Latin letters, digits, _ and -.",
        )),
        Field::area("description", ("Описание", "Description"), 3),
        Field::options("pool", ("Пул активов", "Asset pool"), |ctx, _| Box::pin(pool_options(ctx))).required(),
        Field::flag("is_active", ("Включена", "On")).on(),
        Field::moment("starts_at", ("Начало", "Starts")).nullable(),
        Field::moment("ends_at", ("Конец", "Ends")).nullable(),
        Field::flag("is_default", ("По умолчанию", "Default"))
            .hint(("Отвечает вызовам, где кампания не названа.", "Answers calls that name no campaign.")),
        Field::money("reward.discount_percent", ("Скидка, %", "Discount, %"))
            .nullable()
            .section(("Награда", "Reward"))
            .hint(("Важнее суммы.", "Beats the sum.")),
        Field::money("reward.discount_amount", ("Скидка, ₽", "Discount, ₽")).nullable(),
        Field::money("reward.min_sum", ("С суммы товаров, ₽", "From the sum of goods, ₽")).nullable(),
        Field::number("reward.valid_days", ("Сколько дней действует", "Valid for days"))
            .nullable()
            .hint(("Считая с выдачи; пусто — без предела.", "Counted from the issue; empty means no limit.")),
        Field::moment("reward.valid_from", ("Действует с", "Valid from")).nullable(),
        Field::moment("reward.valid_until", ("Действует до", "Valid until"))
            .nullable()
            .hint(("Вместе с днями — до того, что раньше.", "Together with days, whichever is earlier.")),
        Field::pick_many("reward.product_ids", ("Товары", "Products"), "catalog.product")
            .hint(("Ни товаров, ни разделов — на всё.", "No products and no categories: everything.")),
        Field::pick_many(
            "reward.category_ids",
            ("Разделы с вложенными", "Categories with nested ones"),
            "catalog.category",
        ),
        Field::choices("reward.kinds", ("Виды покупок", "Kinds of purchase"), promos::admin::KINDS),
        Field::number("min_dwell", ("Секунд на актив", "Seconds per asset"))
            .section(("Честность", "Fairness"))
            .hint(("0 — сколько угодно.", "0 means any.")),
        Field::number("views_per_minute", ("Просмотров сеанса в минуту", "Session views a minute")).nullable(),
        Field::number("address_views_per_minute", ("Просмотров с адреса в минуту", "Address views a minute"))
            .nullable()
            .hint(("За одним адресом бывает целый музей.", "A whole museum may share one address.")),
        Field::number("address_sessions_per_hour", ("Сеансов с адреса в час", "Address sessions an hour")).nullable(),
        Field::flag("needs_view_token", ("Просмотр засчитывается по пропуску", "Views need a token")),
    ]
}

async fn values(db: DatabaseExecutor<'_>, row: campaign::Model) -> Result<Value> {
    let pool = Pool::find_by_id(row.pool_id).one(&db).await?;
    let reward = terms(&row);
    Ok(json!({
        "title": row.title,
        "slug": row.slug,
        "description": row.description,
        "pool": pool.map(|pool| pool.slug),
        "is_active": row.is_active,
        "starts_at": row.starts_at.map(|at| at.and_utc()),
        "ends_at": row.ends_at.map(|at| at.and_utc()),
        "is_default": row.default_mark.is_some(),
        "reward.discount_percent": reward.discount_percent,
        "reward.discount_amount": reward.discount_amount,
        "reward.min_sum": reward.min_sum,
        "reward.valid_days": reward.valid_days,
        "reward.valid_from": reward.valid_from,
        "reward.valid_until": reward.valid_until,
        "reward.product_ids": reward.product_ids,
        "reward.category_ids": reward.category_ids,
        "reward.kinds": reward.kinds,
        "min_dwell": row.min_dwell,
        "views_per_minute": row.views_per_minute,
        "address_views_per_minute": row.address_views_per_minute,
        "address_sessions_per_hour": row.address_sessions_per_hour,
        "needs_view_token": row.needs_view_token,
    }))
}

/// Служба берёт награду целиком, а форма прислала изменённое: прочее — как было.
async fn change(work: &mut Work, id: i64, input: Input) -> Result<()> {
    let mut patch = input.value();
    if let Some(changed) = patch.get_mut("reward").and_then(Value::as_object_mut) {
        let before = serde_json::to_value(terms(&queries::campaign_by_id(work.db(), id).await?))?;
        for (name, value) in before.as_object().into_iter().flatten() {
            changed.entry(name.as_str()).or_insert_with(|| value.clone());
        }
    }
    services::update_campaign(work, id, &kernel::http::parse_value::<CampaignPatch>(&patch)?).await?;
    Ok(())
}
