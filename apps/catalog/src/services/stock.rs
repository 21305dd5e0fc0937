//! Остатки: занять, отпустить, отгрузить, вернуть, поправить.
//!
//! Каждое изменение — одно условное `UPDATE` с границей в `WHERE` и строка журнала. Позиции берутся по возрастанию id, чтобы
//! двое не ждали друг друга. MariaDB вычисляет `SET` слева направо, поэтому `available` пишется раньше столбцов, из которых он считается.

use std::collections::BTreeMap;

use kernel::data::Engine;
use kernel::{Error, OrNotFound, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, SimpleExpr};
use sea_orm::{ActiveValue::NotSet, QueryOrder, QuerySelect, QueryTrait, Set, UpdateMany};

use crate::errors;
use crate::models::inventory_item::Column as Item;
use crate::models::stock_claim::ClaimState;
use crate::models::stock_movement::MovementKind;
use crate::models::{inventory_item, product, stock_claim, stock_movement};

/// Больше штук за раз не бывает: сумма строк заведомо не переполнится.
pub const MAX_QUANTITY: i64 = 1_000_000_000;

/// Позиций в одном UPDATE: каждая — ветвь CASE, и длинный CASE перебирается дольше, чем идёт лишний запрос.
const SHIFT_AT_ONCE: usize = 50;

/// Строка заказа, как её видит склад. `title` — как назвать товар в отказе.
#[derive(Clone, Debug)]
pub struct StockLine {
    pub inventory_item_id: i64,
    pub quantity: i64,
    pub title: String,
}

/// Как поправить остаток.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockChange {
    /// На столько штук; меньше нуля на складе так не получить.
    By(i64),
    /// На складе лежит столько (пересчёт, обмен с учётом; бывает и меньше нуля).
    OnHand(i64),
    /// Можно продать столько (поле `stock_count` товара).
    Available(i64),
}

/// Занимает остатки для владельца: всё или ничего. Строки на одну позицию складываются.
pub async fn claim(work: &mut Work, owner: &Subject, lines: &[StockLine]) -> Result<()> {
    let needs = sum_lines(lines)?;
    take(work, &needs, lines).await?;
    let now = work.timestamp();
    let claim = |(item, need): (&i64, &Need)| stock_claim::ActiveModel {
        id: NotSet,
        owner_kind: Set(owner.kind.clone()),
        owner_id: Set(owner.id.clone()),
        inventory_item_id: Set(*item),
        quantity: Set(need.quantity),
        restocked: Set(0),
        state: Set(ClaimState::Held),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let claims: Vec<_> = needs.iter().map(claim).collect();
    let moves: Vec<_> = needs.iter().map(|(item, need)| Movement::reserve(*item, need.quantity)).collect();
    work.insert_later(claims).await?;
    write_moves(work, Some(owner), "", moves).await
}

/// Сколько нужно со складской позиции и какая строка просила первой.
struct Need {
    quantity: i64,
    line: usize,
}

fn sum_lines(lines: &[StockLine]) -> Result<BTreeMap<i64, Need>> {
    let mut needs: BTreeMap<i64, Need> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        if !(1..=MAX_QUANTITY).contains(&line.quantity) {
            return Err(Error::invalid(&format!("items[{index}].quantity"), "out_of_range"));
        }
        let need = needs.entry(line.inventory_item_id).or_insert(Need { quantity: 0, line: index });
        need.quantity += line.quantity;
    }
    Ok(needs)
}

/// Занимает позиции условным UPDATE по возрастанию номера: не хватило одной — откатится вся работа.
async fn take(work: &mut Work, needs: &BTreeMap<i64, Need>, lines: &[StockLine]) -> Result<()> {
    let pairs: Vec<(i64, i64)> = needs.iter().map(|(item, need)| (*item, need.quantity)).collect();
    for pairs in pairs.chunks(SHIFT_AT_ONCE) {
        let taken = match work.engine() {
            Engine::MariaDb => take_by_one(work, pairs).await?,
            _ => taking(work.engine(), pairs).exec_with_returning(work.db()).await?,
        };
        let is_taken = |item: i64| taken.iter().any(|row| row.id == item);
        if let Some((short, _)) = pairs.iter().find(|(item, _)| !is_taken(*item)) {
            let found = inventory_item::Entity::find_by_id(*short).one(work.db()).await?;
            let line = needs[short].line;
            return Err(errors::out_of_stock(&lines[line].title, found.map_or(0, |item| item.available), line));
        }
        forget_answers(work, &taken);
    }
    Ok(())
}

/// Меняется показанное у самих товаров; у кого остаток кончился — ещё и «есть в наличии» в отборах.
fn forget_answers(work: &mut Work, taken: &[inventory_item::Model]) {
    work.touch(taken.iter().map(|item| item.product_id));
    if taken.iter().any(|item| item.available == 0) {
        work.invalidate("catalog");
    }
}

fn taking(engine: Engine, pairs: &[(i64, i64)]) -> UpdateMany<inventory_item::Entity> {
    inventory_item::Entity::update_many()
        .col_expr(Item::Available, Expr::col(Item::Available).sub(quantity_of(pairs)))
        .col_expr(Item::Reserved, Expr::col(Item::Reserved).add(quantity_of(pairs)))
        .filter(one_of(engine, pairs))
        .filter(Expr::col(Item::Available).gte(quantity_of(pairs)))
}

/// MariaDB не скажет, какие строки тронул общий UPDATE, а в отказе надо назвать товар: позиции занимаются по одной.
async fn take_by_one(work: &Work, pairs: &[(i64, i64)]) -> Result<Vec<inventory_item::Model>> {
    let mut taken = Vec::with_capacity(pairs.len());
    for pair in pairs {
        if taking(work.engine(), std::slice::from_ref(pair)).exec(work.db()).await?.rows_affected == 0 {
            break;
        }
        taken.push(pair.0);
    }
    Ok(inventory_item::Entity::find().filter(Item::Id.is_in(taken)).all(work.db()).await?)
}

/// Сколько нужно с этой позиции: число, а для нескольких — выбор по номеру.
fn quantity_of(pairs: &[(i64, i64)]) -> SimpleExpr {
    if let [(_, only)] = pairs {
        return Expr::value(*only);
    }
    let mut quantity = CaseStatement::new();
    for (item, need) in pairs {
        quantity = quantity.case(Expr::col(Item::Id).eq(*item), *need);
    }
    quantity.into()
}

/// Позиции, запираемые по возрастанию номера, чтобы двое с общими товарами не ждали друг друга. SQLite пишет по одному, а PostgreSQL
/// идёт, как решит планировщик, поэтому там порядок назван явно.
fn one_of(engine: Engine, pairs: &[(i64, i64)]) -> SimpleExpr {
    let ids = pairs.iter().map(|(item, _)| *item);
    if pairs.len() == 1 || engine != Engine::Postgres {
        return Item::Id.is_in(ids);
    }
    let in_order = inventory_item::Entity::find()
        .select_only()
        .column(Item::Id)
        .filter(Item::Id.is_in(ids))
        .order_by_asc(Item::Id)
        .lock_exclusive();
    Item::Id.in_subquery(in_order.into_query())
}

/// Отпускает занятое владельцем. Повтор и чужой владелец ничего не меняют.
pub async fn release(work: &mut Work, owner: &Subject) -> Result<()> {
    let claims = finish_claims(work, owner, ClaimState::Released).await?;
    let mut moves = Vec::with_capacity(claims.len());
    for claim in &claims {
        moves.push(free(work, claim.inventory_item_id, claim.quantity).await?);
    }
    write_ledger(work, Some(owner), "", moves).await
}

/// Отпускает часть занятого: эти штуки владельцу больше не нужны. Больше занятого не отпустить.
pub async fn release_lines(work: &mut Work, owner: &Subject, lines: &[StockLine], reason: &str) -> Result<()> {
    // Занятое этой же работой ещё могло не дойти до базы.
    work.settle().await?;
    let mut moves = Vec::new();
    for (item, need) in sum_lines(lines)? {
        shrink_claims(work, owner, item, need.quantity).await?;
        moves.push(free(work, item, need.quantity).await?);
    }
    write_ledger(work, Some(owner), reason, moves).await
}

async fn free(work: &Work, item: i64, quantity: i64) -> Result<Movement> {
    let reserved_less = Expr::col(Item::Reserved).sub(quantity);
    let released = inventory_item::Entity::update_many()
        .col_expr(Item::Available, not_below_zero(Expr::col(Item::OnHand).sub(reserved_less.clone())))
        .col_expr(Item::Reserved, reserved_less)
        .filter(Item::Id.eq(item))
        .filter(Item::Reserved.gte(quantity))
        .exec(work.db())
        .await?;
    expect_one(released.rows_affected, "released more than reserved")?;
    Ok(Movement::release(item, quantity))
}

/// Убавляет строки владельца: их бывает несколько на одну позицию; ушедшая целиком — отпущена.
async fn shrink_claims(work: &Work, owner: &Subject, item: i64, quantity: i64) -> Result<()> {
    let held = claims_of(owner, ClaimState::Held)
        .filter(stock_claim::Column::InventoryItemId.eq(item))
        .lock_exclusive()
        .all(work.db())
        .await?;
    let mut left = quantity;
    for claim in held {
        let part = Ord::min(left, claim.quantity);
        if part == 0 {
            break;
        }
        let change = match part == claim.quantity {
            true => (stock_claim::Column::State, Expr::value(ClaimState::Released)),
            false => (stock_claim::Column::Quantity, Expr::value(claim.quantity - part)),
        };
        stock_claim::Entity::update_many()
            .col_expr(change.0, change.1)
            .col_expr(stock_claim::Column::UpdatedAt, Expr::value(work.timestamp()))
            .filter(stock_claim::Column::Id.eq(claim.id))
            .exec(work.db())
            .await?;
        left -= part;
    }
    if left > 0 { Err(Error::refused("catalog.restock_too_many").with("quantity", quantity)) } else { Ok(()) }
}

/// Отгрузка: занятое владельцем уходит со склада. Повтор ничего не меняет.
pub async fn sell(work: &mut Work, owner: &Subject) -> Result<()> {
    let claims = finish_claims(work, owner, ClaimState::Sold).await?;
    let mut moves = Vec::with_capacity(claims.len());
    for claim in &claims {
        let sold = inventory_item::Entity::update_many()
            .col_expr(Item::OnHand, Expr::col(Item::OnHand).sub(claim.quantity))
            .col_expr(Item::Reserved, Expr::col(Item::Reserved).sub(claim.quantity))
            .filter(Item::Id.eq(claim.inventory_item_id))
            .filter(Item::Reserved.gte(claim.quantity))
            .exec(work.db())
            .await?;
        expect_one(sold.rows_affected, "sold more than reserved")?;
        moves.push(Movement::sale(claim.inventory_item_id, claim.quantity));
        count_sold(work, claim).await?;
    }
    write_ledger(work, Some(owner), "", moves).await
}

/// Популярность товара — сколько его штук отгружено.
async fn count_sold(work: &Work, claim: &stock_claim::Model) -> Result<()> {
    let owner_product = inventory_item::Entity::find()
        .select_only()
        .column(Item::ProductId)
        .filter(Item::Id.eq(claim.inventory_item_id));
    product::Entity::update_many()
        .col_expr(product::Column::Popularity, Expr::col(product::Column::Popularity).add(claim.quantity))
        .filter(product::Column::Id.in_subquery(owner_product.into_query()))
        .exec(work.db())
        .await?;
    Ok(())
}

/// Возврат отгруженного на склад. Больше отгруженного вернуть нельзя.
pub async fn restock(work: &mut Work, owner: &Subject, lines: &[StockLine], reason: &str) -> Result<()> {
    let mut moves = Vec::new();
    for (item, need) in sum_lines(lines)? {
        give_back(work, owner, item, need.quantity).await?;
        let more = Expr::col(Item::OnHand).add(need.quantity);
        let stored = inventory_item::Entity::update_many()
            .col_expr(Item::Available, not_below_zero(more.clone().sub(Expr::col(Item::Reserved))))
            .col_expr(Item::OnHand, more)
            .filter(Item::Id.eq(item))
            .exec(work.db())
            .await?;
        expect_one(stored.rows_affected, "restocked an unknown item")?;
        moves.push(Movement { item, kind: MovementKind::Return, on_hand: need.quantity, reserved: 0 });
    }
    write_ledger(work, Some(owner), reason, moves).await
}

/// Отмечает возврат на строках владельца: их бывает несколько на одну позицию.
async fn give_back(work: &Work, owner: &Subject, item: i64, quantity: i64) -> Result<()> {
    let sold = claims_of(owner, ClaimState::Sold)
        .filter(stock_claim::Column::InventoryItemId.eq(item))
        .lock_exclusive()
        .all(work.db())
        .await?;
    let mut left = quantity;
    for claim in sold {
        let part = Ord::min(left, claim.quantity - claim.restocked);
        if part == 0 {
            continue;
        }
        stock_claim::Entity::update_many()
            .col_expr(stock_claim::Column::Restocked, Expr::col(stock_claim::Column::Restocked).add(part))
            .col_expr(stock_claim::Column::UpdatedAt, Expr::value(work.timestamp()))
            .filter(stock_claim::Column::Id.eq(claim.id))
            .exec(work.db())
            .await?;
        left -= part;
    }
    if left > 0 { Err(Error::refused("catalog.restock_too_many").with("quantity", quantity)) } else { Ok(()) }
}

fn claims_of(owner: &Subject, state: ClaimState) -> Select<stock_claim::Entity> {
    stock_claim::Entity::find()
        .filter(stock_claim::Column::OwnerKind.eq(owner.kind.as_str()))
        .filter(stock_claim::Column::OwnerId.eq(owner.id.as_str()))
        .filter(stock_claim::Column::State.eq(state))
        .order_by_asc(stock_claim::Column::InventoryItemId)
        .order_by_asc(stock_claim::Column::Id)
}

/// Переводит занятое владельцем в другое состояние и отдаёт строки; вторые такие же вызовы получат пустой список.
async fn finish_claims(work: &mut Work, owner: &Subject, state: ClaimState) -> Result<Vec<stock_claim::Model>> {
    // Занятое этой же работой ещё могло не дойти до базы.
    work.settle().await?;
    let held = claims_of(owner, ClaimState::Held).lock_exclusive().all(work.db()).await?;
    if held.is_empty() {
        return Ok(held);
    }
    let changed = stock_claim::Entity::update_many()
        .col_expr(stock_claim::Column::State, Expr::value(state))
        .col_expr(stock_claim::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(stock_claim::Column::Id.is_in(held.iter().map(|claim| claim.id)))
        .filter(stock_claim::Column::State.eq(ClaimState::Held))
        .exec(work.db())
        .await?;
    match usize::try_from(changed.rows_affected) {
        Ok(count) if count == held.len() => Ok(held),
        _ => Err(errors::broken_stock("claims changed under a lock")),
    }
}

/// Поправляет одну позицию и отдаёт её новое состояние.
pub async fn adjust(
    work: &mut Work,
    item: i64,
    change: StockChange,
    kind: MovementKind,
    reason: &str,
) -> Result<inventory_item::Model> {
    adjust_many(work, &[(item, change)], kind, reason).await?;
    let found = inventory_item::Entity::find_by_id(item).one(work.db()).await?;
    found.or_not_found(errors::STOCK_ITEM_NOT_FOUND)
}

/// Поправляет много позиций (обмен с учётом). `kind` — приход или поправка; позиции без изменений журнал не пополняют.
pub async fn adjust_many(
    work: &mut Work,
    changes: &[(i64, StockChange)],
    kind: MovementKind,
    reason: &str,
) -> Result<()> {
    let wanted: BTreeMap<i64, StockChange> = changes.iter().copied().collect();
    let ids: Vec<i64> = wanted.keys().copied().collect();
    let mut moves = Vec::new();
    for ids in kernel::data::chunks(ids, 30) {
        let locked = inventory_item::Entity::find()
            .filter(Item::Id.is_in(ids.iter().copied()))
            .order_by_asc(Item::Id)
            .lock_exclusive()
            .all(work.db())
            .await?;
        if locked.len() != ids.len() {
            return Err(Error::not_found(errors::STOCK_ITEM_NOT_FOUND));
        }
        let mut deltas = Vec::new();
        for item in locked {
            let delta = delta_of(&item, wanted[&item.id])?;
            if delta != 0 {
                deltas.push((item.id, delta));
                moves.push(Movement { item: item.id, kind, on_hand: delta, reserved: 0 });
            }
        }
        for deltas in deltas.chunks(SHIFT_AT_ONCE) {
            shift_on_hand(work, deltas).await?;
        }
    }
    write_ledger(work, None, reason, moves).await
}

fn delta_of(item: &inventory_item::Model, change: StockChange) -> Result<i64> {
    match change {
        StockChange::By(delta) if item.on_hand + delta < 0 && delta < 0 => {
            Err(errors::not_enough_on_hand(item.on_hand))
        }
        StockChange::By(delta) => Ok(delta),
        StockChange::OnHand(target) => Ok(target - item.on_hand),
        StockChange::Available(target) => Ok(target + item.reserved - item.on_hand),
    }
}

/// Сдвигает уже запертые позиции одним UPDATE.
async fn shift_on_hand(work: &Work, deltas: &[(i64, i64)]) -> Result<()> {
    let mut delta = CaseStatement::new();
    for (item, by) in deltas {
        delta = delta.case(Expr::col(Item::Id).eq(*item), *by);
    }
    let on_hand = Expr::col(Item::OnHand).add(delta.finally(0i64));
    let shifted = inventory_item::Entity::update_many()
        .col_expr(Item::Available, not_below_zero(on_hand.clone().sub(Expr::col(Item::Reserved))))
        .col_expr(Item::OnHand, on_hand)
        .filter(Item::Id.is_in(deltas.iter().map(|(item, _)| *item)))
        .exec(work.db())
        .await?;
    if shifted.rows_affected == deltas.len() as u64 {
        return Ok(());
    }
    Err(errors::broken_stock("a locked item disappeared"))
}

fn expect_one(rows: u64, what: &str) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(errors::broken_stock(what)) }
}

fn not_below_zero(value: SimpleExpr) -> SimpleExpr {
    CaseStatement::new().case(value.clone().gt(0i64), value).finally(0i64).into()
}

/// Строка журнала до записи.
pub(crate) struct Movement {
    pub item: i64,
    pub kind: MovementKind,
    pub on_hand: i64,
    pub reserved: i64,
}

impl Movement {
    fn reserve(item: i64, quantity: i64) -> Movement {
        Movement { item, kind: MovementKind::Reserve, on_hand: 0, reserved: quantity }
    }

    fn release(item: i64, quantity: i64) -> Movement {
        Movement { item, kind: MovementKind::Release, on_hand: 0, reserved: -quantity }
    }

    fn sale(item: i64, quantity: i64) -> Movement {
        Movement { item, kind: MovementKind::Sale, on_hand: -quantity, reserved: -quantity }
    }
}

/// Пишет журнал и объявляет готовые ответы каталога устаревшими.
pub(crate) async fn write_ledger(
    work: &mut Work,
    owner: Option<&Subject>,
    reason: &str,
    moves: Vec<Movement>,
) -> Result<()> {
    if !moves.is_empty() {
        work.invalidate("catalog");
    }
    write_moves(work, owner, reason, moves).await
}

async fn write_moves(work: &mut Work, owner: Option<&Subject>, reason: &str, moves: Vec<Movement>) -> Result<()> {
    let (actor, now) = (work.actor().label(), work.timestamp());
    let row = |m: Movement| stock_movement::ActiveModel {
        id: NotSet,
        inventory_item_id: Set(m.item),
        kind: Set(m.kind),
        on_hand_delta: Set(m.on_hand),
        reserved_delta: Set(m.reserved),
        owner_kind: Set(owner.map(|owner| owner.kind.clone())),
        owner_id: Set(owner.map(|owner| owner.id.clone())),
        reason: Set(reason.to_owned()),
        actor: Set(actor.clone()),
        created_at: Set(now),
    };
    work.insert_later(moves.into_iter().map(row).collect()).await?;
    Ok(())
}
