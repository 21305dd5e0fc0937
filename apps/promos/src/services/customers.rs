//! Кто покупает: приметы, по которым код узнаёт того же покупателя, и счётчики по ним.

use kernel::{Ctx, Result, Work};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sha2::{Digest, Sha256};

use crate::errors;
use crate::models::{Customer, customer, promo_code, promo_use};

/// Покупатель, каким его знает заказ; чего нет — того не знаем.
#[derive(Clone, Debug, Default)]
pub struct Buyer {
    pub user_id: Option<i64>,
    /// E.164.
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// Приметы покупателя. Совпала любая — это он же: вошедший и гость с тем же телефоном делят один предел.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    pub user_id: Option<i64>,
    pub phone_key: Option<String>,
    pub email_key: Option<String>,
}

impl Marks {
    pub fn of(ctx: &Ctx, buyer: &Buyer) -> Marks {
        let filled = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_lowercase)
        };
        Marks {
            user_id: buyer.user_id,
            phone_key: filled(&buyer.phone).map(|phone| fingerprint(ctx, "phone", &phone)),
            email_key: filled(&buyer.email).map(|email| fingerprint(ctx, "email", &email)),
        }
    }

    pub fn of_use(row: &promo_use::Model) -> Marks {
        Marks { user_id: row.user_id, phone_key: row.phone_key.clone(), email_key: row.email_key.clone() }
    }

    /// Ключи счётчиков.
    pub fn keys(&self) -> Vec<String> {
        let user = self.user_id.map(|id| format!("user:{id}"));
        [user, self.phone_key.clone(), self.email_key.clone()].into_iter().flatten().collect()
    }
}

/// Телефонов мало, и простой хеш перебирается; ключ магазина этого не даёт.
fn fingerprint(ctx: &Ctx, kind: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(ctx.secret("promos.customers"));
    hash.update(text.as_bytes());
    format!("{kind}:{}", hex::encode(&hash.finalize()[..16]))
}

/// Прибавляет покупателю использование; предел исчерпан — отказ. Код уже заперт вызывающим, поэтому двое друг друга не ждут.
pub(super) async fn count(work: &mut Work, promo: &promo_code::Model, marks: &Marks) -> Result<()> {
    let keys = marks.keys();
    if keys.is_empty() {
        return if promo.max_uses_per_customer.is_some() { Err(errors::customer_unknown()) } else { Ok(()) };
    }
    let Some(limit) = promo.max_uses_per_customer else { return add(work, promo.id, &keys).await };
    let row = |key: &String| row_of(promo.id, key, 0);
    Customer::insert_many(keys.iter().map(row))
        .on_conflict_do_nothing_on([customer::Column::PromoId, customer::Column::Customer])
        .exec_without_returning(work.db())
        .await?;
    let counted = Customer::update_many()
        .col_expr(customer::Column::Uses, Expr::col(customer::Column::Uses).add(1))
        .filter(customer::Column::PromoId.eq(promo.id))
        .filter(customer::Column::Customer.is_in(keys.iter().map(String::as_str)))
        .filter(customer::Column::Uses.lt(limit))
        .exec(work.db())
        .await?;
    if counted.rows_affected == keys.len() as u64 { Ok(()) } else { Err(errors::already_used()) }
}

/// Без предела спорить не с чем: строка и прибавка — один оператор. Предел могут назначить позже, поэтому счёт всё равно ведётся.
async fn add(work: &mut Work, promo_id: i64, keys: &[String]) -> Result<()> {
    let again = OnConflict::columns([customer::Column::PromoId, customer::Column::Customer])
        .value(customer::Column::Uses, Expr::col((Customer, customer::Column::Uses)).add(1))
        .to_owned();
    work.upsert_later(keys.iter().map(|key| row_of(promo_id, key, 1)).collect(), again).await
}

fn row_of(promo_id: i64, key: &str, uses: i64) -> customer::ActiveModel {
    customer::ActiveModel { promo_id: Set(promo_id), customer: Set(key.to_owned()), uses: Set(uses) }
}

/// Убавляет использование.
pub(super) async fn uncount(work: &Work, promo_id: i64, marks: &Marks) -> Result<()> {
    let keys = marks.keys();
    let given_back = Customer::update_many()
        .col_expr(customer::Column::Uses, Expr::col(customer::Column::Uses).sub(1))
        .filter(customer::Column::PromoId.eq(promo_id))
        .filter(customer::Column::Customer.is_in(keys.iter().map(String::as_str)))
        .filter(customer::Column::Uses.gte(1))
        .exec(work.db())
        .await?;
    let all = given_back.rows_affected == keys.len() as u64;
    if all { Ok(()) } else { Err(errors::broken_count("a customer gives back more than was taken")) }
}
