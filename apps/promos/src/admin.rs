//! Админка: промокоды.

use admin::{Action, Cell, Choice, Field, Filter, Input, Model, Screen};
use kernel::{Result, Work};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use serde_json::json;

use crate::models::promo_code::{self, key_of};
use crate::models::{Kind, PromoCode, TargetKind};
use crate::permissions::{CHANGE_PROMO_CODE, VIEW_PROMO_CODE};
use crate::queries;
use crate::schemas::{PromoCodeIn, PromoCodePatch};
use crate::services::{self, Buyer};

/// Виды покупок словами.
pub const KINDS: &[Choice] = &[
    Choice::plain("goods", ("товары", "goods")),
    Choice::plain("preorder", ("предзаказы", "pre-orders")),
    Choice::plain("digital", ("цифровые товары", "digital goods")),
    Choice::plain("course", ("курсы", "courses")),
    Choice::plain("service", ("услуги", "services")),
];

pub fn promo_codes() -> Screen {
    use promo_code::Column;
    Model::<PromoCode>::new(
        "promos",
        "promo_code",
        ("Промокоды", "Promo codes"),
        ("Промокод", "Promo code"),
        VIEW_PROMO_CODE,
    )
    .label(|promo| promo.code.clone())
    .column(("Код", "Code"), |promo| promo.code.clone().into())
    .column(("Скидка", "Discount"), discount)
    .column(("Использован", "Used"), |promo| uses(promo).into())
    .column(("Действует до", "Valid until"), |promo| promo.valid_until.into())
    .column(("Включён", "On"), |promo| promo.is_active.into())
    .column(("Создан", "Created"), |promo| promo.created_at.into())
    .filter(Filter::flag("is_active", ("Включён", "On"), Column::IsActive))
    .search(("начало кода", "beginning of the code"), |text| {
        Condition::all().add(Column::CodeKey.starts_with(key_of(text)))
    })
    .group(("Скидка", "Discount"))
    .line(("Код", "Code"), |promo| promo.code.clone().into())
    .line(("Скидка", "Discount"), discount)
    .line(("С суммы", "From the sum of"), |promo| promo.min_sum.into())
    .line(("Описание", "Description"), |promo| promo.description.clone().into())
    .group(("Пределы", "Limits"))
    .help(("Отменённый заказ возвращает своё использование.", "A cancelled order gives its use back."))
    .line(("Использован", "Used"), |promo| promo.current_uses.into())
    .line(("Всего можно", "Allowed in total"), |promo| promo.max_uses.into())
    .line(("Одному покупателю", "Per customer"), |promo| promo.max_uses_per_customer.into())
    .line(("Действует с", "Valid from"), |promo| promo.valid_from.into())
    .line(("Действует до", "Valid until"), |promo| promo.valid_until.into())
    .line(("Включён", "On"), |promo| promo.is_active.into())
    .add(CHANGE_PROMO_CODE, fields(), |work, input| {
        Box::pin(async move { Ok(services::create_code(work, &input.parse::<PromoCodeIn>()?).await?.id) })
    })
    .action(
        Action::<PromoCode>::change(
            CHANGE_PROMO_CODE,
            |db, promo| Box::pin(values(db, promo)),
            |work, id, input| {
                Box::pin(async move {
                    services::update_code(work, id, &input.parse::<PromoCodePatch>()?).await?;
                    Ok(())
                })
            },
        )
        .fields(fields())
        .bulk_fields(&["min_sum", "max_uses", "max_uses_per_customer", "valid_from", "valid_until", "is_active"])
        .note(("Оформленных заказов правка не касается.", "Orders already placed are not affected.")),
    )
    .action(why())
    .action(
        Action::<PromoCode>::new(
            "switch_off",
            ("Выключить", "Switch off"),
            CHANGE_PROMO_CODE,
            |work, id, _| Box::pin(services::switch_off(work, id)),
        )
        .when(|promo| promo.is_active)
        .danger()
        .bulk(),
    )
    .screen()
}

fn discount(promo: &promo_code::Model) -> Cell {
    match promo.discount_percent.is_zero() {
        true => promo.discount_amount.into(),
        false => Cell::Text(format!("{} %", json!(promo.discount_percent).to_string().replace('.', ","))),
    }
}

/// «3 из 100».
fn uses(promo: &promo_code::Model) -> String {
    match promo.max_uses {
        Some(max) => format!("{} / {max}", promo.current_uses),
        None => promo.current_uses.to_string(),
    }
}

fn fields() -> [Field; 13] {
    [
        Field::text("code", ("Код", "Code")).required().hint(("Регистр не важен.", "Case does not matter.")),
        Field::text("description", ("Для чего", "What for")),
        Field::money("discount_percent", ("Скидка, %", "Discount, %"))
            .hint(("Важнее суммы: пока он не ноль, сумма не действует.", "Beats the sum while it is not zero.")),
        Field::money("discount_amount", ("Скидка, ₽", "Discount, ₽")),
        Field::money("min_sum", ("Действует с суммы товаров, ₽", "From the sum of goods, ₽")).nullable(),
        Field::number("max_uses", ("Сколько заказов всего", "Orders in total"))
            .nullable()
            .section(("Пределы", "Limits"))
            .hint(("Пусто — сколько угодно.", "Empty means no limit.")),
        Field::number("max_uses_per_customer", ("Сколько заказов одному покупателю", "Orders per customer")).nullable(),
        Field::moment("valid_from", ("Действует с", "Valid from")).nullable(),
        Field::moment("valid_until", ("Действует до", "Valid until")).nullable(),
        Field::pick_many("product_ids", ("Товары", "Products"), "catalog.product")
            .section(("На что действует", "What it covers"))
            .hint(("Ни товаров, ни разделов — на всё.", "No products and no categories: everything.")),
        Field::pick_many("category_ids", ("Разделы с вложенными", "Categories with nested ones"), "catalog.category"),
        Field::choices("kinds", ("Виды покупок", "Kinds of purchase"), KINDS),
        Field::flag("is_active", ("Включён", "On")).on(),
    ]
}

async fn values(db: sea_orm::DatabaseExecutor<'_>, promo: promo_code::Model) -> Result<serde_json::Value> {
    let targets = queries::targets_of(&db, vec![promo.id]).await?;
    let ids = |kind: TargetKind| -> Vec<i64> {
        targets.iter().filter(|target| target.kind == kind).map(|target| target.target_id).collect()
    };
    Ok(json!({
        "code": promo.code,
        "description": promo.description,
        "discount_percent": promo.discount_percent,
        "discount_amount": promo.discount_amount,
        "min_sum": promo.min_sum,
        "max_uses": promo.max_uses,
        "max_uses_per_customer": promo.max_uses_per_customer,
        "valid_from": promo.valid_from.map(|at| at.and_utc()),
        "valid_until": promo.valid_until.map(|at| at.and_utc()),
        "product_ids": ids(TargetKind::Product),
        "category_ids": ids(TargetKind::Category),
        "kinds": Kind::split(&promo.kinds),
        "is_active": promo.is_active,
    }))
}

/// Почему код не принимают: та же проверка, что у покупателя.
fn why() -> Action<PromoCode> {
    Action::<PromoCode>::new(
        "check",
        ("Проверить код", "Check the code"),
        VIEW_PROMO_CODE,
        |work, id, input| Box::pin(check(work, id, input)),
    )
    .note((
        "Назовите товар и покупателя: если код им не подходит, здесь будет написано, почему.",
        "Name a product and a customer: if the code does not suit them, the reason will be shown here.",
    ))
    .fields([
        Field::pick("product_id", ("Товар", "Product"), "catalog.product").required(),
        Field::pick("user_id", ("Покупатель", "Customer"), "accounts.user").nullable(),
    ])
}

async fn check(work: &mut Work, id: i64, input: Input) -> Result<()> {
    let promo =
        queries::by_id(work.db(), id).await?.ok_or_else(|| kernel::Error::not_found(crate::errors::NOT_FOUND))?;
    let user_id = input.values.get("user_id").and_then(serde_json::Value::as_i64);
    let buyer = Buyer { user_id, ..Buyer::default() };
    services::validate(work.ctx(), &promo.code, &buyer, &[input.id("product_id")?]).await?;
    Ok(())
}
